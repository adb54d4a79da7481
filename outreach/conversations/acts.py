"""Doing what the engine asks: RSVPs, needs, availability, snooze; each in the turn's transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from outreach.conversations.effects import Act
from outreach.conversations.signals import ActResult
from outreach.people.models import Person
from outreach.trainings.availability import note_availability
from outreach.trainings.models import RsvpStatus
from outreach.trainings.needs import note_need
from outreach.trainings.rsvps import LARGEST_PARTY, RsvpKind, RsvpResult, answer
from outreach.trainings.seats import lock_session


@dataclass(frozen=True, slots=True)
class ActContext:
    """Whom and what an act is about."""

    session: Session
    person: Person
    memory: dict[str, Any]
    organizer: str
    now: datetime


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: its result for the engine, and RSVPs that moved up because of it."""

    result: ActResult
    promoted: tuple[int, ...] = ()


def perform(act: Act, context: ActContext) -> Done:
    """Do one act and return what came of it."""
    return _ACTS[act.name](act, context)


def _say_yes(act: Act, context: ActContext) -> Done:
    # Sessions are locked in rising order, here as everywhere, so that two turns never wait for each other.
    for one in sorted({*act.sessions, *act.instead_of}):
        lock_session(context.session, one)
    answers = {one: _answer(context, one, RsvpStatus.YES) for one in sorted(act.sessions)}
    promoted = tuple(moved for each in answers.values() for moved in each.promoted)
    # Of several sessions only those are spoken of that it went the same way for.
    booked = [one for one, each in answers.items() if each.kind == RsvpKind.BOOKED]
    if booked:
        promoted += tuple(
            moved for one in act.instead_of for moved in _answer(context, one, RsvpStatus.CANCELLED).promoted
        )
        return Done(ActResult("booked", {"chosen": booked}), promoted)
    waiting = [one for one, each in answers.items() if each.kind == RsvpKind.WAITLISTED]
    if waiting:
        values = {"chosen": waiting, "position": answers[waiting[0]].position}
        return Done(ActResult("waitlisted", values), promoted)
    return Done(ActResult("closed"), promoted)


def _say_other(status: RsvpStatus) -> Callable[[Act, ActContext], Done]:
    def run(act: Act, context: ActContext) -> Done:
        answers = [_answer(context, one, status) for one in sorted(act.sessions)]
        closed = bool(answers) and all(each.kind == RsvpKind.CLOSED for each in answers)
        promoted = tuple(moved for each in answers for moved in each.promoted)
        return Done(ActResult("closed" if closed else "noted"), promoted)

    return run


def _answer(context: ActContext, session_id: int, status: RsvpStatus) -> RsvpResult:
    size = context.memory.get("party_size")
    party = min(int(size), LARGEST_PARTY) if size and status == RsvpStatus.YES else None
    return answer(context.session, context.person.id, session_id, status, party_size=party, now=context.now)


def _note_needs(act: Act, context: ActContext) -> Done:
    words = str(context.memory.get("need_words") or context.memory.get("words", ""))
    session_id = act.sessions[0] if act.sessions else None
    needs = [
        note_need(context.session, context.person.id, session_id, kind, words, context.now)
        for kind in context.memory.get("needs", ["other"])
    ]
    for need in needs:
        # The member is promised an answer, so somebody must owe it: else whoever launched the campaign.
        need.owner = need.owner or context.organizer
    return Done(ActResult("noted", {"deadline": min(need.due_at for need in needs).isoformat()}))


def _note_times(_act: Act, context: ActContext) -> Done:
    said = context.memory.get("availability") or {}
    note_availability(context.session, context.person.id, said, str(context.memory.get("words", "")), context.now)
    return Done(ActResult("noted"))


def _snooze(_act: Act, context: ActContext) -> Done:
    until = context.memory.get("until")
    if until:
        context.person.snoozed_until = date.fromisoformat(str(until)[:10])
    return Done(ActResult("noted"))


_ACTS: dict[str, Callable[[Act, ActContext], Done]] = {
    "rsvp yes": _say_yes,
    "rsvp other": _say_yes,
    "rsvp maybe": _say_other(RsvpStatus.MAYBE),
    "rsvp no": _say_other(RsvpStatus.NO),
    "note need": _note_needs,
    "note availability": _note_times,
    "snooze": _snooze,
}
