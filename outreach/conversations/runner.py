"""The runner: gives the engine facts, does what it asks, and writes down where the conversation stands."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from outreach.conversations.acting import ActContext
from outreach.conversations.acts import perform
from outreach.conversations.effects import Act, Effect, Finish, HandOff, Say, Wait
from outreach.conversations.engine import State, advance
from outreach.conversations.facts import Facts
from outreach.conversations.flow import Flow
from outreach.conversations.gathering import gather_facts, load_offered, offers
from outreach.conversations.knowing_people import with_person_facts
from outreach.conversations.models import Conversation, ConversationState
from outreach.conversations.seats import tell_promoted
from outreach.conversations.signals import Signal, Started
from outreach.conversations.tasks import ON_CALL
from outreach.conversations.versions import flow_of
from outreach.conversations.writing_down import Stand, write_end, write_wait
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.models import Kind, Text, TextStatus
from outreach.texting.outbox import Draft, put_in_outbox, values_of
from outreach.trainings.models import TrainingSession

ACTS_A_TURN = 8
OPTED_OUT = "opted_out"
# What an act says of the member's answer to the ask; a closed session says nothing.
ANSWERS = {
    "rsvp yes": "yes",
    "rsvp other": "yes",
    "rsvp next": "yes",
    "rsvp maybe": "maybe",
    "rsvp no": "no",
    "rsvp cancel": "no",
}
CLOSED = "closed"

# Built once, and read anew: what is written down below the ORM is newer than what a session remembers.
# Suspended ones first: ending the live one would only make them live.
_OPEN = (
    select(Conversation)
    .where(Conversation.number_id == bindparam("number_id"), Conversation.state != ConversationState.ENDED)
    .order_by(Conversation.state == ConversationState.LIVE, Conversation.id)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
_SUSPENDED = (
    select(Conversation)
    .where(Conversation.number_id == bindparam("number_id"), Conversation.state == ConversationState.SUSPENDED)
    .order_by(Conversation.id.desc())
    .limit(1)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


@dataclass
class Turn:
    """One turn of a conversation under way.

    `answering` is the text that it answers, if it answers one; `offered` are the conversation's sessions, if they are
    loaded. What an act changes of them is changed there too, for it locks them first.
    """

    session: Session
    settings: Settings
    conversation: Conversation
    person: Person
    number: PhoneNumber
    now: datetime
    shared: bool = False
    gate: str | None = None
    answering: Text | None = None
    opening_kind: Kind = Kind.BULK
    opening_expires_at: datetime | None = None
    opening_is_change: bool = False
    opening_due_at: datetime | None = None
    offered: Sequence[TrainingSession] | None = None
    handed_off: bool = field(default=False, init=False)
    next_flow: str = field(default="", init=False)
    _turn: int = field(default=0, init=False)
    _said: int = field(default=0, init=False)
    _started: bool = field(default=False, init=False)
    _asks: bool = field(default=True, init=False)
    _answer: str = field(default="", init=False)

    def take(self, signal: Signal) -> None:
        """Take one signal: advance until nothing more is to be done now."""
        conversation = self.conversation
        self._started = isinstance(signal, Started)
        self._turn = conversation.turn + 1
        flow = flow_of(self.session, conversation.flow_version_id)
        self._asks = flow.purpose == "ask"
        state = State(conversation.step, dict(conversation.memory))
        for _ in range(ACTS_A_TURN):
            move = advance(flow, state, self._facts(flow), signal, self.now)
            state = move.state
            if not move.unfinished:
                self._stand(state, move.effects)
                return
            for effect in move.effects:
                self._do(effect)
            signal = self._act(move.effects[-1], state)
        raise RuntimeError("a flow asked for too many acts in one turn")

    def _facts(self, flow: Flow) -> Facts:
        session, conversation = self.session, self.conversation
        if self.offered is None or not offers(conversation, self.offered):
            self.offered = load_offered(session, conversation.offer)
        facts = gather_facts(
            session, conversation, self.person, self.settings, self.now, shared=self.shared, offered=self.offered
        )
        return with_person_facts(session, flow, facts, self.person, self.number, self.settings, self.now)

    def _stand(self, state: State, effects: Sequence[Effect]) -> None:
        """Write down, once a turn, where the conversation now stands, what it waits for there and says last."""
        says = [effect for effect in effects if isinstance(effect, Say)]
        for effect in effects:
            if effect not in says[-1:]:
                self._do(effect)
        said = values_of(self.number, self._draft(says[-1]), self.now) if says else {}
        stand = Stand(self._turn, state.step, state.memory, self._answer or self.conversation.answer, said)
        finish = next((effect for effect in effects if isinstance(effect, Finish)), None)
        if finish is None:
            timers = next((effect.timers for effect in effects if isinstance(effect, Wait)), ())
            write_wait(self.session, self.conversation, stand, timers, self.now)
        else:
            end_conversation(self.session, self.conversation, finish.outcome, self.now, stand)

    def _act(self, effect: Effect, state: State) -> Signal:
        if not isinstance(effect, Act):
            raise TypeError("the engine waits for the result of something that is no act")
        organizer = str(self.conversation.offer.get("organizer") or ON_CALL)
        context = ActContext(
            session=self.session,
            settings=self.settings,
            conversation=self.conversation,
            person=self.person,
            number=self.number,
            text=self.answering,
            memory=dict(state.memory),
            organizer=organizer,
            now=self.now,
        )
        done = perform(effect, context)
        self.next_flow = done.next_flow or self.next_flow
        if effect.name in ANSWERS and done.result.name != CLOSED:
            self._answer = ANSWERS[effect.name]
        tell_promoted(self.session, self.settings, done.promoted, self.now)
        return done.result

    def _do(self, effect: Effect) -> None:
        if isinstance(effect, Say):
            self._say(effect)
        elif isinstance(effect, HandOff):
            self.handed_off = True
            if self.answering is not None:
                self.answering.status = TextStatus.NEEDS_PERSON

    def _say(self, say: Say) -> None:
        put_in_outbox(self.session, self.number, self._draft(say), self.now)

    def _draft(self, say: Say) -> Draft:
        asks, place = self.answering is None, self._said
        opening_ends = self.opening_expires_at if self._started else None
        ends = [moment for moment in (opening_ends, say.until) if moment is not None]
        self._said += 1
        return Draft(
            body=say.body,
            kind=self._kind(say),
            due_at=self.opening_due_at if self._started else None,
            expires_at=min(ends, default=None),
            person_id=self.person.id,
            campaign_id=self.conversation.campaign_id,
            conversation_id=self.conversation.id,
            turn=self._turn,
            place_in_turn=place,
            first_of_campaign=self._started and place == 0 and self.conversation.campaign_id is not None,
            gate=self.gate if asks else None,
            answers_at=self.answering.created_at if self.answering else None,
            is_change=self.opening_is_change and self._started,
        )

    def _kind(self, say: Say) -> Kind:
        if self.answering is not None:
            return Kind.REPLY
        if self._started:
            return self.opening_kind
        # Said because a timer was due: at text hours, and an ask unless it is about a session that they said yes to.
        return Kind.BULK if say.nudge or self._asks else Kind.TRANSACTIONAL


def end_conversation(
    session: Session, conversation: Conversation, outcome: str, now: datetime, stand: Stand | None = None
) -> None:
    """End a conversation; what it still has queued as answers leaves all the same, and a suspended one goes on."""
    was_live = conversation.state == ConversationState.LIVE
    others_wait = write_end(session, conversation, outcome, now, stand)
    if was_live and others_wait:
        _resume_suspended(session, conversation.number_id)


def _resume_suspended(session: Session, number_id: int) -> None:
    newest = session.scalar(_SUSPENDED, {"number_id": number_id})
    if newest is not None:
        newest.state = ConversationState.LIVE
        session.flush()


def end_all(session: Session, number_id: int, outcome: str, now: datetime) -> list[Conversation]:
    """End whatever goes on at a number; return what was ended."""
    ended = list(session.scalars(_OPEN, {"number_id": number_id}))
    for conversation in ended:
        end_conversation(session, conversation, outcome, now)
    return ended
