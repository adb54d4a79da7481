"""Calls to our number: nobody takes them there, so a text asks what it is about, or one of ours rings back."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from outreach.conversations.flow import LANGUAGES
from outreach.conversations.gathering import language_of
from outreach.conversations.house import house_text
from outreach.conversations.models import Conversation, ConversationState, TaskKind
from outreach.conversations.tasks import ToDo, add_task
from outreach.database import transaction
from outreach.people.models import NumberKind, NumberStatus, Person, PersonNumber, PhoneNumber, Reach, Standing
from outreach.people.numbers import lock_number, people_on
from outreach.settings import Settings
from outreach.texting.models import Direction, Kind, Text
from outreach.texting.outbox import Draft, put_in_outbox, sender_for

MISSED, SPOKEN = "missed_call", "spoken"
LOCK_TIMEOUT = "5s"
ONCE_IN = timedelta(days=7)
# A call of yesterday is no reason for a text any more.
EXPIRES = timedelta(hours=24)
RING_BACK_WITHIN = timedelta(hours=24)
BECAUSE = "called our number, where nobody takes calls: ring them back"


def take_call(settings: Settings, form: Mapping[str, str], now: datetime) -> None:
    """Answer a call to our number by text, once in a week; where that may not be, one of ours rings back.

    Numbers that we do not know, and callers who hide theirs, hear the spoken words alone: most of them are machines.
    """
    with transaction(LOCK_TIMEOUT) as session:
        known = select(PhoneNumber.id).where(PhoneNumber.phone == form.get("From", ""))
        if session.scalar(known) is None:
            return
        number = lock_number(session, form["From"], now)
        people = people_on(session, number.id)
        if _may_be_texted(session, settings, number, now):
            _text(session, settings, number, people, now)
        elif people and number.calls_opted_out_at is None:
            _ring_back(session, number, people, now)


def _may_be_texted(session: Session, settings: Settings, number: PhoneNumber, now: datetime) -> bool:
    silent = (number.texts_opted_out_at, number.automation_held_at, number.taken_at)
    return (
        not any(silent)
        and number.status == NumberStatus.OK
        and _is_mobile(session, number)
        # Their answer would be taken for one to the question that is open.
        and not _is_talking(session, number)
        and not _told_lately(session, settings, number, now)
    )


def _is_mobile(session: Session, number: PhoneNumber) -> bool:
    """Tell whether a number takes texts: it has sent us one, a list says so, or we text it anyway."""
    if number.last_inbound_at is not None or number.kind == NumberKind.MOBILE:
        return True
    listed = exists().where(
        PersonNumber.number_id == number.id,
        PersonNumber.kind == NumberKind.MOBILE,
        PersonNumber.retired_at.is_(None),
    )
    texted = exists().where(Standing.number_id == number.id, Standing.reach == Reach.TEXTABLE)
    return bool(session.scalar(select(listed | texted)))


def _is_talking(session: Session, number: PhoneNumber) -> bool:
    live = select(Conversation.id).where(
        Conversation.number_id == number.id, Conversation.state == ConversationState.LIVE
    )
    return session.scalar(live.limit(1)) is not None


def _told_lately(session: Session, settings: Settings, number: PhoneNumber, now: datetime) -> bool:
    told = select(Text.id).where(
        Text.number_id == number.id,
        Text.direction == Direction.OUT,
        Text.body.in_([house_text(MISSED, language, settings) for language in LANGUAGES]),
        Text.created_at > now - ONCE_IN,
    )
    return session.scalar(told.limit(1)) is not None


def _text(session: Session, settings: Settings, number: PhoneNumber, people: list[Person], now: datetime) -> None:
    person = people[0] if len(people) == 1 else None
    sender_for(session, number, settings.senders)
    body = house_text(MISSED, language_of(people[0] if people else None), settings)
    draft = Draft(body, Kind.TRANSACTIONAL, person_id=person.id if person else None, expires_at=now + EXPIRES)
    put_in_outbox(session, number, draft, now)
    # What they answer to this is no stranger's first text.
    number.greeted_at = now


def _ring_back(session: Session, number: PhoneNumber, people: list[Person], now: datetime) -> None:
    todo = ToDo(TaskKind.CALL, BECAUSE, now + RING_BACK_WITHIN, person_id=people[0].id, number_id=number.id)
    add_task(session, todo, now)


def spoken_words(settings: Settings) -> dict[str, str]:
    """Return what a caller hears, in each language."""
    return {language: house_text(SPOKEN, language, settings) for language in LANGUAGES}
