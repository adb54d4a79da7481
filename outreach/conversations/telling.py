"""Telling people that their session was moved or cancelled, and asking for another date."""

from datetime import datetime

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from outreach.conversations.gaps import NotStartedError
from outreach.conversations.gathering import language_of
from outreach.conversations.house import house_text
from outreach.conversations.moving import take_session_along
from outreach.conversations.reaching import reach_person
from outreach.conversations.signing import signature
from outreach.conversations.starting import Opening, start_conversation
from outreach.conversations.tasks import call_task
from outreach.database import transaction
from outreach.people.models import Person, PhoneNumber
from outreach.queues import describe_error
from outreach.settings import Settings
from outreach.texting.models import Kind
from outreach.texting.outbox import Draft, put_in_outbox, sender_for
from outreach.trainings.changes import Untold, mark_told
from outreach.trainings.sessions import SessionFacts, find_session
from outreach.trainings.wishes import wish_for_dates

log = structlog.get_logger()

TELL = "outreach.conversations.jobs.tell_changes"
FLOW, MOVED, CANCELLED = "change", "moved", "cancelled"
WITH_A_PERSON, FAILED = "with_a_person", "failed"


def tell_change(settings: Settings, untold: Untold, now: datetime) -> None:
    """Tell one person of the newest change of their session, once; who cannot be texted becomes somebody's call."""
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
        because = _ask(session, settings, person, number, untold, facts, now)
        if because == WITH_A_PERSON:
            # They talk with somebody of ours: told all the same, and asked nothing by a machine.
            _say(session, settings, person, number, untold, facts, now)
            if untold.cancelled:
                wish_for_dates(session, person.id, [untold.session_id], now)
        elif because:
            call_task(session, person, _reason(untold), facts.starts_at, now)


def _ask(  # noqa: PLR0913, PLR0917 - one change has these parts
    session: Session,
    settings: Settings,
    person: Person,
    number: PhoneNumber,
    untold: Untold,
    facts: SessionFacts,
    now: datetime,
) -> str | None:
    """Start the conversation of a change; return why it could not be, or None."""
    offer = {
        **signature(session, person.id, untold.session_id),
        "sessions": [untold.session_id],
        "about": untold.session_id,
        "begun": CANCELLED if untold.cancelled else MOVED,
    }
    opening = Opening(FLOW, offer, kind=Kind.TRANSACTIONAL, expires_at=facts.starts_at, is_change=True)
    try:
        with session.begin_nested():
            start_conversation(session, settings, person, number, opening, now)
    except NotStartedError as error:
        return error.because
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - one that fails must not keep the others from being told
        log.error("change_failed", rsvp=untold.rsvp_id, error=describe_error(error))  # noqa: TRY400 - its words may name somebody
        return FAILED
    return None


def _say(  # noqa: PLR0913, PLR0917 - as above
    session: Session,
    settings: Settings,
    person: Person,
    number: PhoneNumber,
    untold: Untold,
    facts: SessionFacts,
    now: datetime,
) -> None:
    sender_for(session, number, settings.senders)
    body = _wording(settings, untold, facts, language_of(person))
    draft = Draft(body=body, kind=Kind.TRANSACTIONAL, person_id=person.id, expires_at=facts.starts_at, is_change=True)
    put_in_outbox(session, number, draft, now)


def _reason(untold: Untold) -> str:
    return f"session {untold.session_id} was {'cancelled' if untold.cancelled else 'moved'}: tell them"


def _wording(settings: Settings, untold: Untold, facts: SessionFacts, language: str) -> str:
    label = facts.label_es if language == "es" else facts.label_en
    name = "session_cancelled" if untold.cancelled else "session_moved"
    return house_text(name, language, settings, session=label, place=facts.place)
