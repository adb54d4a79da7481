"""Starting a conversation with somebody, or saying why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from outreach.conversations.acts_of_flows import HANDED_ON
from outreach.conversations.enrolling import leave_out
from outreach.conversations.gaps import NotStartedError, check_gap
from outreach.conversations.models import BOT, Conversation, ConversationState
from outreach.conversations.runner import Turn, end_all, end_conversation
from outreach.conversations.signals import Started
from outreach.conversations.turn_loading import live_conversation
from outreach.conversations.verifying import check_verified
from outreach.conversations.versions import newest_version_id
from outreach.people.models import NumberStatus, Person, PersonNumber, PhoneNumber
from outreach.people.numbers import people_on
from outreach.settings import Settings
from outreach.texting.models import Kind, Text
from outreach.texting.outbox import sender_for
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession

SUPERSEDED = "superseded"
# What they told one flow, the one that follows need not ask again.
REMEMBERED = ("words", "chosen", "needs", "need_words", "party_size")
# Built once, for every invitation asks this.
_ANSWERED = select(Rsvp.session_id).where(
    Rsvp.person_id == bindparam("person_id"),
    Rsvp.session_id.in_(bindparam("sessions", expanding=True)),
    Rsvp.status != RsvpStatus.MAYBE,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a conversation begins with: its flow, what is offered, and for which campaign.

    `answering` is the text that it answers, for whoever wrote first; `memory` what is known from there. Whoever starts
    many with the same offer gives its sessions as they were `loaded` in the same transaction.
    """

    flow: str
    offer: dict[str, Any]
    campaign_id: int | None = None
    gate: str | None = None
    kind: Kind = Kind.BULK
    expires_at: datetime | None = None
    is_change: bool = False
    due_at: datetime | None = None
    answering: Text | None = None
    memory: Mapping[str, Any] = field(default_factory=dict)
    loaded: Sequence[TrainingSession] | None = None


def start_conversation(  # noqa: PLR0913, PLR0917 - one turn has these parts
    session: Session, settings: Settings, person: Person, number: PhoneNumber, opening: Opening, now: datetime
) -> Conversation:
    """Start a flow with a person on a locked number. Raises NotStartedError.

    An older conversation gives way to the same flow, and waits for what is not bulk to end; one that a person has
    taken over does not give way.
    """
    _check_textable(session, person, number, opening)
    _check_awake(person, opening, now.astimezone(settings.zone).date())
    version_id = newest_version_id(session, opening.flow)
    if version_id is None:
        raise NotStartedError("no_such_flow")
    if opening.kind is Kind.BULK:
        check_gap(session, settings, number, now)
        check_verified(session, person, number, now)
    offer = _unanswered(session, person, opening)
    _make_room(session, number, opening, now)
    sender_for(session, number, settings.senders)
    conversation = Conversation(
        number_id=number.id,
        person_id=person.id,
        flow_version_id=version_id,
        flow=opening.flow,
        campaign_id=opening.campaign_id,
        state=ConversationState.LIVE,
        owner=BOT,
        step="",
        turn=0,
        memory=_begun_with(opening),
        offer=offer,
        started_at=now,
    )
    session.add(conversation)
    session.flush()
    shared = len(people_on(session, number.id)) > 1
    turn = Turn(
        session=session,
        settings=settings,
        conversation=conversation,
        person=person,
        number=number,
        now=now,
        shared=shared,
        gate=opening.gate,
        opening_kind=opening.kind,
        opening_expires_at=opening.expires_at,
        opening_is_change=opening.is_change,
        opening_due_at=opening.due_at,
        answering=opening.answering,
        offered=opening.loaded and [each for each in opening.loaded if each.id in offer.get("sessions", ())],
    )
    turn.take(Started())
    follow_on(turn)
    return conversation


def _begun_with(opening: Opening) -> dict[str, Any]:
    """Return what is known from the beginning: a flow about one session speaks of it, be it past or cancelled."""
    known = {"deadline": opening.offer["deadline"]} if "deadline" in opening.offer else {}
    if "about" in opening.offer:
        known["chosen"] = [opening.offer["about"]]
    return {**known, **opening.memory}


def follow_on(turn: Turn) -> None:
    """Start the flow that the one that has just ended leads to; who cannot start it is noted with the reason."""
    if not turn.next_flow or turn.conversation.state != ConversationState.ENDED:
        return
    offer = {key: value for key, value in turn.conversation.offer.items() if key in HANDED_ON}
    memory = _handed_on(turn)
    kind = Kind.REPLY if turn.answering else turn.opening_kind
    opening = Opening(turn.next_flow, offer, kind=kind, gate=turn.gate, answering=turn.answering, memory=memory)
    try:
        with turn.session.begin_nested():
            start_conversation(turn.session, turn.settings, turn.person, turn.number, opening, turn.now)
    except NotStartedError as error:
        key = f"conversation:{turn.conversation.id}"
        leave_out(turn.session, turn.person.id, turn.next_flow, key, error.because, turn.now)


def _handed_on(turn: Turn) -> dict[str, Any]:
    """Return what the next flow knows from this one; times only from the text that it answers: earlier ones are old."""
    memory = turn.conversation.memory
    known = {key: memory[key] for key in REMEMBERED if key in memory}
    said = turn.answering.reading or {} if turn.answering else {}
    return {**known, "availability": said["availability"]} if said.get("availability") else known


def _unanswered(session: Session, person: Person, opening: Opening) -> dict[str, Any]:
    """Return the offer without the sessions that this person has answered already: nobody is asked the same twice."""
    sessions = opening.offer.get("sessions")
    if opening.kind is not Kind.BULK or not sessions or "about" in opening.offer:
        return opening.offer
    answered = set(session.scalars(_ANSWERED, {"person_id": person.id, "sessions": sessions}))
    left = [one for one in sessions if one not in answered]
    if not left:
        raise NotStartedError("already_answered")
    return {**opening.offer, "sessions": left}


def _check_textable(session: Session, person: Person, number: PhoneNumber, opening: Opening) -> None:
    """Look once more at what may have changed since the recipients were fixed."""
    link = session.get(PersonNumber, (person.id, number.id), populate_existing=True)
    reasons = {
        "opted_out": number.texts_opted_out_at is not None,
        # Whoever wrote first is answered.
        "no_consent": number.consented_at is None and opening.answering is None,
        "bad_number": number.status != NumberStatus.OK,
        "wrong_number": link is None or link.retired_at is not None,
        "held": number.automation_held_at is not None or person.held_because is not None,
        "under_18": person.under_18,
        "deceased": person.deceased,
        "with_a_person": number.taken_at is not None,
        "merged": person.merged_into_id is not None,
    }
    for because, holds in reasons.items():
        if holds:
            raise NotStartedError(because)


def _check_awake(person: Person, opening: Opening, today: date) -> None:
    """Who asked not to be asked until a day is still reminded of what they said yes to."""
    if opening.kind is Kind.BULK and person.snoozed_until is not None and person.snoozed_until > today:
        raise NotStartedError("snoozed")


def _make_room(session: Session, number: PhoneNumber, opening: Opening, now: datetime) -> None:
    live = live_conversation(session, number.id)
    if live is not None and live.owner != BOT:
        raise NotStartedError("with_a_person")
    if opening.kind is Kind.BULK:
        end_all(session, number.id, SUPERSEDED, now)
        return
    if live is not None and live.flow == opening.flow:
        # What waited for the older one to end is live again, and waits for this one now.
        end_conversation(session, live, SUPERSEDED, now)
        live = live_conversation(session, number.id)
    if live is not None:
        live.state = ConversationState.SUSPENDED
        session.flush()
