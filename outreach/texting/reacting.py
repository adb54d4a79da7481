"""Doing what an error code asks for: to the number, the sender or the gate."""

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from outreach.database import ROW
from outreach.people.consent import opt_out_number
from outreach.people.models import NumberStatus, PhoneNumber, Scope
from outreach.process import current
from outreach.texting.gates import ALL, BY_TWILIO, close_gate
from outreach.texting.models import Text, TextStatus
from outreach.texting.outbox import cancel_queued
from outreach.texting.pace import rest_campaigns, slow_down
from outreach.texting.reactions import CODES, NOT_SOFT, STRIKES, Code, Reaction, is_listed, reaction_to
from outreach.texting.retrying import FAILED_STATUSES, next_midnight, send_again

log = structlog.get_logger()

SENDER_REST = timedelta(minutes=2)
# When most of a day's cap is used, campaigns leave the rest to answers for a while at a time.
CAP_REST = timedelta(minutes=10)
STRIKE_DAYS = timedelta(days=30)
# One failure of a kind is chance, whatever share of a small campaign it is.
FAILURES_AT_LEAST = 2
BATCH_LENGTH = timedelta(hours=1)


class Trouble(NamedTuple):
    """A text that Twilio or a carrier refused, and whom that is about."""

    text_id: int
    number_id: int
    sender: str
    gate: str | None
    code: int | None


def react(session: Session, trouble: Trouble, now: datetime) -> None:
    """Do what the error code asks for (TWILIO.md 2.5); the text's row says already that it failed."""
    row = reaction_to(trouble.code)
    event = "text_refused" if is_listed(trouble.code) else "text_refused_with_unlisted_code"
    log.warning(event, code=trouble.code, reaction=row.reaction, meaning=row.meaning)
    if row.reaction is Reaction.OPT:
        _opt_out(session, trouble, row, now)
    elif row.reaction is Reaction.BAD:
        _mark_bad(session, trouble, row, now)
    elif row.reaction is Reaction.SLOW:
        _slow(session, trouble, row, now)
    elif row.reaction is Reaction.SOFT and _strikes(session, trouble, row, now) >= row.strikes:
        _mark_bad(session, trouble, row, now)
        return
    if _halts(session, trouble, row, now):
        close_gate(session, trouble.gate or ALL, BY_TWILIO, f"Twilio error {row.code}: {row.meaning}", now)
    send_again(session, trouble.text_id, row, now)


def _slow(session: Session, trouble: Trouble, row: Code, now: datetime) -> None:
    if row.until_midnight:
        rest_campaigns(session, next_midnight(now))
    elif row.waits:
        slow_down(session, trouble.sender, SENDER_REST, now)
    else:
        rest_campaigns(session, now + CAP_REST)


def _strikes(session: Session, trouble: Trouble, row: Code, now: datetime) -> int:
    """Count how often a number failed in passing within 30 days, since a text last arrived there."""
    arrived = select(func.coalesce(func.max(Text.id), 0)).where(
        Text.number_id == trouble.number_id, Text.status == TextStatus.DELIVERED
    )
    same = Text.error_code == row.code if row.strikes < STRIKES else Text.error_code.not_in(NOT_SOFT)
    failures = select(func.count()).where(
        Text.number_id == trouble.number_id,
        Text.id > arrived.scalar_subquery(),
        Text.final_at > now - STRIKE_DAYS,
        Text.status.in_(FAILED_STATUSES),
        same,
    )
    return session.scalar(failures) or 0


def _halts(session: Session, trouble: Trouble, row: Code, now: datetime) -> bool:
    """Tell whether a code stops its campaign: at once, or above a share of what came to an end within the hour.

    A campaign that is mended and resumed after that is counted anew.
    """
    if row.halts_above is None:
        return row.reaction is Reaction.HALT
    campaign_id = session.scalar(select(Text.campaign_id).where(Text.id == trouble.text_id))
    if campaign_id is None:
        return False
    ended = and_(Text.campaign_id == campaign_id, Text.first_of_campaign, Text.final_at > now - BATCH_LENGTH)
    failed = func.count().filter(Text.error_code == row.code)
    failures, texts = session.execute(select(failed, func.count()).where(ended)).one()
    return bool(failures >= FAILURES_AT_LEAST and failures > row.halts_above * texts)


def _opt_out(session: Session, trouble: Trouble, row: Code, now: datetime) -> None:
    number = session.get_one(PhoneNumber, trouble.number_id, with_for_update=ROW)
    if number.texts_opted_out_at is None:
        opt_out_number(
            session,
            number,
            scope=Scope.TEXTS,
            source=BY_TWILIO,
            rule=f"error {row.code}",
            raw_text=None,
            now=now,
            key=current().settings.suppression_key.get_secret_value(),
        )
    cancel_queued(session, number.id, TextStatus.SUPPRESSED, now)


def _mark_bad(session: Session, trouble: Trouble, row: Code, now: datetime) -> None:
    session.execute(
        update(PhoneNumber)
        .where(PhoneNumber.id == trouble.number_id, PhoneNumber.status == NumberStatus.OK)
        .values(status=NumberStatus.BAD if row.rings else NumberStatus.INVALID)
    )
    cancel_queued(session, trouble.number_id, TextStatus.SUPPRESSED, now)


def unlisted_codes(session: Session, since: datetime) -> list[tuple[int, int]]:
    """Return the error codes met since then that the table does not list, each with how many texts met it."""
    codes = (
        select(Text.error_code, func.count())
        .where(Text.final_at > since, Text.error_code.not_in(row.code for row in CODES))
        .group_by(Text.error_code)
        .order_by(Text.error_code)
    )
    return [(code, texts) for code, texts in session.execute(codes) if code is not None]
