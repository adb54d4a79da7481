"""Status callbacks: stored as they come, applied in batches, only ever forward (TWILIO.md 2.3)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

import structlog
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from outreach.people.numbers import lock_numbers
from outreach.texting.models import DeliveryEvent, Direction, Text, TextStatus
from outreach.texting.provider_ids import owners_of, tie_sids
from outreach.texting.reacting import Trouble, react
from outreach.texting.reactions import concerns_number
from outreach.texting.retrying import FAILED_STATUSES, take_back_retry

log = structlog.get_logger()

APPLY = "outreach.texting.jobs.apply_deliveries"
BATCH = 500
LONGEST_STATUS = 16
LARGEST_ID = 2**63 - 1
# Built once, and below the ORM: every text gets three callbacks.
_STORE = insert(DeliveryEvent.__table__)  # type: ignore[arg-type] # a mapped class's table is one

STATUS_OF = {
    "accepted": TextStatus.SENT,
    "scheduled": TextStatus.SENT,
    "queued": TextStatus.SENT,
    "sending": TextStatus.SENT,
    "sent": TextStatus.SENT,
    "delivered": TextStatus.DELIVERED,
    "read": TextStatus.DELIVERED,
    "undelivered": TextStatus.UNDELIVERED,
    "failed": TextStatus.FAILED,
    # By somebody at Twilio's console; what we cancel ourselves never gets there.
    "canceled": TextStatus.FAILED,
}

# How far a text is. A callback proves that Twilio took it, whatever we believed of it before.
RANK = {
    TextStatus.QUEUED: 0,
    TextStatus.SENDING: 0,
    TextStatus.UNKNOWN: 0,
    TextStatus.SUPPRESSED: 0,
    TextStatus.EXPIRED: 0,
    TextStatus.CANCELED: 0,
    TextStatus.SENT: 1,
    TextStatus.FAILED: 2,
    TextStatus.UNDELIVERED: 2,
    TextStatus.DELIVERED: 3,
}


def store_event(session: Session, text_id: str, form: Mapping[str, str], now: datetime) -> None:
    """Store one status callback as it came, in one small statement."""
    code = form.get("ErrorCode", "")
    event = {
        "text_id": int(text_id) if text_id.isdecimal() and int(text_id) <= LARGEST_ID else None,
        "sid": form.get("MessageSid", "")[:64],
        "status": form.get("MessageStatus", "")[:LONGEST_STATUS],
        "error_code": int(code) if code.isdecimal() and len(code) < 10 else None,
        "received_at": now,
    }
    session.execute(_STORE, event)


def apply_events(session: Session, now: datetime) -> int:
    """Apply a batch of stored callbacks; return how many were taken."""
    events = session.scalars(
        select(DeliveryEvent)
        .where(DeliveryEvent.applied_at.is_(None))
        .order_by(DeliveryEvent.id)
        .limit(BATCH)
        .with_for_update(key_share=True, skip_locked=True)
    ).all()
    if not events:
        return 0
    owners = owners_of(session, {event.sid for event in events})
    ids = {event.text_id for event in events if event.text_id} | set(owners.values())
    failed = {event.text_id or owners.get(event.sid, 0) for event in events if _concerns_number(event)}
    if failed:
        lock_numbers(session, select(Text.number_id).where(Text.id.in_(failed)))
    texts = _lock_texts(session, ids)
    owners |= tie_sids(session, _new_sids(events, texts, owners))
    for event in events:
        owner = owners.get(event.sid)
        if owner in texts and event.text_id in {owner, None}:
            advance_status(session, texts[owner], event.status, event.error_code, event.received_at)
    session.execute(
        update(DeliveryEvent).where(DeliveryEvent.id.in_([event.id for event in events])).values(applied_at=now)
    )
    return len(events)


def _concerns_number(event: DeliveryEvent) -> bool:
    return STATUS_OF.get(event.status) in FAILED_STATUSES and concerns_number(event.error_code)


def _lock_texts(session: Session, ids: Collection[int]) -> dict[int, Text]:
    # By their ids alone: asked for those of certain provider ids besides, PostgreSQL reads the whole table.
    rows = session.scalars(
        select(Text)
        .where(Text.id.in_(ids), Text.direction == Direction.OUT)
        .order_by(Text.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    return {row.id: row for row in rows}


def _new_sids(events: Sequence[DeliveryEvent], texts: Mapping[int, Text], owners: Mapping[str, int]) -> dict[str, int]:
    """Return Twilio's ids that we hear of for the first time, each with the text that its callback names."""
    new: dict[str, int] = {}
    for event in events:
        row = texts.get(event.text_id or 0)
        if row is not None and event.sid and event.sid not in owners:
            new.setdefault(event.sid, row.id)
    return new


def advance_status(session: Session, row: Text, word: str, code: int | None, now: datetime) -> None:
    """Move a text forward to what Twilio says of it; never back. Reacts to an error code once."""
    status = STATUS_OF.get(word)
    if status is None:
        log.warning("status_unknown", text=row.id)
        return
    if RANK[status] <= RANK[row.status]:
        return
    if row.status in FAILED_STATUSES:
        take_back_retry(session, row.id, now)
    row.status, row.error_code = status, None
    row.sent_at = row.sent_at or now
    row.final_at = None if status == TextStatus.SENT else now
    if status in FAILED_STATUSES and code:
        row.error_code = code
        session.flush()
        react(session, Trouble(row.id, row.number_id, row.sender or "", row.gate, code), now)
