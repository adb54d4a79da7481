"""Sessions: adding, moving, cancelling them, and the facts that texts and pages tell of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from outreach.trainings.labels import REMEMBERED, day_label, time_label, when_label
from outreach.trainings.models import SessionKind, SessionState, Training, TrainingSession
from outreach.trainings.needs import move_deadlines
from outreach.trainings.plans import SessionChange, SessionPlan, check_capacity, check_start
from outreach.trainings.refusals import RefusedError
from outreach.trainings.seats import fill_from_waitlist, lock_session

ONLINE = "Zoom"


@dataclass(frozen=True)
class SessionFacts:
    """What may be told of a session. `starts_at` and `ends_at` are aware, in the session's zone.

    `label` reads `Sat Dec 12 10am`, `day` `Sat Dec 12`, `time` `10am`. `place` is public: the neighbourhood, else the
    place. `address` is for those who said yes; of a sensitive session both are empty but for the neighbourhood, and
    `sensitive.day_of_address` tells the rest. `seats_left` is None when there is no bound.
    """

    id: int
    training_id: int
    kind: SessionKind
    state: SessionState
    sensitive: bool
    title_en: str
    title_es: str
    starts_at: datetime
    ends_at: datetime
    label_en: str
    label_es: str
    day_en: str
    day_es: str
    time: str
    place: str
    address: str
    link: str
    contact: str
    seats_left: int | None


def add_session(session: Session, plan: SessionPlan, now: datetime) -> TrainingSession:
    """Add a planned session and return it with its id. Raises RefusedError for a past start or an unknown training."""
    check_start(plan.starts_at, now)
    if session.get(Training, plan.training_id) is None:
        raise RefusedError(f"There is no training {plan.training_id}. `outreach training list` shows the catalogue.")
    fields = {**vars(plan), "languages": list(plan.languages), "hosts": list(plan.hosts)}
    gathering = TrainingSession(**fields, taken=0, sequence=0, state=SessionState.SCHEDULED, created_at=now)
    session.add(gathering)
    session.flush()
    return gathering


def move_session(session: Session, session_id: int, change: SessionChange, now: datetime) -> TrainingSession:
    """Change when or where a session is; counts `sequence` up, so that whoever is coming can be told.

    Nothing changes and nobody need be told when every field is as before. Raises RefusedError.
    """
    gathering = _lock_coming(session, session_id, now)
    new = {name: value for name, value in change.given.items() if getattr(gathering, name) != value}
    if change.starts_at is not None:
        check_start(change.starts_at, now)
    if not new:
        return gathering
    for name, value in new.items():
        setattr(gathering, name, value)
    gathering.sequence += 1
    session.flush()
    move_deadlines(session, gathering, now)
    return gathering


def cancel_session(session: Session, session_id: int, now: datetime) -> TrainingSession:
    """Cancel a session that has not begun; cancelling twice changes nothing. RSVPs stay, so that people can be told."""
    gathering = lock_session(session, session_id)
    if gathering is not None and gathering.state == SessionState.CANCELLED:
        return gathering
    gathering = _lock_coming(session, session_id, now)
    gathering.state = SessionState.CANCELLED
    gathering.sequence += 1
    session.flush()
    return gathering


def change_capacity(session: Session, session_id: int, capacity: int | None, now: datetime) -> tuple[int, ...]:
    """Set the number of seats (None: no bound); return the ids of the RSVPs that move up from the waitlist."""
    check_capacity(capacity)
    gathering = _lock_coming(session, session_id, now)
    if capacity is not None and capacity < gathering.taken:
        raise RefusedError(f"{gathering.taken} seats are taken already. Give at least that many.")
    gathering.capacity = capacity
    session.flush()
    return fill_from_waitlist(session, session_id)


def open_sessions(session: Session, ids: Sequence[int] | None, now: datetime) -> list[SessionFacts]:
    """Return the sessions that people can still answer to, soonest first; full ones too: they have a waitlist.

    With `ids` only those, in order of time; without, all that are public: sensitive ones are left out.
    """
    wanted = (
        select(TrainingSession)
        .options(joinedload(TrainingSession.training))
        .where(TrainingSession.state == SessionState.SCHEDULED, TrainingSession.starts_at > now)
        .where(TrainingSession.id.in_(ids) if ids is not None else TrainingSession.sensitive.is_(False))
        .order_by(TrainingSession.starts_at, TrainingSession.id)
        .execution_options(populate_existing=True)
    )
    return [facts_of(gathering) for gathering in session.scalars(wanted)]


def list_sessions(session: Session, coming_after: datetime | None) -> list[TrainingSession]:
    """Return the sessions that are still to take place after a moment, sensitive ones too, or with None all of them."""
    listed = (
        select(TrainingSession)
        .options(joinedload(TrainingSession.training))
        .order_by(TrainingSession.starts_at, TrainingSession.id)
    )
    if coming_after is not None:
        listed = listed.where(TrainingSession.state == SessionState.SCHEDULED, TrainingSession.starts_at > coming_after)
    return list(session.scalars(listed))


def find_session(session: Session, session_id: int) -> SessionFacts | None:
    """Return the facts of one session, whatever its state; None if there is none."""
    gathering = session.get(TrainingSession, session_id, options=[joinedload(TrainingSession.training)])
    return None if gathering is None else facts_of(gathering)


def facts_of(gathering: TrainingSession) -> SessionFacts:
    """Put together what may be told of a session."""
    training = gathering.training
    return SessionFacts(
        id=gathering.id,
        training_id=gathering.training_id,
        kind=SessionKind(gathering.kind),
        state=SessionState(gathering.state),
        sensitive=gathering.sensitive,
        title_en=training.title,
        title_es=training.title_es or training.title,
        place=_public_place(gathering),
        address="" if gathering.sensitive else gathering.address or gathering.place,
        link="" if gathering.sensitive else gathering.link,
        contact=gathering.contact,
        seats_left=None if gathering.capacity is None else gathering.capacity - gathering.taken,
        **_times(gathering.starts_at, gathering.minutes, gathering.timezone),
    )


@lru_cache(REMEMBERED)
def _times(starts_at: datetime, minutes: int, timezone: str) -> Mapping[str, Any]:
    """Return when a session is, as `SessionFacts` has it. Few sessions are spoken of, and several times a turn."""
    zone = ZoneInfo(timezone)
    local = starts_at.astimezone(zone)
    return {
        "starts_at": local,
        # Through UTC: minutes that pass are meant, also over a clock change.
        "ends_at": (starts_at + timedelta(minutes=minutes)).astimezone(zone),
        "label_en": when_label(local, zone, "en"),
        "label_es": when_label(local, zone, "es"),
        "day_en": day_label(local, zone, "en"),
        "day_es": day_label(local, zone, "es"),
        "time": time_label(local, zone),
    }


def is_on_site(gathering: TrainingSession) -> bool:
    """Tell whether people come somewhere, rather than to a link alone."""
    return bool(gathering.address or gathering.place or not gathering.link)


def _public_place(gathering: TrainingSession) -> str:
    if gathering.neighbourhood or gathering.sensitive:
        return gathering.neighbourhood
    return gathering.place or (ONLINE if gathering.link and not gathering.address else "")


def _lock_coming(session: Session, session_id: int, now: datetime) -> TrainingSession:
    gathering = lock_session(session, session_id)
    if gathering is None:
        raise RefusedError(f"There is no session {session_id}. `outreach session list` shows those to come.")
    if gathering.state == SessionState.CANCELLED:
        raise RefusedError(f"Session {session_id} is cancelled. Add a new one.")
    if gathering.starts_at <= now:
        raise RefusedError(f"Session {session_id} has begun. Add a new one.")
    return gathering
