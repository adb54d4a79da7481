"""Texts of one member that came to us in another order than they were written: webhooks keep none.

What was overtaken changes nothing by itself any more, an opt-out or a sensitive matter aside: a person reads it.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from outreach.conversations.keywords import is_start
from outreach.conversations.opting_out import opt_out
from outreach.conversations.reading_words import OVERTAKEN
from outreach.conversations.runner import OPTED_OUT, end_all
from outreach.database import transaction
from outreach.people.models import PhoneNumber
from outreach.people.numbers import lock_numbers
from outreach.settings import Settings
from outreach.texting.models import Direction, Text, TextStatus

log = structlog.get_logger()

A_SECOND = timedelta(seconds=1)
RULE = "their last wish, which came in before an older text"


class Listed(NamedTuple):
    """One inbound text as Twilio lists it: its id, whose it is, and when it was written (whole seconds)."""

    sid: str
    phone: str
    written_at: datetime


class Overtaken(NamedTuple):
    """A text that came in after some that were written later; by their ids with us, the last written first."""

    text_id: int
    by: tuple[int, ...]


def heard_since(session: Session, text: Text) -> bool:
    """Tell whether another text of this number came in after this one."""
    return _any(session, text, _came_in(text.created_at))


def spoken_since(session: Session, text: Text) -> bool:
    """Tell whether anything came in from this number, or left for it, after this text was written.

    When it was written is known from Twilio, in whole seconds.
    """
    then = text.created_at + A_SECOND
    # What we hear of late has left when it was claimed.
    left = Text.sent_at.is_not(None) & (func.coalesce(Text.claimed_at, Text.sent_at) > then)
    return _any(session, text, _came_in(then) | left)


def _came_in(after: datetime) -> ColumnElement[bool]:
    return (Text.direction == Direction.IN) & (Text.created_at > after)


def _any(session: Session, text: Text, which: ColumnElement[bool]) -> bool:
    others = select(Text.id).where(Text.number_id == text.number_id, Text.id != text.id, which)
    return session.scalar(others.limit(1)) is not None


def give_to_a_person(text: Text) -> None:
    """Let a person read a text that was overtaken, and say so beside what was understood of it."""
    text.status, text.reading = TextStatus.NEEDS_PERSON, {**(text.reading or {}), OVERTAKEN: True}


def put_right(
    settings: Settings, listed: Sequence[Listed], ids: Mapping[str, int], since: datetime, now: datetime
) -> int:
    """Give texts that were overtaken on their way to a person, and heed an opt-out that they undid; return how many.

    Of those that came in since the last look (`since`): the others were put right then.
    """
    found = 0
    for overtaken in find_overtaken(listed, ids):
        with transaction() as session:
            found += _put_right(session, settings, overtaken, since, now)
    if found:
        log.warning("texts_out_of_order", count=found)
    return found


def find_overtaken(listed: Sequence[Listed], ids: Mapping[str, int]) -> Iterator[Overtaken]:
    """Yield the texts that have a higher id with us than one which the same phone wrote later.

    Twilio tells whole seconds: of two in one second nobody knows which came first, and they stay as they came.
    """
    known = sorted((each for each in listed if each.sid in ids), key=lambda each: (each.phone, each.written_at))
    for _, texts in groupby(known, key=lambda each: each.phone):
        later = list[int]()
        for _, together in groupby(reversed(list(texts)), key=lambda each: each.written_at):
            here = [ids[each.sid] for each in together]
            found = [Overtaken(one, tuple(each for each in later if each < one)) for one in here]
            yield from (one for one in found if one.by)
            later += here


def _put_right(session: Session, settings: Settings, overtaken: Overtaken, since: datetime, now: datetime) -> bool:
    number_id = session.scalar(select(Text.number_id).where(Text.id == overtaken.text_id))
    lock_numbers(session, [number_id] if number_id else [])
    text, *later = (session.get_one(Text, one) for one in (overtaken.text_id, *overtaken.by))
    # One that was found late counts as written when it was, and was known to be overtaken.
    if text.created_at <= max(since, *(each.created_at for each in later)):
        return False
    give_to_a_person(text)
    number = session.get_one(PhoneNumber, text.number_id, populate_existing=True)
    wish = next((each for each in later if _stops(each) or is_start(each.body, each.opt_out_type)), None)
    if wish is not None and _stops(wish) and number.texts_opted_out_at is None:
        opt_out(session, settings, number, "" if wish.restricted else wish.body, RULE, now)
        end_all(session, number.id, OPTED_OUT, now)
    return True


def _stops(text: Text) -> bool:
    return bool((text.reading or {}).get("opt_out")) or text.opt_out_type == "STOP"
