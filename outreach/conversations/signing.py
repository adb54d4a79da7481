"""Who signs what is said about a session, and whose tasks come of it: whoever asked this person to it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation

SIGNED_BY = ("sender", "organizer")


def signature(session: Session, person_id: int, session_id: int) -> dict[str, str]:
    """Return the sender and organizer of the newest conversation that offered this person this session."""
    offered = (
        select(Conversation.offer)
        .where(Conversation.person_id == person_id, Conversation.offer.contains({"sessions": [session_id]}))
        .where(Conversation.offer.has_key("organizer"))
        .order_by(Conversation.id.desc())
        .limit(1)
    )
    offer = session.scalar(offered) or {}
    return {name: str(offer[name]) for name in SIGNED_BY if offer.get(name)}
