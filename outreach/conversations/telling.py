"""Telling people that their session was moved or cancelled; who cannot be texted becomes somebody's call."""

from datetime import datetime

from outreach.conversations.gathering import language_of
from outreach.conversations.house import house_text
from outreach.conversations.moving import take_session_along
from outreach.conversations.reaching import reach_person
from outreach.conversations.tasks import call_task
from outreach.database import transaction
from outreach.people.models import Person
from outreach.settings import Settings
from outreach.texting.models import Kind
from outreach.texting.outbox import Draft, put_in_outbox, sender_for
from outreach.trainings.changes import Untold, mark_told
from outreach.trainings.sessions import SessionFacts, find_session

TELL = "outreach.conversations.jobs.tell_changes"


def tell_change(settings: Settings, untold: Untold, now: datetime) -> None:
    """Tell one person of the newest change of their session, once."""
    with transaction() as session:
        number = reach_person(session, untold.person_id)
        facts = find_session(session, untold.session_id)
        if facts is None or not mark_told(session, untold.rsvp_id, untold.sequence):
            return
        person = session.get_one(Person, untold.person_id)
        if number is None:
            call_task(session, person, _reason(untold), facts.starts_at, now)
            return
        take_session_along(session, settings, person, number, untold.session_id, now)
        sender_for(session, number, settings.senders)
        body = _wording(settings, untold, facts, language_of(person))
        draft = Draft(
            body=body, kind=Kind.TRANSACTIONAL, person_id=person.id, expires_at=facts.starts_at, is_change=True
        )
        put_in_outbox(session, number, draft, now)


def _reason(untold: Untold) -> str:
    return f"session {untold.session_id} was {'cancelled' if untold.cancelled else 'moved'}: tell them"


def _wording(settings: Settings, untold: Untold, facts: SessionFacts, language: str) -> str:
    label = facts.label_es if language == "es" else facts.label_en
    name = "session_cancelled" if untold.cancelled else "session_moved"
    return house_text(name, language, settings, session=label, place=facts.place)
