"""What people answer to a session: yes, maybe, no; booked or waitlisted."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from outreach.trainings.first_answers import Said, book_first, note_first
from outreach.trainings.models import Rsvp, RsvpStatus
from outreach.trainings.seats import (
    give_back_seats,
    is_open,
    lock_session,
    others_wait,
    take_seats,
    waitlist_position,
)

LARGEST_PARTY = 50
# Who has, had or waits for a seat: their no is a cancellation, not a declined invitation.
NOT_COMING = frozenset({RsvpStatus.NO, RsvpStatus.CANCELLED})
ONCE_COMING = frozenset({RsvpStatus.YES, RsvpStatus.WAITLISTED, RsvpStatus.CANCELLED})
# Built once, for every answer asks this.
_MINE = (
    select(Rsvp)
    .where(Rsvp.person_id == bindparam("person_id"), Rsvp.session_id == bindparam("session_id"))
    .execution_options(populate_existing=True)
)


class RsvpKind(enum.StrEnum):
    """What became of an answer."""

    BOOKED = "booked"
    WAITLISTED = "waitlisted"
    NOTED = "noted"
    CLOSED = "closed"


@dataclass(frozen=True)
class RsvpResult:
    """What became of an answer.

    `position` is the place on the waitlist; `promoted` names the RSVPs that moved up because of it, in order, and
    their people are still to be told; `party_size` is how many seats are theirs or waited for.
    """

    kind: RsvpKind
    position: int | None = None
    promoted: tuple[int, ...] = ()
    party_size: int = 1


def answer(  # noqa: PLR0913 - one answer has these facts, and every caller has them at hand
    session: Session,
    person_id: int,
    session_id: int,
    status: RsvpStatus,
    *,
    party_size: int | None = None,
    invited_by_id: int | None = None,
    now: datetime,
) -> RsvpResult:
    """Write down what a person answers, and book, waitlist or free seats accordingly; saying it twice changes nothing.

    `status` is yes, maybe, no or cancelled; a no of somebody who was coming is kept as cancelled. Without a
    `party_size` the one given before holds, else one. A booked party that grows beyond the free seats keeps the
    seats that it has. `invited_by_id` is a person; the first one stays. Closed (nothing is written) if the session
    is cancelled, begun or unknown. Locks the session's row: whoever answers for several takes them by rising id.
    Raises ValueError for a status or party size that nobody can answer.
    """
    if status == RsvpStatus.WAITLISTED or not 1 <= (party_size or 1) <= LARGEST_PARTY or party_size == 0:
        raise ValueError(f"answer yes, maybe, no or cancelled, for 1 to {LARGEST_PARTY} people")
    said = Said(person_id, status, now, party_size, invited_by_id)
    if status == RsvpStatus.YES and book_first(session, session_id, said):
        return RsvpResult(RsvpKind.BOOKED, party_size=party_size or 1)
    if status != RsvpStatus.YES and note_first(session, [session_id], said):
        return RsvpResult(RsvpKind.NOTED)
    return _answer_again(session, session_id, said)


def answer_each(session: Session, session_ids: Sequence[int], said: Said) -> list[RsvpResult]:
    """Write down one answer to several sessions that is no yes, as `answer` does for each, by rising id."""
    noted = note_first(session, session_ids, said)
    return [
        RsvpResult(RsvpKind.NOTED) if one in noted else _answer_again(session, one, said) for one in sorted(session_ids)
    ]


def _answer_again(session: Session, session_id: int, said: Said) -> RsvpResult:
    """Answer once more, or to a session that is closed, full or not as it was."""
    gathering = lock_session(session, session_id)
    if gathering is None or not is_open(gathering, said.now):
        return RsvpResult(RsvpKind.CLOSED)
    rsvp = _find_rsvp(session, said.person_id, session_id)
    if rsvp is None:
        rsvp = Rsvp(person_id=said.person_id, session_id=session_id, status=RsvpStatus.NO, party_size=1)
    if rsvp.status in NOT_COMING:
        # They answer to the session as it is now, and were not told of changes while they were not coming.
        rsvp.told_sequence = gathering.sequence
    rsvp.answered_at = said.now
    rsvp.invited_by_id = rsvp.invited_by_id or said.invited_by_id
    if said.status == RsvpStatus.YES:
        return _say_yes(session, rsvp, said.party_size or rsvp.party_size, said.now)
    return _say_other(session, rsvp, said.status)


def pass_on(session: Session, person_id: int, session_id: int, now: datetime) -> RsvpResult:
    """Pass the seat of somebody who does not answer on to who waits; they wait again themselves, behind everybody.

    Booked: nobody waits who was not offered a seat before, so it stays theirs. Closed: there is no seat to pass on.
    Locks the session's row.
    """
    gathering = lock_session(session, session_id)
    rsvp = _find_rsvp(session, person_id, session_id)
    if gathering is None or not is_open(gathering, now) or rsvp is None or rsvp.status != RsvpStatus.YES:
        return RsvpResult(RsvpKind.CLOSED)
    if not others_wait(session, rsvp):
        return RsvpResult(RsvpKind.BOOKED, party_size=rsvp.party_size)
    rsvp.status, rsvp.waitlisted_at = RsvpStatus.WAITLISTED, now
    session.flush()
    promoted = give_back_seats(session, session_id, rsvp.party_size)
    position = waitlist_position(session, rsvp)
    return RsvpResult(RsvpKind.WAITLISTED, position=position, promoted=promoted, party_size=rsvp.party_size)


def _find_rsvp(session: Session, person_id: int, session_id: int) -> Rsvp | None:
    return session.scalar(_MINE, {"person_id": person_id, "session_id": session_id})


def _write(session: Session, rsvp: Rsvp) -> None:
    """Write an answer down, once all of it is known: a new one is one statement."""
    session.add(rsvp)
    session.flush()


def _say_yes(session: Session, rsvp: Rsvp, size: int, now: datetime) -> RsvpResult:
    if rsvp.status == RsvpStatus.YES:
        return _resize(session, rsvp, size)
    rsvp.party_size = size
    if take_seats(session, rsvp.session_id, size):
        rsvp.status = RsvpStatus.YES
        rsvp.waitlisted_at = None
        _write(session, rsvp)
        return RsvpResult(RsvpKind.BOOKED, party_size=size)
    if rsvp.status != RsvpStatus.WAITLISTED:
        rsvp.status = RsvpStatus.WAITLISTED
        rsvp.waitlisted_at = now
    _write(session, rsvp)
    return RsvpResult(RsvpKind.WAITLISTED, position=waitlist_position(session, rsvp), party_size=size)


def _resize(session: Session, rsvp: Rsvp, size: int) -> RsvpResult:
    """Change a booked party. One that grows too large keeps its seats: nobody loses a seat by asking for another."""
    more = size - rsvp.party_size
    if more > 0 and not take_seats(session, rsvp.session_id, more):
        _write(session, rsvp)
        return RsvpResult(RsvpKind.BOOKED, party_size=rsvp.party_size)
    rsvp.party_size = size
    _write(session, rsvp)
    promoted = give_back_seats(session, rsvp.session_id, -more) if more < 0 else ()
    return RsvpResult(RsvpKind.BOOKED, promoted=promoted, party_size=size)


def _say_other(session: Session, rsvp: Rsvp, status: RsvpStatus) -> RsvpResult:
    had_seats = rsvp.status == RsvpStatus.YES
    was_coming = rsvp.status in ONCE_COMING
    rsvp.status = RsvpStatus.CANCELLED if status == RsvpStatus.NO and was_coming else status
    rsvp.waitlisted_at = None
    _write(session, rsvp)
    promoted = give_back_seats(session, rsvp.session_id, rsvp.party_size) if had_seats else ()
    return RsvpResult(RsvpKind.NOTED, promoted=promoted, party_size=rsvp.party_size)
