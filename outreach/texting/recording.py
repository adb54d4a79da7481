"""Recording what became of texts that were handed to Twilio, each by compare-and-set on its claim."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import ARRAY, Column, bindparam, func, select, update
from sqlalchemy.orm import Session

from outreach.people.numbers import lock_numbers
from outreach.settings import Settings
from outreach.texting.claims import Claim
from outreach.texting.models import FINAL_STATUSES, Text, TextStatus
from outreach.texting.pace import slow_down
from outreach.texting.provider_ids import tie_sids
from outreach.texting.reacting import Trouble, react
from outreach.texting.reactions import Reaction, concerns_number, reaction_to
from outreach.texting.spending import note_spent
from outreach.texting.twilio import Outcome, Result

log = structlog.get_logger()

FIRST_BACKOFF = timedelta(milliseconds=100)
LONGEST_BACKOFF = timedelta(seconds=30)
TWILIO_REST = timedelta(seconds=1)

_TEXTS = Text.__table__.c
# What became of each: a list for every column, in the same order.
_BECAME = {
    "text_id": _TEXTS.id,
    "key": _TEXTS.claim,
    "new_status": _TEXTS.status,
    "code": _TEXTS.error_code,
    "due": _TEXTS.due_at,
    "settle": _TEXTS.settle_at,
    "sent": _TEXTS.sent_at,
    "final": _TEXTS.final_at,
}
_NEW = (
    func.unnest(*(bindparam(name, type_=ARRAY(column.type)) for name, column in _BECAME.items()))
    .table_valued(*(Column(name, column.type) for name, column in _BECAME.items()))
    .render_derived("new")
)
_OURS = (
    select(*_NEW.c)
    .join(Text.__table__, (_TEXTS.id == _NEW.c.text_id) & (_TEXTS.claim == _NEW.c.key))
    .where(_TEXTS.status == TextStatus.SENDING)
    .order_by(_TEXTS.id)
    .with_for_update(key_share=True, of=Text.__table__)
    .cte("ours")
)
_COMPARE_AND_SET = (
    update(Text.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .where(_TEXTS.id == _OURS.c.text_id)
    .values({column.name: _OURS.c[name] for name, column in _BECAME.items() if name not in {"text_id", "key"}})
)


class Sent(NamedTuple):
    """A claim and what its call came to."""

    claim: Claim
    outcome: Outcome


def record(session: Session, sent: Sequence[Sent], settings: Settings, now: datetime) -> None:
    """Record outcomes in one statement, with Twilio's ids, and react to error codes.

    A row that a status callback has moved on already is left as it is; its id is stored all the same.
    """
    lock_numbers(session, {one.claim.number_id for one in sent if _concerns_number(one.outcome)})
    # Texts by id, then Twilio's ids in order, as `delivery` takes them: else the two could wait for each other.
    rows = [_row(one, settings, now) for one in sent]
    session.execute(_COMPARE_AND_SET, {name: [row[name] for row in rows] for name in _BECAME})
    tie_sids(session, {one.outcome.sid: one.claim.id for one in sent if one.outcome.sid})
    for one in sent:
        _react(session, one, now)
    free = sum(one.claim.segments for one in sent if one.outcome.result in {Result.REFUSED, Result.NOT_PROCESSED})
    note_spent(session, settings, -free, now)


def _concerns_number(outcome: Outcome) -> bool:
    return outcome.result is Result.REFUSED and concerns_number(outcome.code)


def _row(one: Sent, settings: Settings, now: datetime) -> dict[str, Any]:
    status = _status(one.outcome)
    backoff = now + _backoff(one) if status == TextStatus.QUEUED else one.claim.due_at
    return {
        "text_id": one.claim.id,
        "key": one.claim.key,
        "new_status": status,
        "code": one.outcome.code,
        "due": backoff,
        "settle": now + timedelta(seconds=settings.settle_after) if status == TextStatus.UNKNOWN else None,
        "sent": now if status == TextStatus.SENT else None,
        "final": now if status in FINAL_STATUSES else None,
    }


def _status(outcome: Outcome) -> TextStatus:
    if outcome.result is Result.ACCEPTED:
        return TextStatus.SENT
    if outcome.result is Result.UNKNOWN:
        return TextStatus.UNKNOWN
    if outcome.result is Result.NOT_PROCESSED:
        return TextStatus.QUEUED
    reaction = reaction_to(outcome.code).reaction
    if reaction in {Reaction.SLOW, Reaction.HALT}:
        return TextStatus.QUEUED
    if reaction is Reaction.AMB:
        return TextStatus.UNKNOWN
    return TextStatus.SUPPRESSED if reaction is Reaction.OPT else TextStatus.FAILED


def _backoff(one: Sent) -> timedelta:
    doublings: int = 2 ** min(one.claim.attempt, 10)
    return min(LONGEST_BACKOFF, FIRST_BACKOFF * doublings) * random.uniform(0.9, 1.1)  # noqa: S311 - no secret


def _react(session: Session, one: Sent, now: datetime) -> None:
    if one.outcome.result is Result.NOT_PROCESSED:
        slow_down(session, one.claim.sender, TWILIO_REST, now)
    if one.outcome.result is Result.REFUSED:
        trouble = Trouble(one.claim.id, one.claim.number_id, one.claim.sender, one.claim.gate, one.outcome.code)
        react(session, trouble, now)
