"""Who stands where in a flow: for the graph, and for whoever takes a step out."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation, ConversationState


def people_at_steps(session: Session, flow: str) -> dict[str, int]:
    """Return how many conversations of a flow stand at each step, live and suspended ones."""
    standing = (
        select(Conversation.step, func.count())
        .where(Conversation.flow == flow, Conversation.state != ConversationState.ENDED)
        .group_by(Conversation.step)
    )
    return {str(step): int(count) for step, count in session.execute(standing)}


def outcomes_of(session: Session, flow: str) -> dict[str, int]:
    """Return how many conversations of a flow ended with each outcome."""
    ended = (
        select(Conversation.outcome, func.count())
        .where(Conversation.flow == flow, Conversation.outcome.is_not(None))
        .group_by(Conversation.outcome)
    )
    return {str(outcome): count for outcome, count in session.execute(ended)}


def waiting_at_removed(session: Session, flow: str, steps: Collection[str]) -> dict[str, int]:
    """Return how many people stand at steps that a flow does not have any more."""
    return {step: count for step, count in people_at_steps(session, flow).items() if step and step not in steps}
