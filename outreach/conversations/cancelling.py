"""CANCEL after a reminder: to Twilio it is an opt-out, to the member it was about the session. It counts as both."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.keywords import exact_word
from outreach.conversations.models import Conversation
from outreach.conversations.reminding import FLOW
from outreach.conversations.seats import tell_promoted
from outreach.conversations.tasks import call_task
from outreach.people.models import Person
from outreach.settings import Settings
from outreach.texting.models import Text
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.rsvps import answer

CANCEL_WORDS = frozenset({"cancel", "cancelar"})
REMINDED_WITHIN = timedelta(days=2)
CALL_WITHIN = timedelta(hours=4)


def free_cancelled_seat(session: Session, settings: Settings, text: Text, now: datetime) -> None:
    """Free the seat of who answers a reminder with CANCEL, and have somebody call: they can be texted no more.

    Nothing is sent. Harmless for any other text, or where nobody was reminded lately.
    """
    if exact_word(text.body) not in CANCEL_WORDS:
        return
    reminded = session.scalar(
        select(Conversation)
        .where(
            Conversation.number_id == text.number_id,
            Conversation.flow == FLOW,
            Conversation.started_at > now - REMINDED_WITHIN,
        )
        .order_by(Conversation.id.desc())
        .limit(1)
    )
    if reminded is None or reminded.person_id is None:
        return
    person = session.get_one(Person, reminded.person_id)
    for session_id in sorted(reminded.offer.get("sessions", ())):
        _free(session, settings, person, session_id, now)


def _free(session: Session, settings: Settings, person: Person, session_id: int, now: datetime) -> None:
    coming = select(TrainingSession.starts_at).where(
        TrainingSession.id == session_id,
        TrainingSession.id == Rsvp.session_id,
        Rsvp.person_id == person.id,
        Rsvp.status.in_((RsvpStatus.YES, RsvpStatus.WAITLISTED)),
    )
    starts_at = session.scalar(coming)
    if starts_at is None:
        return
    freed = answer(session, person.id, session_id, RsvpStatus.CANCELLED, now=now)
    tell_promoted(session, settings, freed.promoted, now)
    because = f"answered the reminder of session {session_id} with CANCEL: ask what they meant; texts are stopped"
    call_task(session, person, because, min(starts_at, now + CALL_WITHIN), now)
