"""Doing what an error code asks for: to the number, the sender or the gate."""

from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import update
from sqlalchemy.orm import Session

from outreach.people.consent import opt_out_number
from outreach.people.models import NumberStatus, PhoneNumber, Scope
from outreach.process import current
from outreach.texting.gates import ALL, close_gate
from outreach.texting.models import TextStatus
from outreach.texting.outbox import cancel_queued
from outreach.texting.pace import slow_down
from outreach.texting.reactions import Code, Reaction, reaction_to

log = structlog.get_logger()

SENDER_REST = timedelta(minutes=2)
BY_TWILIO = "twilio"


class Trouble(NamedTuple):
    """A text that Twilio or a carrier refused, and whom that is about."""

    number_id: int
    sender: str
    gate: str | None
    code: int | None


def react(session: Session, trouble: Trouble, now: datetime) -> None:
    """Do what the error code asks for (TWILIO.md 2.5)."""
    row = reaction_to(trouble.code)
    log.warning("text_refused", code=trouble.code, reaction=row.reaction, meaning=row.meaning)
    if row.reaction is Reaction.OPT:
        _opt_out(session, trouble, row, now)
    elif row.reaction is Reaction.BAD:
        _mark_bad(session, trouble, now)
    elif row.reaction is Reaction.SLOW:
        slow_down(session, trouble.sender, SENDER_REST, now)
    elif row.reaction is Reaction.HALT:
        close_gate(session, trouble.gate or ALL, BY_TWILIO, f"Twilio error {row.code}: {row.meaning}", now)


def _opt_out(session: Session, trouble: Trouble, row: Code, now: datetime) -> None:
    number = session.get_one(PhoneNumber, trouble.number_id, with_for_update=True)
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


def _mark_bad(session: Session, trouble: Trouble, now: datetime) -> None:
    session.execute(
        update(PhoneNumber)
        .where(PhoneNumber.id == trouble.number_id, PhoneNumber.status == NumberStatus.OK)
        .values(status=NumberStatus.BAD)
    )
    cancel_queued(session, trouble.number_id, TextStatus.SUPPRESSED, now)
