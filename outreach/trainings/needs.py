"""Needs: what makes coming possible, as tasks with an owner and a deadline."""

from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.database import ROW
from outreach.trainings.models import Need, NeedOwner, NeedState, Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.refusals import RefusedError

BEFORE_SESSION = timedelta(hours=72)
AT_LEAST = timedelta(hours=24)
ANY_KIND = "any"
LONGEST_WORDS = 2000

# What may follow what. Someone who was told is told again when it turns out otherwise.
ALLOWED_MOVES: dict[NeedState, frozenset[NeedState]] = {
    NeedState.ASKED: frozenset({NeedState.ARRANGED, NeedState.CANNOT}),
    NeedState.ARRANGED: frozenset({NeedState.CANNOT, NeedState.TOLD}),
    NeedState.CANNOT: frozenset({NeedState.ARRANGED, NeedState.TOLD}),
    NeedState.TOLD: frozenset({NeedState.ARRANGED, NeedState.CANNOT}),
}
NOT_COMING = frozenset({RsvpStatus.NO, RsvpStatus.CANCELLED})


def deadline(starts_at: datetime | None, now: datetime) -> datetime:
    """Return by when a need must be settled.

    72 hours before the session; where that leaves less than a day, or there is no session, a day from now, but never
    after the session has begun.
    """
    in_a_day = now + AT_LEAST
    if starts_at is None or starts_at <= now:
        return in_a_day
    return max(starts_at - BEFORE_SESSION, min(in_a_day, starts_at))


def note_need(  # noqa: PLR0913, PLR0917 - one need has these facts, and every caller has them at hand
    session: Session, person_id: int, session_id: int | None, kind: str, words: str, now: datetime
) -> Need:
    """Write down a need and return it; a second one of the same kind adds its words to the first.

    The owner is whoever is named for this kind, else for any kind, else None: then it must be given to somebody.
    """
    starts_at = None
    if session_id is not None:
        starts_at = session.scalar(select(TrainingSession.starts_at).where(TrainingSession.id == session_id))
    session.execute(
        insert(Need)
        .values(
            person_id=person_id,
            session_id=session_id,
            kind=kind,
            words="",
            state=NeedState.ASKED,
            owner=need_owner(session, kind),
            due_at=deadline(starts_at, now),
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    need = session.scalars(_one_need(person_id, session_id, kind)).one()
    _add_words(need, words)
    session.flush()
    return need


def need_owner(session: Session, kind: str) -> str | None:
    """Return who sees to needs of this kind: its own owner, else that of any kind, else None."""
    named = {
        owner.kind: owner.owner
        for owner in session.scalars(select(NeedOwner).where(NeedOwner.kind.in_([kind, ANY_KIND])))
    }
    return named.get(kind) or named.get(ANY_KIND)


def name_need_owner(session: Session, kind: str, owner: str) -> None:
    """Name who sees to needs of this kind (`any` for all others), and give them what still has no owner."""
    session.execute(
        insert(NeedOwner)
        .values(kind=kind, owner=owner)
        .on_conflict_do_update(index_elements=[NeedOwner.kind], set_={"owner": owner})
    )
    waiting = update(Need).where(Need.owner.is_(None)).values(owner=owner)
    session.execute(waiting if kind == ANY_KIND else waiting.where(Need.kind == kind))


def move_need(session: Session, need_id: int, state: NeedState, now: datetime) -> Need:
    """Move a need on: arranged, cannot, told. The same state twice changes nothing. Raises RefusedError."""
    need = session.get(Need, need_id, with_for_update=ROW, populate_existing=True)
    if need is None:
        raise RefusedError(f"There is no need {need_id}.")
    if need.state == state:
        return need
    if state not in ALLOWED_MOVES[NeedState(need.state)]:
        raise RefusedError(f"This need is {need.state}: it cannot become {state}. First settle it: arranged or cannot.")
    need.state = state
    if state != NeedState.TOLD:
        need.outcome = state
        need.settled_at = now
    session.flush()
    return need


def open_needs(session: Session) -> list[Need]:
    """Return what is still to be settled or told, most urgent first; not of people who are no longer coming."""
    left = (Rsvp.person_id == Need.person_id) & (Rsvp.session_id == Need.session_id) & Rsvp.status.in_(NOT_COMING)
    open_ones = (
        select(Need)
        .where(Need.state != NeedState.TOLD, or_(Need.session_id.is_(None), ~select(Rsvp.id).where(left).exists()))
        .order_by(Need.due_at, Need.id)
    )
    return list(session.scalars(open_ones))


def move_deadlines(session: Session, gathering: TrainingSession, now: datetime) -> None:
    """Set the deadlines of needs anew that are still open when their session is moved."""
    session.execute(
        update(Need)
        .where(Need.session_id == gathering.id, Need.state == NeedState.ASKED)
        .values(due_at=deadline(gathering.starts_at, now))
    )


def _one_need(person_id: int, session_id: int | None, kind: str) -> Select[Need]:
    return (
        select(Need)
        .where(Need.person_id == person_id, Need.session_id.is_not_distinct_from(session_id), Need.kind == kind)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )


def _add_words(need: Need, words: str) -> None:
    said = words.strip()
    if said and said not in need.words:
        need.words = f"{need.words}\n{said}".strip()[:LONGEST_WORDS]
