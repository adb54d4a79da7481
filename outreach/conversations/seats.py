"""Telling those who moved up from a waitlist that a seat is theirs."""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.gathering import language_of
from outreach.conversations.house import house_text
from outreach.conversations.tasks import call_task
from outreach.people.models import Person, PhoneNumber, Standing
from outreach.settings import Settings
from outreach.texting.models import Kind
from outreach.texting.outbox import Draft, put_in_outbox, sender_for
from outreach.trainings.models import Rsvp
from outreach.trainings.sessions import find_session

log = structlog.get_logger()


def tell_promoted(session: Session, settings: Settings, rsvp_ids: Sequence[int], now: datetime) -> None:
    """Put the good news in the outbox for each person who moved up; who cannot be texted becomes somebody's call."""
    for rsvp_id in rsvp_ids:
        _tell(session, settings, session.get_one(Rsvp, rsvp_id), now)


def _tell(session: Session, settings: Settings, rsvp: Rsvp, now: datetime) -> None:
    number = session.scalar(
        select(PhoneNumber)
        .join(Standing, Standing.number_id == PhoneNumber.id)
        .where(Standing.person_id == rsvp.person_id)
    )
    facts = find_session(session, rsvp.session_id)
    person = session.get_one(Person, rsvp.person_id)
    if facts is None:
        return
    if number is None:
        log.info("seat_opened_by_call", rsvp=rsvp.id)
        call_task(session, person, f"a seat opened in session {facts.id}: tell them", facts.starts_at, now)
        return
    language = language_of(person)
    label = facts.label_es if language == "es" else facts.label_en
    body = house_text("seat_opened", language, settings, session=label, place=facts.place)
    sender_for(session, number, settings.senders)
    draft = Draft(body=body, kind=Kind.TRANSACTIONAL, person_id=rsvp.person_id, expires_at=facts.starts_at)
    put_in_outbox(session, number, draft, now)
