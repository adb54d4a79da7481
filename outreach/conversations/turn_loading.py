"""Loading what a turn needs to know, in as few statements as it takes.

The statements are built once: SQLAlchemy needs more time to build one than to run it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from outreach.conversations.gathering import load_offered
from outreach.conversations.models import Conversation, ConversationState
from outreach.people.models import Person
from outreach.people.numbers import people_on
from outreach.trainings.models import TrainingSession

_LIVE = (
    select(Conversation)
    .where(Conversation.number_id == bindparam("number_id"), Conversation.state == ConversationState.LIVE)
    .with_for_update(key_share=True)
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
    people = people_on(session, number_id)
    conversation = live_conversation(session, number_id)
    offered = load_offered(session, conversation.offer) if conversation else ()
    return Scene(people, conversation, _person_of(session, conversation, people), offered)


def live_conversation(session: Session, number_id: int) -> Conversation | None:
    """Return the conversation that is live on a number, locked for this turn."""
    return session.scalar(_LIVE, {"number_id": number_id})


def _person_of(session: Session, conversation: Conversation | None, people: list[Person]) -> Person | None:
    if conversation is not None and conversation.person_id is not None:
        return session.get(Person, conversation.person_id)
    return people[0] if len(people) == 1 else None
