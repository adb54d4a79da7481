"""Beginning what somebody was enrolled in: each enrolment once, with the reason noted where it cannot begin."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import Select, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from outreach.conversations.flow import Flow
from outreach.conversations.gaps import NotStartedError
from outreach.conversations.models import Conversation, Enrolment
from outreach.conversations.reaching import reach_person
from outreach.conversations.signing import signature
from outreach.conversations.starting import Opening, start_conversation
from outreach.conversations.tasks import call_task
from outreach.conversations.versions import flow_of, newest_version
from outreach.database import ROW, transaction
from outreach.people.models import Person, PhoneNumber
from outreach.queues import describe_error
from outreach.settings import Settings
from outreach.texting.models import Kind
from outreach.trainings.models import SessionState, TrainingSession

log = structlog.get_logger()

BEGIN = "outreach.conversations.jobs.begin_enrolled"
# These pass by themselves: the flow is tried again the next day, for so long.
PASSING = frozenset({"asked_recently", "asked_often", "with_a_person"})
TRY_AGAIN = timedelta(days=1)
TRY_FOR = timedelta(days=14)
NOT_TEXTABLE, NO_SUCH_FLOW, FAILED = "not_textable", "no_such_flow", "failed"
UNTOLD = frozenset({NOT_TEXTABLE, FAILED, "with_a_person", "opted_out", "bad_number", "wrong_number", "held"})
SESSION_CHANGED, HAD_IT = "session_changed", "had_it_recently"


def due_enrolments(now: datetime) -> Select[int]:
    """Return a select of the enrolments whose moment has come."""
    return select(Enrolment.id).where(Enrolment.done_at.is_(None), Enrolment.due_at <= now)


def begin_enrolment(settings: Settings, enrolment_id: int, now: datetime) -> None:
    """Begin one enrolment, once; harmless when it is done, or begun twice."""
    with transaction() as session:
        person_id = session.scalar(select(Enrolment.person_id).where(Enrolment.id == enrolment_id))
        if person_id is None:
            return
        # The number before the enrolment: the order in which everybody locks.
        number = reach_person(session, person_id)
        enrolment = session.get(Enrolment, enrolment_id, with_for_update=ROW, populate_existing=True)
        if enrolment is None or enrolment.done_at is not None or enrolment.due_at > now:
            return
        because = _begin(session, settings, enrolment, number, now)
        about = enrolment.offer.get("about")
        if because in UNTOLD and about is not None and _is_owed(session, enrolment.flow):
            person = session.get_one(Person, person_id)
            starts_at = session.get_one(TrainingSession, about).starts_at
            call_task(session, person, f"{enrolment.flow} of session {about}: {because}", max(now, starts_at), now)
        elif because in PASSING and now < enrolment.created_at + TRY_FOR:
            enrolment.due_at = now + TRY_AGAIN
            return
        enrolment.done_at, enrolment.because = now, because


def _is_owed(session: Session, flow: str) -> bool:
    """Tell whether a flow is about a session that they said yes to: whom it cannot reach is called."""
    version = newest_version(session, flow)
    return version is not None and flow_of(session, version.id).purpose == "about a session"


def _begin(
    session: Session, settings: Settings, enrolment: Enrolment, number: PhoneNumber | None, now: datetime
) -> str | None:
    """Start the flow; return why it could not be, or None."""
    version = newest_version(session, enrolment.flow)
    if number is None or version is None:
        return NOT_TEXTABLE if number is None else NO_SUCH_FLOW
    flow = flow_of(session, version.id)
    because = _outdated(session, enrolment, flow, now)
    if because is not None:
        return because
    kind = Kind.BULK if flow.purpose == "ask" else Kind.TRANSACTIONAL
    about = enrolment.offer.get("about")
    signed = signature(session, enrolment.person_id, about) if about is not None else {}
    offer = {**signed, **enrolment.offer}
    opening = Opening(flow=enrolment.flow, offer=offer, kind=kind, gate=offer.get("gate"))
    try:
        with session.begin_nested():
            person = session.get_one(Person, enrolment.person_id)
            enrolment.conversation_id = start_conversation(session, settings, person, number, opening, now).id
    except NotStartedError as error:
        return error.because
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - one that fails must not keep the others from beginning
        log.error("enrolment_failed", enrolment=enrolment.id, error=describe_error(error))  # noqa: TRY400 - its words may name somebody
        return FAILED
    return None


def _outdated(session: Session, enrolment: Enrolment, flow: Flow, now: datetime) -> str | None:
    """Return why a flow is not to begin after all, or None."""
    if not _still_holds(session, enrolment):
        return SESSION_CHANGED
    if flow.once_in is not None and _had_it(session, enrolment, now - flow.once_in):
        return HAD_IT
    return None


def _still_holds(session: Session, enrolment: Enrolment) -> bool:
    """Tell whether the session that the moment is counted from still stands where it stood."""
    starts_at = enrolment.offer.get("starts_at")
    if starts_at is None:
        return True
    gathering = session.get(TrainingSession, enrolment.offer["sessions"][0])
    return (
        gathering is not None
        and gathering.state == SessionState.SCHEDULED
        and gathering.starts_at == datetime.fromisoformat(starts_at)
    )


def _had_it(session: Session, enrolment: Enrolment, since: datetime) -> bool:
    mine = select(Conversation.id).where(
        Conversation.person_id == enrolment.person_id,
        Conversation.flow == enrolment.flow,
        Conversation.started_at > since,
    )
    return session.scalar(mine.limit(1)) is not None
