"""The four digits that people text to sign in: short, told at the door, and different for sessions near each other."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.trainings.models import SessionState, TrainingSession

LOWEST, CODES = 1000, 9000
# Shares no factor with the number of codes: as many sessions in a row have as many codes, and none looks like its id.
STRIDE, SHIFT = 7919, 4211
LOOK_BACK, LOOK_AHEAD = timedelta(days=2), timedelta(days=90)


def check_in_code(session_id: int) -> str:
    """Return the code of a session."""
    return str(LOWEST + (session_id * STRIDE + SHIFT) % CODES)


def session_of_code(session: Session, code: str, now: datetime) -> TrainingSession | None:
    """Return the session near now that has this code; None when there is none."""
    near = (
        select(TrainingSession)
        .where(TrainingSession.state == SessionState.SCHEDULED)
        .where(TrainingSession.starts_at.between(now - LOOK_BACK, now + LOOK_AHEAD))
        .order_by(TrainingSession.starts_at)
    )
    return next((gathering for gathering in session.scalars(near) if check_in_code(gathering.id) == code), None)
