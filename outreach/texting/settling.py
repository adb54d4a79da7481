"""Finding out what became of claims without an outcome, before anything is sent again (law 4)."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach import clock
from outreach.database import transaction
from outreach.people.models import PhoneNumber
from outreach.people.numbers import lock_numbers
from outreach.settings import Settings
from outreach.texting.delivery import advance_status
from outreach.texting.models import Text, TextStatus
from outreach.texting.provider_ids import owners_of, tie_sids
from outreach.texting.twilio import UNREADABLE, Found, find_texts

log = structlog.get_logger()

SETTLE = "outreach.texting.jobs.settle"
# The drainer calls at most 10 s after claiming and a call lasts at most 20 s: until then a call may be under way.
IN_FLIGHT = timedelta(seconds=32)
# Answers to members wait behind a batch, so it is small.
BATCH = 20
# One after the other they would keep a worker from its answers for seconds, and a crash's claims waiting for a minute.
LOOKS_AT_ONCE = 5
LOOK_AGAIN = timedelta(seconds=30)
# Each try that Twilio turned away counts too, so that a quarter of an hour of them must not use them up.
ATTEMPTS_AT_MOST = 40


class Unknown(NamedTuple):
    """A text of which we do not know whether Twilio took it."""

    id: int
    number_id: int
    phone: str
    body: str
    claimed_at: datetime


def mark_unknown(session: Session, settings: Settings, now: datetime) -> int:
    """Mark claims whose drainer was lost as unknown; return how many."""
    wait = max(IN_FLIGHT, timedelta(seconds=settings.settle_after))
    old = select(Text.id).where(Text.status == TextStatus.SENDING, Text.claimed_at < now - IN_FLIGHT)
    lost = (
        update(Text)
        .where(Text.id.in_(old.order_by(Text.id).with_for_update(key_share=True)))
        .values(status=TextStatus.UNKNOWN, settle_at=Text.claimed_at + wait)
    )
    return len(session.execute(lost.returning(Text.id)).all())


def settle(settings: Settings, client: Client) -> int:
    """Look up a batch of unknown texts at Twilio, several at once; return how many were looked up."""
    with transaction() as session:
        mark_unknown(session, settings, clock.now())
        unknown = _take_batch(session, clock.now())
    settled = 0
    with ThreadPoolExecutor(LOOKS_AT_ONCE) as pool:
        looks = [(one, pool.submit(_look_up, client, one)) for one in unknown]
        for one, look in looks:
            found = look.result()
            if found is None:
                continue
            with transaction() as session:
                _settle_one(session, one, found, clock.now())
            settled += 1
    return settled


def _look_up(client: Client, one: Unknown) -> list[Found] | None:
    """Return what Twilio has of a text; None when it does not answer: then nothing is proved."""
    try:
        return find_texts(client, one.phone, one.body, one.claimed_at - clock.offset())
    except UNREADABLE as error:
        log.warning("settling_put_off", text=one.id, error=type(error).__name__)
        return None


def _take_batch(session: Session, now: datetime) -> list[Unknown]:
    """Take unknown texts that are old enough, and keep others from them until we had time to look."""
    rows = session.execute(
        select(Text, PhoneNumber.phone)
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .where(Text.status == TextStatus.UNKNOWN, Text.settle_at <= now)
        .order_by(Text.settle_at)
        .limit(BATCH)
        .with_for_update(key_share=True, of=Text, skip_locked=True)
    ).all()
    for text, _ in rows:
        text.settle_at = now + LOOK_AGAIN
    return [
        Unknown(text.id, text.number_id, phone, text.body, text.claimed_at or text.created_at) for text, phone in rows
    ]


def _settle_one(session: Session, one: Unknown, found: Sequence[Found], now: datetime) -> None:
    lock_numbers(session, [one.number_id])
    row = session.scalar(
        select(Text).where(Text.id == one.id, Text.status == TextStatus.UNKNOWN).with_for_update(key_share=True)
    )
    if row is None:
        return
    match = _ours(session, one, found)
    if match is None:
        _requeue(row, now)
        return
    log.info("settled_found", text=row.id)
    advance_status(session, row, match.status, match.code, now)


def _ours(session: Session, one: Unknown, found: Sequence[Found]) -> Found | None:
    """Return the listed text that is this one: known by its id, else one that belongs to no other text.

    It is tied to the text at once: of two that read alike, settled at the same moment, one alone may have it.
    """
    owners = owners_of(session, [each.sid for each in found])
    known = [each for each in found if owners.get(each.sid) == one.id]
    unclaimed = [each for each in found if each.sid not in owners]
    ties = (each for each in unclaimed if tie_sids(session, {each.sid: one.id})[each.sid] == one.id)
    return next(iter(known), None) or next(ties, None)


def _requeue(row: Text, now: datetime) -> None:
    """Put a text that Twilio provably never took back in the queue; after many tries it fails for a person to see."""
    log.info("settled_absent", text=row.id)
    row.claim = row.claimed_at = row.settle_at = None
    if row.attempts >= ATTEMPTS_AT_MOST:
        row.status, row.final_at = TextStatus.FAILED, now
        return
    row.status, row.due_at = TextStatus.QUEUED, now
