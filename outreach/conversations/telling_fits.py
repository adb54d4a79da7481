"""Telling people of a new session as they were promised: at the times they named, or the next date of a training."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from outreach.conversations.enrolling import enrol
from outreach.conversations.fitting import fits
from outreach.people.models import Activity, Reach, Standing
from outreach.trainings.levels import is_ready_for
from outreach.trainings.models import (
    AvailabilityNote,
    DateWish,
    Level,
    Rsvp,
    SessionKind,
    SessionState,
    TrainingSession,
)
from outreach.trainings.wishes import mark_wishes_told, who_wished_for

FLOW, FITS, NEW_DATE = "availability", "fits", "new_date"
# A session is looked at for so long after it was planned; nobody is told of one that begins too soon to come.
LOOKED_AT_FOR = timedelta(hours=2)
AHEAD = timedelta(days=2)


def enrol_whom_fits(session: Session, now: datetime) -> int:
    """Let whoever named times hear of a new session that fits them, once; return how many are new."""
    new = TrainingSession.created_at.between(now - LOOKED_AT_FOR, now)
    return sum(
        _enrol(session, person_id, gathering, FITS, now)
        for gathering in _coming(session, new, now)
        for person_id in _whom_it_fits(session, gathering)
    )


def enrol_who_wished(session: Session, now: datetime) -> int:
    """Let whoever was promised the next date of a training hear of it, once it is planned; return how many are new."""
    wished = TrainingSession.training_id.in_(select(DateWish.training_id).where(DateWish.told_at.is_(None)))
    return sum(_tell_who_wished(session, gathering, now) for gathering in _coming(session, wished, now))


def _tell_who_wished(session: Session, gathering: TrainingSession, now: datetime) -> int:
    people = who_wished_for(session, gathering)
    mark_wishes_told(session, gathering.training_id, people, now)
    return sum(_enrol(session, person_id, gathering, NEW_DATE, now) for person_id in people)


def _enrol(session: Session, person_id: int, gathering: TrainingSession, begun: str, now: datetime) -> bool:
    """Let somebody hear of a session, once; not any more when it has moved before they could be asked."""
    offer = {"begun": begun, "sessions": [gathering.id], "starts_at": gathering.starts_at.isoformat()}
    return enrol(session, person_id, FLOW, f"session {gathering.id}", now, now, offer)


def _coming(session: Session, which: ColumnElement[bool], now: datetime) -> Sequence[TrainingSession]:
    coming = (
        select(TrainingSession)
        .options(joinedload(TrainingSession.training))
        .where(
            which,
            TrainingSession.state == SessionState.SCHEDULED,
            TrainingSession.kind == SessionKind.TRAINING,
            TrainingSession.sensitive.is_(False),
            TrainingSession.starts_at > now + AHEAD,
        )
    )
    return session.scalars(coming.order_by(TrainingSession.starts_at, TrainingSession.id)).all()


def _whom_it_fits(session: Session, gathering: TrainingSession) -> Iterator[int]:
    answered = select(Rsvp.id).where(Rsvp.person_id == AvailabilityNote.person_id, Rsvp.session_id == gathering.id)
    noted = (
        select(AvailabilityNote, Activity.trained_level)
        .join(Standing, Standing.person_id == AvailabilityNote.person_id)
        .outerjoin(Activity, Activity.person_id == AvailabilityNote.person_id)
        # Who names times later is shown what fits at once.
        .where(Standing.reach == Reach.TEXTABLE, AvailabilityNote.noted_at < gathering.created_at, ~answered.exists())
    )
    starts_at = gathering.starts_at.astimezone(ZoneInfo(gathering.timezone))
    for note, trained in session.execute(noted):
        if is_ready_for(Level(gathering.training.level), trained) and fits(note.cells, note.not_before, starts_at):
            yield note.person_id
