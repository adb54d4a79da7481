"""Forgetting what is kept for a session and no longer: when, and from where, people said that they will leave."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, exists, select, update
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation, NotedAnswer
from outreach.texting.models import Direction, Text
from outreach.trainings.models import TrainingSession

# How a conversation ends in which somebody told us their plan.
PLANNED = "planned"
FORGOTTEN = "(kept until the session only)"
# A plan is asked for so few days before that older conversations hold none any more.
LOOK_BACK = timedelta(days=30)


def forget_plans(session: Session, now: datetime) -> int:
    """Forget every plan whose session has begun: in what was written to us, and in the conversation's memory."""
    over = session.scalars(
        update(Conversation)
        .where(
            Conversation.outcome == PLANNED,
            Conversation.ended_at > now - LOOK_BACK,
            Conversation.memory.has_key("words"),
            ~_still_ahead(now),
        )
        .values(memory={})
        .returning(Conversation.id),
        execution_options={"synchronize_session": False},
    ).all()
    if over:
        session.execute(
            update(Text)
            .where(Text.conversation_id.in_(over), Text.direction == Direction.IN)
            .values(body=FORGOTTEN, reading={"intent": "availability"}),
            execution_options={"synchronize_session": False},
        )
    return len(over)


def forget_purged(session: Session) -> None:
    """Forget what people said of sensitive sessions whose roster is forgotten: who said it tells who was there."""
    purged = select(TrainingSession.id).where(TrainingSession.purged_at.is_not(None))
    session.execute(
        delete(NotedAnswer).where(NotedAnswer.session_id.in_(purged)),
        execution_options={"synchronize_session": False},
    )


def _still_ahead(now: datetime) -> ColumnElement[bool]:
    """Match the conversations whose session is still to come: one that moved takes the plan along."""
    of_it = TrainingSession.id == Conversation.offer["sessions"][0].as_integer()
    return exists(select(TrainingSession.id).where(and_(of_it, TrainingSession.starts_at > now)))
