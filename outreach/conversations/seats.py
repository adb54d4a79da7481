"""Offering a seat to who moved up from a waitlist: it is theirs, and they are asked whether they take it."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from outreach.conversations.enrolling import enrol
from outreach.conversations.flow import Moment
from outreach.conversations.models import Conversation, ConversationState, Enrolment
from outreach.conversations.signing import signature
from outreach.conversations.tasks import call_task
from outreach.conversations.waits import counted_from
from outreach.people.models import Person, PhoneNumber, Reach, Standing
from outreach.settings import Settings
from outreach.texting.claims import hours_of
from outreach.texting.hours import next_open
from outreach.trainings.models import Rsvp, TrainingSession

log = structlog.get_logger()

FLOW, OFFERED = "waitlist_offer", "offer"
# Two waking hours to answer in; an evening's offer is kept until late next morning, as the flow's ladder says too.
KEPT_FOR = Moment(timedelta(hours=2), None, None, (time(11), time(20)))


def tell_promoted(session: Session, settings: Settings, rsvp_ids: Sequence[int], now: datetime) -> None:
    """Let everybody who moved up be asked whether they take the seat; who cannot be texted becomes somebody's call.

    The offer begins in a transaction of its own: this one holds another number and the session's seats.
    """
    for rsvp_id in rsvp_ids:
        _offer(session, settings, session.get_one(Rsvp, rsvp_id), now)


def _offer(session: Session, settings: Settings, rsvp: Rsvp, now: datetime) -> None:
    gathering = session.get_one(TrainingSession, rsvp.session_id)
    person = session.get_one(Person, rsvp.person_id)
    rsvp.seat_offered_at = now
    if not _is_textable(session, person.id):
        log.info("seat_opened_by_call", rsvp=rsvp.id)
        because = f"a seat opened in session {gathering.id}: tell them"
        call_task(session, person, because, gathering.starts_at, now)
        return
    zone = person.timezone or settings.org_timezone
    due = next_open(now, hours_of(settings).at(zone)) or now
    offer = {
        **signature(session, person.id, gathering.id),
        "sessions": [gathering.id],
        "about": gathering.id,
        "starts_at": gathering.starts_at.isoformat(),
        "deadline": min(counted_from(KEPT_FOR, due, zone), gathering.starts_at).astimezone(ZoneInfo(zone)).isoformat(),
    }
    enrol(session, person.id, FLOW, f"seat:{rsvp.id}:{now.isoformat()}", due, now, offer)


def offer_is_open() -> ColumnElement[bool]:
    """Match the people who are still to say whether they take a seat, or are about to be asked."""
    asked = select(Conversation.id).where(
        Conversation.person_id == Rsvp.person_id,
        Conversation.flow == FLOW,
        Conversation.state != ConversationState.ENDED,
        Conversation.step == OFFERED,
    )
    about_to_be = select(Enrolment.id).where(
        Enrolment.person_id == Rsvp.person_id, Enrolment.flow == FLOW, Enrolment.done_at.is_(None)
    )
    return or_(asked.exists(), about_to_be.exists())


def _is_textable(session: Session, person_id: int) -> bool:
    found = (
        select(PhoneNumber.id)
        .join(Standing, Standing.number_id == PhoneNumber.id)
        .where(Standing.person_id == person_id, Standing.reach == Reach.TEXTABLE)
    )
    return session.scalar(found) is not None
