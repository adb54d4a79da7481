"""First answers: most people answer a session once. That is one statement, below the ORM, in place of three or four.

It writes nothing where it does not hold: the session is closed, full or not as it is loaded, or it was answered
before. Then `rsvps` goes the long way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnElement, bindparam, func, literal, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, set_committed_value
from sqlalchemy.orm.util import identity_key

from outreach.prepared import Prepared
from outreach.trainings.models import Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.trainings.seats import return_seats


class Said(NamedTuple):
    """What a person says about coming, for how many, and who invited them."""

    person_id: int
    status: RsvpStatus
    now: datetime
    party_size: int | None = None
    invited_by_id: int | None = None


# What is not loaded may be as it likes; what is loaded in part fits no change.
ANY_SEQUENCE, NO_SEQUENCE = -1, -2

_ROW, _RSVPS = TrainingSession.__table__.c, Rsvp.__table__.c
_WHO = bindparam("who", type_=BigInteger)
_BY = bindparam("by", type_=BigInteger)
_SEATS = bindparam("seats", type_=BigInteger)
_AT = bindparam("at", type_=_RSVPS.answered_at.type)
_SESSION = bindparam("of", type_=BigInteger)
_COLUMNS = ["person_id", "session_id", "status", "party_size", "invited_by_id", "told_sequence", "answered_at"]


def _is_open_as_loaded(sequence: ColumnElement[int]) -> ColumnElement[bool]:
    as_loaded = or_(sequence == ANY_SEQUENCE, _ROW.sequence == sequence)
    return (_ROW.state == SessionState.SCHEDULED) & (_ROW.starts_at > _AT) & as_loaded


# The update locks the session's row, and looks again at what it is by then.
_SEAT = (
    update(TrainingSession.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .where(_ROW.id == _SESSION, _is_open_as_loaded(bindparam("as_of", type_=BigInteger)))
    .where(or_(_ROW.capacity.is_(None), _ROW.taken + _SEATS <= _ROW.capacity))
    .where(~select(_RSVPS.id).where(_RSVPS.person_id == _WHO, _RSVPS.session_id == _SESSION).exists())
    .values(taken=_ROW.taken + _SEATS)
    .returning(_ROW.id, _ROW.sequence, _ROW.taken, _ROW.capacity)
    .cte("seat")
)
_BOOKED = (
    insert(Rsvp.__table__)  # type: ignore[arg-type] # as above
    .from_select(_COLUMNS, select(_WHO, _SEAT.c.id, literal(RsvpStatus.YES), _SEATS, _BY, _SEAT.c.sequence, _AT))
    .on_conflict_do_nothing()
    .returning(_RSVPS.id)
    .cte("booked")
)
_BOOK = Prepared(select(_SEAT.c.taken, _SEAT.c.capacity, _BOOKED.c.id).select_from(_SEAT).outerjoin(_BOOKED, true()))

_ASKED = (
    func.unnest(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("as_of", type_=ARRAY(BigInteger)))
    .table_valued("id", "sequence")
    .render_derived()
)
# All are locked, in rising order, those too that turn out to be closed: whoever goes the long way locks them again.
_LOCKED = (
    select(_ROW.id, _ROW.sequence, _is_open_as_loaded(_ASKED.c.sequence).label("fits"))
    .select_from(TrainingSession.__table__.join(_ASKED, _ASKED.c.id == _ROW.id))
    .order_by(_ROW.id)
    .with_for_update(key_share=True, of=TrainingSession)
    .cte("locked")
)
_NOTE = Prepared(
    insert(Rsvp.__table__)  # type: ignore[arg-type] # as above
    .from_select(
        _COLUMNS,
        select(
            _WHO, _LOCKED.c.id, bindparam("answer", type_=_RSVPS.status.type), 1, _BY, _LOCKED.c.sequence, _AT
        ).where(_LOCKED.c.fits),
    )
    .on_conflict_do_nothing()
    .returning(_RSVPS.session_id)
)


def book_first(session: Session, session_id: int, said: Said) -> bool:
    """Give seats to somebody who has not answered yet, and write their yes down; False: it takes the long way."""
    seats = said.party_size or 1
    values = _values(said) | {"of": session_id, "seats": seats, "as_of": _sequence(session, session_id)}
    found = _BOOK.rows(session, values)
    if not found:
        return False
    ((taken, capacity, rsvp_id),) = found
    gathering = _loaded(session, session_id)
    if gathering is not None:
        set_committed_value(gathering, "taken", taken)
        set_committed_value(gathering, "capacity", capacity)
    if rsvp_id is None:
        # They answered at the same moment from elsewhere: the seats of this answer are too many.
        return_seats(session, session_id, seats)
    return rsvp_id is not None


def note_first(session: Session, session_ids: Sequence[int], said: Said) -> set[int]:
    """Write down what somebody who has not answered yet says but yes; return the sessions for which that is done."""
    as_of = [_sequence(session, one) for one in session_ids]
    values = _values(said) | {"ids": list(session_ids), "as_of": as_of, "answer": said.status}
    return {session_id for (session_id,) in _NOTE.rows(session, values)}


def _values(said: Said) -> dict[str, Any]:
    return {"who": said.person_id, "by": said.invited_by_id, "at": said.now}


def _sequence(session: Session, session_id: int) -> int:
    """Return the change of a session up to which it is loaded here."""
    gathering = _loaded(session, session_id)
    return ANY_SEQUENCE if gathering is None else instance_dict(gathering).get("sequence", NO_SEQUENCE)


def _loaded(session: Session, session_id: int) -> TrainingSession | None:
    found: TrainingSession | None = session.identity_map.get(identity_key(TrainingSession, session_id))
    return found
