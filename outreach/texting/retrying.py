"""Sending a text again that Twilio took and that did not arrive: a text of its own, so that each keeps its history."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.texting.models import Direction, Text, TextStatus
from outreach.texting.outbox import GAP_IN_TURN
from outreach.texting.reactions import Code

log = structlog.get_logger()

# T-Mobile counts a day's texts from midnight to midnight there.
CAP_ZONE = ZoneInfo("America/Los_Angeles")
MIDNIGHT_TRIES = 2
FAILED_STATUSES = frozenset({TextStatus.FAILED, TextStatus.UNDELIVERED})
COPIED = (
    "direction",
    "number_id",
    "person_id",
    "sender",
    "body",
    "segments",
    "campaign_id",
    "conversation_id",
    "kind",
    "priority",
    "turn",
    "gate",
    "expires_at",
    "answers_at",
    "exempt_from_opt_out",
    "automated",
    "is_change",
    "despite_hold",
    "restricted",
)


def next_midnight(now: datetime) -> datetime:
    """Return when the carriers' daily caps begin anew: the coming 00:00 Pacific."""
    tomorrow = now.astimezone(CAP_ZONE).date() + timedelta(days=1)
    return datetime(tomorrow.year, tomorrow.month, tomorrow.day, tzinfo=CAP_ZONE)


def send_again(session: Session, text_id: int, row: Code, now: datetime) -> bool:
    """Put a failed text in the outbox once more, as its code allows; True when it is newly there.

    Not when it would come too late, or when something was written since that it would come after. Of each text there
    is one further try at most, however often its failure is told.
    """
    text = session.get_one(Text, text_id, populate_existing=True)
    due = _due(text, row, now) if text.status in FAILED_STATUSES else None
    if due is None or (text.expires_at is not None and due >= text.expires_at) or _has_newer(session, text):
        return False
    copy = {name: getattr(text, name) for name in COPIED}
    fresh = {
        "status": TextStatus.QUEUED,
        "created_at": now,
        "due_at": due,
        "retry_of": text.id,
        "tries": text.tries + 1,
    }
    added = insert(Text).values(**copy, **fresh).on_conflict_do_nothing()
    if session.execute(added.returning(Text.id)).first() is None:
        return False
    log.info("text_sent_again", text=text.id, code=row.code, tries=text.tries + 1)
    return True


def _due(text: Text, row: Code, now: datetime) -> datetime | None:
    later = GAP_IN_TURN * (text.place_in_turn or 0)
    if row.until_midnight:
        return next_midnight(now) + later if text.tries < MIDNIGHT_TRIES else None
    return now + row.waits[text.tries] + later if text.tries < len(row.waits) else None


def _has_newer(session: Session, text: Text) -> bool:
    """Tell whether anything was written to or from this number since, the rest of the same turn aside."""
    other: ColumnElement[bool] = true()
    if text.conversation_id is not None:
        other = or_(
            Text.direction == Direction.IN,
            Text.conversation_id.is_distinct_from(text.conversation_id),
            Text.turn.is_distinct_from(text.turn),
        )
    newer = select(Text.id).where(Text.number_id == text.number_id, Text.id > text.id, other)
    return session.scalar(newer.limit(1)) is not None


def take_back_retry(session: Session, text_id: int, now: datetime) -> None:
    """Cancel the second try of a text of which we hear that it arrived after all."""
    session.execute(
        update(Text)
        .where(Text.retry_of == text_id, Text.status == TextStatus.QUEUED)
        .values(status=TextStatus.CANCELED, final_at=now)
    )
