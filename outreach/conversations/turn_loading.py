"""Loading what a turn needs to know, in as few statements as it takes.

The statements are built once: SQLAlchemy needs more time to build one than to run it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, bindparam, cast, func, select, true
from sqlalchemy.orm import Session, aliased
from sqlalchemy.orm.attributes import set_committed_value

from outreach.conversations.gathering import IN_TIME, SPOKEN_OF, TITLES
from outreach.conversations.models import Conversation, ConversationState
from outreach.people.models import Person, PersonNumber
from outreach.people.numbers import COUNTS, IS_REACHED, SELDOM_ASKED
from outreach.prepared import Part, Prepared, entities
from outreach.trainings.models import Training, TrainingSession

_LIVE = (
    select(Conversation)
    .where(Conversation.number_id == bindparam("number_id"), Conversation.state == ConversationState.LIVE)
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)
# All that a turn begins with, in one statement: a row for each person and session, the conversation on every one.
_PARTS = (
    Part(Conversation),
    Part(Person, without=SELDOM_ASKED),
    Part(TrainingSession, SPOKEN_OF),
    Part(Training, TITLES),
)
_FOUND = aliased(Conversation, _LIVE.cte("live"))
_OFFERED = func.jsonb_array_elements_text(_FOUND.offer["sessions"]).table_valued("id").render_derived("offered")
_SCENE = Prepared(
    select(*_PARTS[0].columns(_FOUND), *(column for part in _PARTS[1:] for column in part.columns()))
    .select_from(select(true().label("here")).subquery("here"))
    .outerjoin(_FOUND, true())
    .outerjoin(PersonNumber, IS_REACHED)
    .outerjoin(Person, (Person.id == PersonNumber.person_id) & COUNTS)
    .outerjoin(_OFFERED, true())
    .outerjoin(TrainingSession, TrainingSession.id == cast(_OFFERED.c.id, BigInteger))
    .outerjoin(TrainingSession.training)
    .order_by(Person.id, *IN_TIME)
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
    session.flush()
    rows = list(entities(session, _SCENE.rows(session, {"number_id": number_id}), *_PARTS))
    for *_, gathering, training in rows:
        if gathering is not None:
            set_committed_value(gathering, "training", training)
    conversation = rows[0][0]
    people = list(dict.fromkeys(person for _, person, *_ in rows if person is not None))
    offered = list(dict.fromkeys(gathering for *_, gathering, _ in rows if gathering is not None))
    return Scene(people, conversation, _person_of(session, conversation, people), offered)


def live_conversation(session: Session, number_id: int) -> Conversation | None:
    """Return the conversation that is live on a number, locked for this turn."""
    return session.scalar(_LIVE, {"number_id": number_id})


def _person_of(session: Session, conversation: Conversation | None, people: list[Person]) -> Person | None:
    if conversation is None or conversation.person_id is None:
        return people[0] if len(people) == 1 else None
    here = (person for person in people if person.id == conversation.person_id)
    return next(here, None) or session.get(Person, conversation.person_id)
