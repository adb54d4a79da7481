"""What the sessions' pages show: seats, who answered what, needs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session, joinedload

from outreach.people.models import Person
from outreach.people.short_names import short_name
from outreach.trainings.models import Need, NeedState, Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.trainings.needs import NOT_COMING
from outreach.trainings.refusals import RefusedError
from outreach.trainings.seats import WAITLIST_ORDER
from outreach.trainings.sensitive import may_see_roster

SCHEDULED = SessionState.SCHEDULED
SHOWN = 200
PAGE = 30
STATUS_ORDER = (RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.NO, RsvpStatus.CANCELLED)
ORDERS = {RsvpStatus.WAITLISTED: WAITLIST_ORDER}


@dataclass(frozen=True, slots=True)
class Answered:
    """One person who answered: as much as a page shows of them."""

    name: str
    party_size: int
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class Answers:
    """Everybody with one answer: how many they are, and the first of them (the waitlist in its order)."""

    status: RsvpStatus
    count: int
    people: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One need with the name of whose it is."""

    need: Need
    name: str

    @property
    def settled(self) -> bool:
        """Tell whether it has been found out, so that the person can be told."""
        return self.need.state in {NeedState.ARRANGED, NeedState.CANNOT}

    def is_late(self, now: datetime) -> bool:
        """Tell whether nobody has found it out by its deadline."""
        return self.need.state == NeedState.ASKED and self.need.due_at < now


@dataclass(frozen=True, slots=True)
class Overview:
    """One session, its answers and needs. Of a sensitive one only its host sees more than counts."""

    gathering: TrainingSession
    counts: dict[RsvpStatus, int]
    may_see_people: bool
    waitlist: Answers
    answers: tuple[Answers, ...]
    needs: tuple[NeedLine, ...]


def overview(session: Session, session_id: int, viewer: str) -> Overview:
    """Return what a session's page shows to an account (its e-mail). Raises RefusedError when there is no session."""
    gathering = session.get(TrainingSession, session_id, options=[joinedload(TrainingSession.training)])
    if gathering is None:
        raise RefusedError(f"There is no session {session_id}.")
    counts = _counts(session, session_id)
    may_see = may_see_roster(gathering, viewer)
    return Overview(
        gathering=gathering,
        counts=counts,
        may_see_people=may_see,
        waitlist=_answers(session, session_id, RsvpStatus.WAITLISTED, counts, may_see=may_see),
        answers=tuple(_answers(session, session_id, status, counts, may_see=may_see) for status in STATUS_ORDER),
        needs=needs_of(session, session_id) if may_see else (),
    )


def needs_of(session: Session, session_id: int) -> tuple[NeedLine, ...]:
    """Return the needs of a session: those that nobody has settled first, then by deadline."""
    found = session.execute(
        select(Need, Person)
        .join(Person, Person.id == Need.person_id)
        .where(Need.session_id == session_id)
        .order_by(Need.outcome.is_not(None), Need.due_at, Need.id)
    )
    return tuple(NeedLine(need, short_name(person)) for need, person in found)


def coming_sessions(session: Session, now: datetime, until: datetime | None = None) -> Sequence[TrainingSession]:
    """Return the sessions that are still to take place, soonest first; with `until` those that begin before it."""
    coming = select(TrainingSession).where(
        TrainingSession.state == SessionState.SCHEDULED, TrainingSession.starts_at > now
    )
    if until is not None:
        coming = coming.where(TrainingSession.starts_at < until)
    shown = coming.options(joinedload(TrainingSession.training))
    return session.scalars(shown.order_by(TrainingSession.starts_at, TrainingSession.id)).all()


def earlier_sessions(session: Session, before: datetime, limit: int = PAGE) -> Sequence[TrainingSession]:
    """Return sessions that began before a moment, the newest first; cancelled ones too."""
    earlier = select(TrainingSession).where(TrainingSession.starts_at < before)
    shown = earlier.options(joinedload(TrainingSession.training))
    return session.scalars(shown.order_by(TrainingSession.starts_at.desc()).limit(limit)).all()


def _counts(session: Session, session_id: int) -> dict[RsvpStatus, int]:
    counted = select(Rsvp.status, func.count()).where(Rsvp.session_id == session_id).group_by(Rsvp.status)
    counts = dict.fromkeys(RsvpStatus, 0)
    for status, count in session.execute(counted):
        counts[RsvpStatus(status)] = count
    return counts


def _answers(
    session: Session, session_id: int, status: RsvpStatus, counts: dict[RsvpStatus, int], *, may_see: bool
) -> Answers:
    if not may_see or not counts[status]:
        return Answers(status, counts[status], ())
    rows = session.execute(
        select(Person, Rsvp)
        .join(Rsvp, Rsvp.person_id == Person.id)
        .where(Rsvp.session_id == session_id, Rsvp.status == status)
        .order_by(*ORDERS.get(status, (Rsvp.answered_at.desc(), Rsvp.id)))
        .limit(SHOWN)
    )
    people = tuple(Answered(short_name(person), rsvp.party_size, rsvp.answered_at) for person, rsvp in rows)
    return Answers(status, counts[status], people)


def overdue_needs(session: Session, now: datetime, limit: int) -> tuple[NeedLine, ...]:
    """Return needs past their deadline that nobody has settled, the longest first.

    Not of who no longer comes, nor of sessions that have begun or are cancelled: there is nothing to arrange any more.
    """
    left = select(Rsvp.id).where(
        Rsvp.person_id == Need.person_id, Rsvp.session_id == Need.session_id, Rsvp.status.in_(NOT_COMING)
    )
    found = session.execute(
        select(Need, Person)
        .join(Person, Person.id == Need.person_id)
        .outerjoin(TrainingSession, TrainingSession.id == Need.session_id)
        .where(Need.state == NeedState.ASKED, Need.due_at < now, ~left.exists())
        .where(
            or_(Need.session_id.is_(None), and_(TrainingSession.starts_at > now, TrainingSession.state == SCHEDULED))
        )
        .order_by(Need.due_at, Need.id)
        .limit(limit)
    )
    return tuple(NeedLine(need, short_name(person)) for need, person in found)
