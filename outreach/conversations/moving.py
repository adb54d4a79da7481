"""Taking the timers of a conversation along with the session that they count from."""

from datetime import datetime

from sqlalchemy.orm import Session

from outreach.conversations.knowing import counts_from_session
from outreach.conversations.models import BOT
from outreach.conversations.runner import Turn
from outreach.conversations.signals import FactChanged
from outreach.conversations.turn_loading import live_conversation
from outreach.conversations.versions import flow_of
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings


def take_session_along(  # noqa: PLR0913, PLR0917 - one turn has these parts
    session: Session, settings: Settings, person: Person, number: PhoneNumber, session_id: int, now: datetime
) -> None:
    """Reckon anew what a locked number's conversation waits for, where it counts from this session."""
    conversation = live_conversation(session, number.id)
    if conversation is None or conversation.owner != BOT or session_id not in conversation.offer.get("sessions", []):
        return
    if counts_from_session(flow_of(session, conversation.flow_version_id), conversation.step):
        Turn(session, settings, conversation, person, number, now).take(FactChanged())
