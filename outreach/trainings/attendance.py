"""Who came: sign-in, walk-ins, the close of sign-in, and only then who did not."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, SQLColumnExpression, case, delete, exists, func, literal, select
from sqlalchemy.dialects.postgresql import TEXT, insert
from sqlalchemy.orm import Session

from outreach.people.models import Activity
from outreach.trainings.levels import LEVEL_ORDER
from outreach.trainings.models import (
    Attendance,
    Rsvp,
    RsvpStatus,
    SessionKind,
    SessionState,
    Training,
    TrainingSession,
)
from outreach.trainings.refusals import RefusedError
from outreach.trainings.seats import lock_session

DOORS_OPEN = timedelta(hours=12)


@dataclass(frozen=True)
class Turnout:
    """Who came and who did not, by person; walk-ins are among those who came."""

    attended: tuple[int, ...]
    no_shows: tuple[int, ...]


def sign_in(session: Session, session_id: int, person_id: int, now: datetime) -> Attendance:
    """Write down that a person came; a second time changes nothing. Whoever had no seat is a walk-in.

    After the close of sign-in it still may be corrected, and counts at once. Raises RefusedError.
    """
    gathering = _lock_held(session, session_id)
    if now < gathering.starts_at - DOORS_OPEN:
        raise RefusedError("The session is not today: sign-in opens 12 hours before it starts.")
    known = session.get(Attendance, (session_id, person_id))
    if known is not None:
        return known
    booked = select(Rsvp.id).where(
        Rsvp.session_id == session_id, Rsvp.person_id == person_id, Rsvp.status == RsvpStatus.YES
    )
    came = Attendance(
        session_id=session_id, person_id=person_id, walk_in=session.scalar(booked) is None, signed_in_at=now
    )
    session.add(came)
    session.flush()
    if gathering.sign_in_closed_at is not None:
        _write_activity(session, gathering, person_id)
    return came


def undo_sign_in(session: Session, session_id: int, person_id: int) -> None:
    """Take back a sign-in that was a slip; only until sign-in is closed. Raises RefusedError."""
    if _lock_held(session, session_id).sign_in_closed_at is not None:
        raise RefusedError("Sign-in is closed and counted: it cannot be taken back.")
    session.execute(delete(Attendance).where(Attendance.session_id == session_id, Attendance.person_id == person_id))


def close_sign_in(session: Session, session_id: int, now: datetime) -> Turnout:
    """Close the sign-in: who came is written to their activity, and who did not is a no-show from now on.

    Closing twice changes nothing. Raises RefusedError before the session has begun.
    """
    gathering = _lock_held(session, session_id)
    if now < gathering.starts_at:
        raise RefusedError("The session has not begun: close the sign-in when everybody is there.")
    if gathering.sign_in_closed_at is None:
        gathering.sign_in_closed_at = now
        session.flush()
        _write_activity(session, gathering)
    return turnout(session, session_id)


def turnout(session: Session, session_id: int) -> Turnout:
    """Return who came, and, once sign-in is closed, who had a seat and did not come."""
    came = select(Attendance.person_id).where(Attendance.session_id == session_id).order_by(Attendance.person_id)
    return Turnout(tuple(session.scalars(came)), tuple(session.scalars(_no_shows(session_id))))


def open_sign_ins(session: Session, now: datetime) -> list[int]:
    """Return the sessions that are over and whose sign-in nobody has closed yet, oldest first: hosts to remind."""
    over = TrainingSession.starts_at + TrainingSession.minutes * timedelta(minutes=1) < now
    return list(
        session.scalars(
            select(TrainingSession.id)
            .where(TrainingSession.state == SessionState.SCHEDULED, TrainingSession.sign_in_closed_at.is_(None), over)
            .order_by(TrainingSession.starts_at, TrainingSession.id)
        )
    )


def absences_since(session: Session, person_id: int, since: datetime) -> list[int]:
    """Return the sessions since then at which a person had a seat and was not, once their sign-in was closed."""
    came = exists().where(Attendance.session_id == Rsvp.session_id, Attendance.person_id == Rsvp.person_id)
    missed = (
        select(TrainingSession.id)
        .join(Rsvp, Rsvp.session_id == TrainingSession.id)
        .where(Rsvp.person_id == person_id, Rsvp.status == RsvpStatus.YES, ~came)
        .where(TrainingSession.starts_at >= since, TrainingSession.sign_in_closed_at.is_not(None))
        .where(TrainingSession.state == SessionState.SCHEDULED)
        .order_by(TrainingSession.starts_at)
    )
    return list(session.scalars(missed))


def _no_shows(session_id: int) -> Select[int]:
    came = exists().where(Attendance.session_id == Rsvp.session_id, Attendance.person_id == Rsvp.person_id)
    return (
        select(Rsvp.person_id)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .where(Rsvp.session_id == session_id, Rsvp.status == RsvpStatus.YES, ~came)
        .where(TrainingSession.sign_in_closed_at.is_not(None))
        .order_by(Rsvp.person_id)
    )


def _lock_held(session: Session, session_id: int) -> TrainingSession:
    gathering = lock_session(session, session_id)
    if gathering is None:
        raise RefusedError(f"There is no session {session_id}.")
    if gathering.state == SessionState.CANCELLED:
        raise RefusedError(f"Session {session_id} is cancelled: nobody signs in.")
    return gathering


def _write_activity(session: Session, gathering: TrainingSession, person_id: int | None = None) -> None:
    """Add this session to the activity of one person who came, or of all, in the order of ids: two never deadlock."""
    day = gathering.starts_at.astimezone(ZoneInfo(gathering.timezone)).date()
    level = session.scalar(select(Training.level).where(Training.id == gathering.training_id))
    trained = level if gathering.kind == SessionKind.TRAINING else None
    came = (
        select(Attendance.person_id, literal(day), literal(1), literal(trained, TEXT))
        .where(Attendance.session_id == gathering.id)
        .order_by(Attendance.person_id)
    )
    if person_id is not None:
        came = came.where(Attendance.person_id == person_id)
    added = insert(Activity).from_select(["person_id", "last_active_on", "attended_count", "trained_level"], came)
    session.execute(
        added.on_conflict_do_update(
            index_elements=[Activity.person_id],
            set_={
                "last_active_on": func.greatest(Activity.last_active_on, added.excluded.last_active_on),
                "attended_count": Activity.attended_count + 1,
                "trained_level": _higher(Activity.trained_level, added.excluded.trained_level),
            },
        )
    )


def _higher(
    known: SQLColumnExpression[str | None], new: SQLColumnExpression[str | None]
) -> SQLColumnExpression[str | None]:
    """Return the higher of two levels; a level beats none."""
    return case((_rank(known) >= _rank(new), known), else_=new)


def _rank(level: SQLColumnExpression[str | None]) -> SQLColumnExpression[int]:
    return case({name: place for place, name in enumerate(LEVEL_ORDER, start=1)}, value=level, else_=0)
