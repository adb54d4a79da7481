"""Seats of a session: taking them, giving them back, moving people up from the waitlist."""

from datetime import datetime

from sqlalchemy import ColumnElement, Executable, bindparam, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from outreach.trainings.models import Rsvp, RsvpStatus, SessionState, Training, TrainingSession

WAITLIST_ORDER = (Rsvp.waitlisted_at, Rsvp.id)

# Built once, for every answer runs them.
_LOCKED = (
    select(TrainingSession)
    .where(TrainingSession.id == bindparam("session_id"))
    # Its training comes along: read anew, the session would have to ask for it.
    .options(joinedload(TrainingSession.training, innerjoin=True).load_only(Training.title, Training.title_es))
    .with_for_update(key_share=True, of=TrainingSession)
    .execution_options(populate_existing=True)
)
_ROW = TrainingSession.__table__.c
_SEATS = bindparam("seats", type_=_ROW.taken.type)
_CHANGE = (
    update(TrainingSession.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .where(_ROW.id == bindparam("session_id"))
    .returning(_ROW.taken)
)
_TAKE = _CHANGE.where(or_(_ROW.capacity.is_(None), _ROW.taken + _SEATS <= _ROW.capacity)).values(
    taken=_ROW.taken + _SEATS
)
_GIVE_BACK = _CHANGE.where(_ROW.taken >= _SEATS).values(taken=_ROW.taken - _SEATS)


def lock_session(session: Session, session_id: int) -> TrainingSession | None:
    """Lock the session's row until the transaction ends and return it as it is now; None if there is none.

    Everybody who changes seats or answers of a session holds this lock, after the conversation's and before any RSVP's.
    """
    return session.scalar(_LOCKED, {"session_id": session_id})


def is_open(gathering: TrainingSession, now: datetime) -> bool:
    """Tell whether answers still count: not cancelled and not begun."""
    return gathering.state == SessionState.SCHEDULED and gathering.starts_at > now


def take_seats(session: Session, session_id: int, seats: int) -> bool:
    """Take this many seats if they are free, in one statement; a session without capacity always has room."""
    return _change_taken(session, _TAKE, session_id, seats)


def give_back_seats(session: Session, session_id: int, seats: int) -> tuple[int, ...]:
    """Give this many seats back and fill them from the waitlist; return the ids of the RSVPs that moved up."""
    return_seats(session, session_id, seats)
    return fill_from_waitlist(session, session_id)


def return_seats(session: Session, session_id: int, seats: int) -> None:
    """Give this many seats back and let nobody have them yet."""
    _change_taken(session, _GIVE_BACK, session_id, seats)


def fill_from_waitlist(session: Session, session_id: int) -> tuple[int, ...]:
    """Give free seats to whoever waited longest and fits; return the ids of the RSVPs that moved up.

    A party waits until there are seats for all of it; smaller ones behind it may go first.
    """
    moved = []
    for rsvp in _waiting_who_fit(session, session_id):
        if take_seats(session, session_id, rsvp.party_size):
            rsvp.status = RsvpStatus.YES
            rsvp.waitlisted_at = None
            moved.append(rsvp.id)
    session.flush()
    return tuple(moved)


def fill_free_seats(session: Session, now: datetime) -> tuple[int, ...]:
    """Fill seats that became free without an answer (somebody was deleted); return the RSVPs that moved up.

    For the sweep. Locks one session after the other, in the order of ids.
    """
    waited_for = (
        select(TrainingSession.id)
        .join(Rsvp, Rsvp.session_id == TrainingSession.id)
        .where(TrainingSession.state == SessionState.SCHEDULED, TrainingSession.starts_at > now)
        .where(Rsvp.status == RsvpStatus.WAITLISTED, _fits())
        .distinct()
        .order_by(TrainingSession.id)
    )
    moved: list[int] = []
    for session_id in session.scalars(waited_for).all():
        lock_session(session, session_id)
        moved += fill_from_waitlist(session, session_id)
    return tuple(moved)


def others_wait(session: Session, rsvp: Rsvp) -> bool:
    """Tell whether somebody waits who would fit in this person's seats and was never offered one."""
    room = TrainingSession.capacity - TrainingSession.taken + rsvp.party_size
    waiting = (
        select(Rsvp.id)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .where(Rsvp.session_id == rsvp.session_id, Rsvp.status == RsvpStatus.WAITLISTED)
        .where(Rsvp.seat_offered_at.is_(None), Rsvp.party_size <= room)
    )
    return session.scalar(waiting.limit(1)) is not None


def waitlist_position(session: Session, rsvp: Rsvp) -> int:
    """Return the place on the waitlist, 1 for the next in line."""
    ahead = (
        select(func.count())
        .where(Rsvp.session_id == rsvp.session_id, Rsvp.status == RsvpStatus.WAITLISTED)
        .where(tuple_(*WAITLIST_ORDER) < tuple_(rsvp.waitlisted_at, rsvp.id))
    )
    return (session.scalar(ahead) or 0) + 1


def _change_taken(session: Session, statement: Executable, session_id: int, seats: int) -> bool:
    """Change the number of seats that are taken, in the loaded session too; False when there were not so many."""
    taken = session.scalar(statement, {"session_id": session_id, "seats": seats})
    gathering = session.identity_map.get(identity_key(TrainingSession, session_id))
    if taken is not None and gathering is not None:
        set_committed_value(gathering, "taken", taken)
    return taken is not None


def _fits() -> ColumnElement[bool]:
    free = TrainingSession.capacity - TrainingSession.taken
    return or_(TrainingSession.capacity.is_(None), Rsvp.party_size <= free)


def _waiting_who_fit(session: Session, session_id: int) -> list[Rsvp]:
    waiting = (
        select(Rsvp)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .where(Rsvp.session_id == session_id, Rsvp.status == RsvpStatus.WAITLISTED, _fits())
        .order_by(*WAITLIST_ORDER)
        .execution_options(populate_existing=True)
    )
    return list(session.scalars(waiting))
