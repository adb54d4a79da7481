"""Telling people of a new session that fits the times they named, as they were promised."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from outreach.conversations.enrolling import enrol
from outreach.conversations.fitting import fits
from outreach.people.models import Activity, Reach, Standing
from outreach.trainings.levels import is_ready_for
from outreach.trainings.models import AvailabilityNote, Level, Rsvp, SessionKind, SessionState, TrainingSession

FLOW, BEGUN = "availability", "fits"
# A session is looked at for so long after it was planned; nobody is told of one that begins too soon to come.
LOOKED_AT_FOR = timedelta(hours=2)
AHEAD = timedelta(days=2)


def enrol_whom_fits(session: Session, now: datetime) -> int:
    """Let whoever named times hear of a new session that fits them, once; return how many are new."""
    return sum(
        enrol(session, person_id, FLOW, f"session {gathering.id}", now, now, _offer(gathering))
        for gathering in _new_sessions(session, now)
        for person_id in _whom_it_fits(session, gathering)
    )


def _offer(gathering: TrainingSession) -> dict[str, object]:
    return {"begun": BEGUN, "sessions": [gathering.id]}


def _new_sessions(session: Session, now: datetime) -> list[TrainingSession]:
    new = (
        select(TrainingSession)
        .options(joinedload(TrainingSession.training))
        .where(
            TrainingSession.created_at.between(now - LOOKED_AT_FOR, now),
            TrainingSession.state == SessionState.SCHEDULED,
            TrainingSession.kind == SessionKind.TRAINING,
            TrainingSession.sensitive.is_(False),
            TrainingSession.starts_at > now + AHEAD,
        )
    )
    return list(session.scalars(new.order_by(TrainingSession.id)))


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
