"""Loading what a turn needs to know, in as few statements as it takes.

The statements are built once: SQLAlchemy needs more time to build one than to run it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, cast, func, select, true
from sqlalchemy.orm import Session, aliased, contains_eager

from outreach.conversations.gathering import IN_TIME, OF_SESSIONS, TITLES
from outreach.conversations.models import Conversation, ConversationState
from outreach.people.models import Person, PersonNumber
from outreach.people.numbers import COUNTS, FOR_ANSWERS, IS_REACHED
from outreach.trainings.models import TrainingSession

_LIVE = (
    select(Conversation)
    .where(Conversation.number_id == bindparam("number_id"), Conversation.state == ConversationState.LIVE)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
# All that a turn begins with, in one statement: a row for each person and session, the conversation on every one.
_FOUND = aliased(Conversation, _LIVE.cte("live"))
_OFFERED = func.jsonb_array_elements_text(_FOUND.offer["sessions"]).table_valued("id").render_derived("offered")
_SCENE = (
    select(_FOUND, Person, TrainingSession)
    .select_from(select(true().label("here")).subquery("here"))
    .outerjoin(_FOUND, true())
    .outerjoin(PersonNumber, IS_REACHED)
    .outerjoin(Person, (Person.id == PersonNumber.person_id) & COUNTS)
    .outerjoin(_OFFERED, true())
    .outerjoin(TrainingSession, TrainingSession.id == cast(_OFFERED.c.id, BigInteger))
    .outerjoin(TrainingSession.training)
    .options(*FOR_ANSWERS, OF_SESSIONS, contains_eager(TrainingSession.training).load_only(*TITLES))
    .order_by(Person.id, *IN_TIME)
    .execution_options(populate_existing=True)
)


@dataclass(frozen=True, slots=True)
class Scene:
    """Who may be writing from a number, what goes on there, and which sessions that speaks of."""

    people: list[Person]
    conversation: Conversation | None
    person: Person | None
    offered: Sequence[TrainingSession]

    @property
    def shared(self) -> bool:
        """Tell whether the number is several people's."""
        return len(self.people) > 1


def load_scene(session: Session, number_id: int) -> Scene:
    """Return what goes on at a locked number, its conversation locked too."""
    rows = session.execute(_SCENE, {"number_id": number_id}).all()
    conversation = rows[0][0]
    people = list(dict.fromkeys(person for _, person, _ in rows if person is not None))
    offered = list(dict.fromkeys(gathering for *_, gathering in rows if gathering is not None))
    return Scene(people, conversation, _person_of(session, conversation, people), offered)


def live_conversation(session: Session, number_id: int) -> Conversation | None:
    """Return the conversation that is live on a number, locked for this turn."""
    return session.scalar(_LIVE, {"number_id": number_id})


def _person_of(session: Session, conversation: Conversation | None, people: list[Person]) -> Person | None:
    if conversation is not None and conversation.person_id is not None:
        return session.get(Person, conversation.person_id)
    return people[0] if len(people) == 1 else None
