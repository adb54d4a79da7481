"""Claiming due texts: the last look at opt-outs, hours, expiry, gates and pace before anything leaves."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, exists, select, update
from sqlalchemy.orm import Session

from outreach.people.models import NumberStatus, Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.gates import ALL
from outreach.texting.hours import REPLY_WINDOW, Hours, closing, next_open, recipient_zones
from outreach.texting.models import Gate, SenderPace, Text, TextStatus
from outreach.texting.outbox import GAP_IN_TURN
from outreach.texting.pace import CLAIM_SECONDS, lock_paces

CLAIM_AT_MOST = 500
# Nobody is texted less than this before their hours close: the carrier needs some seconds too.
WALL_MARGIN = timedelta(seconds=60)
LONGEST_VALIDITY = timedelta(hours=10)


@dataclass(frozen=True, slots=True)
class Claim:
    """One text that is ours to hand to Twilio, until it is recorded or found out."""

    id: int
    number_id: int
    phone: str
    sender: str
    body: str
    gate: str | None
    campaign_id: int | None
    key: str
    attempt: int
    due_at: datetime
    claimed_at: datetime
    valid_seconds: int
    automated: bool
    exempt_from_opt_out: bool


def hours_of(settings: Settings) -> Hours:
    """Return the chapter's text hours."""
    return Hours(settings.text_hours, settings.text_hours_sunday, settings.org_timezone)


def claim_due(session: Session, settings: Settings, now: datetime) -> list[Claim]:
    """Claim what is due and allowed, at most some seconds of pace; what is not allowed any more is ended.

    Texts whose hours are closed are put off to when they open. The caller commits before it calls Twilio.
    """
    if session.scalar(select(Gate.closed_at).where(Gate.name == ALL)):
        return []
    paces = lock_paces(session, settings.senders, settings.sender_rate, now)
    if not paces:
        return []
    limit = min(CLAIM_AT_MOST, max(1, int(settings.sender_rate * CLAIM_SECONDS * len(paces))))
    rows = session.execute(_due(now, tuple(paces), limit)).all()
    hours = hours_of(settings)
    return [claim for row in rows if (claim := _claim_row(row, paces, hours, now))]


def _due(now: datetime, senders: Sequence[str], limit: int) -> Select[Text, PhoneNumber, str | None]:
    closed = exists().where(Gate.name == Text.gate, Gate.closed_at.is_not(None))
    stated = select(Person.timezone).where(Person.id == Text.person_id).scalar_subquery()
    return (
        select(Text, PhoneNumber, stated)
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .where(Text.status == TextStatus.QUEUED, Text.due_at <= now, Text.sender.in_(senders), ~closed)
        .order_by(Text.priority, Text.due_at, Text.id)
        .limit(limit)
        .with_for_update(of=Text, skip_locked=True)
    )


def _claim_row(
    row: tuple[Text, PhoneNumber, str | None],
    paces: dict[str, SenderPace],
    hours: Hours,
    now: datetime,
) -> Claim | None:
    text, number, stated = row
    ended = refusal(text, number, now)
    if ended:
        text.status, text.final_at = ended, now
        return None
    zones = recipient_zones(number.phone, stated, hours.zone)
    opening = next_open(now, hours, zones, WALL_MARGIN)
    if opening != now and not is_free_of_hours(text, now):
        _put_off(text, opening, now)
        return None
    pace = paces[text.sender or ""]
    if pace.tokens < 1:
        return None
    pace.tokens -= text.segments
    wall = closing(now, hours, zones) if opening == now else now
    return _claimed(text, number, _leave_by(text, wall, now), now)


def _leave_by(text: Text, wall: datetime | None, now: datetime) -> datetime:
    """Return by when the carrier must have handed a text over: no carrier may do so at night for us."""
    latest = now + LONGEST_VALIDITY
    if wall is not None:
        answered_by = text.answers_at + REPLY_WINDOW + WALL_MARGIN if text.answers_at else wall
        latest = min(latest, max(wall - WALL_MARGIN, answered_by if is_free_of_hours(text, now) else now))
    return min(latest, text.expires_at or latest)


def refusal(text: Text, number: PhoneNumber, now: datetime) -> TextStatus | None:
    """Return the status that ends a text which may not leave any more, or None when it may."""
    if text.expires_at is not None and text.expires_at <= now:
        return TextStatus.EXPIRED
    if text.exempt_from_opt_out:
        return None
    if number.texts_opted_out_at is not None or number.status != NumberStatus.OK:
        return TextStatus.SUPPRESSED
    if text.automated and number.automation_held_at is not None:
        return TextStatus.SUPPRESSED
    return None


def is_free_of_hours(text: Text, now: datetime) -> bool:
    """Tell whether a text may leave at any hour: it answers what came in within the hour."""
    return text.answers_at is not None and now - text.answers_at <= REPLY_WINDOW


def _put_off(text: Text, opening: datetime | None, now: datetime) -> None:
    if opening is None or (text.expires_at is not None and text.expires_at <= opening):
        text.status, text.final_at = TextStatus.EXPIRED, now
        return
    text.due_at = opening + GAP_IN_TURN * (text.place_in_turn or 0)


def _claimed(text: Text, number: PhoneNumber, leave_by: datetime, now: datetime) -> Claim:
    text.status, text.claim, text.claimed_at = TextStatus.SENDING, secrets.token_hex(16), now
    text.attempts += 1
    return Claim(
        id=text.id,
        number_id=number.id,
        phone=number.phone,
        sender=text.sender or "",
        body=text.body,
        gate=text.gate,
        campaign_id=text.campaign_id,
        key=text.claim,
        attempt=text.attempts,
        due_at=text.due_at or now,
        claimed_at=now,
        valid_seconds=max(1, int((leave_by - now).total_seconds())),
        automated=text.automated,
        exempt_from_opt_out=text.exempt_from_opt_out,
    )


def stopped_claims(session: Session, ids: Sequence[int]) -> dict[int, TextStatus]:
    """Return those of our claims that may not leave after all, with the status they get: the last check."""
    if session.scalar(select(Gate.closed_at).where(Gate.name == ALL)):
        return dict.fromkeys(ids, TextStatus.QUEUED)
    rows = session.execute(
        select(Text.id, Text.status, Gate.closed_at, PhoneNumber, Text)
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .outerjoin(Gate, Gate.name == Text.gate)
        .where(
            Text.id.in_(ids),
            (PhoneNumber.texts_opted_out_at.is_not(None))
            | (PhoneNumber.automation_held_at.is_not(None))
            | (PhoneNumber.status != NumberStatus.OK)
            | (Gate.closed_at.is_not(None)),
        )
    ).all()
    stopped = {}
    for text_id, _, closed_at, number, text in rows:
        ended = refusal(text, number, text.claimed_at or text.created_at)
        if ended or closed_at:
            stopped[text_id] = ended or TextStatus.QUEUED
    return stopped


def release(session: Session, claim: Claim, status: TextStatus, now: datetime) -> None:
    """Give back a claim that was never handed to Twilio: to the queue, or ended."""
    values: dict[str, Any] = {"status": status, "claim": None, "claimed_at": None, "attempts": Text.attempts - 1}
    if status != TextStatus.QUEUED:
        values["final_at"] = now
    session.execute(
        update(Text)
        .where(Text.id == claim.id, Text.claim == claim.key, Text.status == TextStatus.SENDING)
        .values(**values)
    )
