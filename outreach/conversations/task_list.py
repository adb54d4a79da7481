"""Everything that somebody of ours is to do, in one list: calls, answers, stories, needs, waitlist, unknowns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from outreach.conversations.models import Task, TaskKind
from outreach.conversations.seeing import Viewer, hidden_numbers
from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.people.short_names import short_name
from outreach.texting.models import Text, TextStatus
from outreach.trainings.attendance import open_sign_ins
from outreach.trainings.models import Need, Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.trainings.needs import open_needs
from outreach.trainings.sensitive import may_see_roster

SHOWN_AT_MOST = 200
NOBODY = "nobody yet"
SOMEBODY = "Somebody not on our lists"
NEED = "need"
UNKNOWN_WITHIN = timedelta(hours=24)
CLOSED_WITHIN = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One thing to do: what, for whom, whose, by when, and where it is done from."""

    kind: str
    name: str
    person_id: int | None
    because: str
    owner: str
    due_at: datetime
    task_id: int | None = None
    text_id: int | None = None
    session_id: int | None = None
    page: str = "sessions.show"


def task_lines(
    session: Session, viewer: Viewer, now: datetime, owner: str | None = None, kind: str | None = None
) -> list[TaskLine]:
    """Return what is still to be done, the most urgent first; with `owner` or `kind` only theirs, or only such."""
    lines = [
        *_tasks(session, viewer),
        *_needs(session, viewer),
        *_waitlists(session, viewer, now),
        *_open_sheets(session, viewer, now),
        *_unknowns(session, viewer),
    ]
    wanted = [line for line in lines if owner in {None, line.owner} and kind in {None, line.kind}]
    return sorted(wanted, key=lambda line: line.due_at)[:SHOWN_AT_MOST]


def count_overdue(session: Session, now: datetime, limit: int) -> int:
    """Count tasks past their time, up to a limit."""
    late = select(Task.id).where(Task.done_at.is_(None), Task.due_at < now).limit(limit)
    return session.scalar(select(func.count()).select_from(late.subquery())) or 0


def _tasks(session: Session, viewer: Viewer) -> list[TaskLine]:
    visible = or_(Task.number_id.is_(None), Task.number_id.not_in(hidden_numbers(viewer)))
    wanted = select(Task).where(Task.done_at.is_(None), visible).order_by(Task.due_at, Task.id).limit(SHOWN_AT_MOST)
    tasks = session.scalars(wanted).all()
    names = _names(session, [task.person_id for task in tasks])
    return [
        TaskLine(
            kind=task.kind,
            name=names.get(task.person_id or 0, SOMEBODY),
            person_id=task.person_id,
            because=task.because,
            owner=task.owner,
            due_at=task.due_at,
            task_id=task.id,
            text_id=task.text_id,
        )
        for task in tasks
    ]


def _needs(session: Session, viewer: Viewer) -> list[TaskLine]:
    """Return the needs that are still to be settled or told; of a sensitive session they are its host's alone."""
    needs = open_needs(session)[:SHOWN_AT_MOST]
    names = _names(session, [need.person_id for need in needs])
    return [
        TaskLine(
            kind=NEED,
            name=names.get(need.person_id, SOMEBODY),
            person_id=need.person_id,
            because=f"{need.kind.replace('_', ' ')}: {need.state}",
            owner=need.owner or NOBODY,
            due_at=need.due_at,
            session_id=need.session_id,
        )
        for need in needs
        if _may_see(session, need, viewer)
    ]


def _waitlists(session: Session, viewer: Viewer, now: datetime) -> list[TaskLine]:
    """Return a line for each coming session with a waitlist: more seats, another date, or calls are to be found."""
    waiting = (
        select(TrainingSession, func.count(Rsvp.id))
        .join(Rsvp, Rsvp.session_id == TrainingSession.id)
        .where(Rsvp.status == RsvpStatus.WAITLISTED, TrainingSession.starts_at > now)
        .where(TrainingSession.state == SessionState.SCHEDULED)
        .group_by(TrainingSession.id)
        .order_by(TrainingSession.starts_at)
    )
    return [
        TaskLine(
            kind=TaskKind.WAITLIST,
            name=f"{count} waiting",
            person_id=None,
            because=gathering.training.title,
            owner=gathering.host or NOBODY,
            due_at=gathering.starts_at,
            session_id=gathering.id,
        )
        for gathering, count in session.execute(waiting)
        if may_see_roster(gathering, viewer.email)
    ]


def _open_sheets(session: Session, viewer: Viewer, now: datetime) -> list[TaskLine]:
    """Return a line for each session that is over and whose sign-in is open: until then nobody counts as missed."""
    over = (session.get_one(TrainingSession, one) for one in open_sign_ins(session, now)[-SHOWN_AT_MOST:])
    return [
        TaskLine(
            kind=TaskKind.OTHER,
            name="Sign-in still open",
            person_id=None,
            because=f"{gathering.training.title}: tick who came, and close it",
            owner=gathering.host or NOBODY,
            due_at=gathering.starts_at + timedelta(minutes=gathering.minutes) + CLOSED_WITHIN,
            session_id=gathering.id,
            page="sign_in_sheet.show",
        )
        for gathering in over
        if may_see_roster(gathering, viewer.email)
    ]


def _unknowns(session: Session, viewer: Viewer) -> list[TaskLine]:
    """Return a line for each number that waits and belongs to nobody on our lists: somebody is to find out whose."""
    known = exists().where(PersonNumber.number_id == Text.number_id, PersonNumber.retired_at.is_(None))
    first = (
        select(func.min(Text.id), func.min(Text.created_at), PhoneNumber.owner)
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .where(Text.status == TextStatus.NEEDS_PERSON, ~known, Text.restricted.is_(False))
        .where(Text.number_id.not_in(hidden_numbers(viewer)))
        .group_by(PhoneNumber.id)
        .order_by(func.min(Text.id))
        .limit(SHOWN_AT_MOST)
    )
    return [
        TaskLine(
            kind=TaskKind.UNKNOWN,
            name=SOMEBODY,
            person_id=None,
            because="find out whose number it is, and answer",
            owner=owner or NOBODY,
            due_at=came_at + UNKNOWN_WITHIN,
            text_id=text_id,
        )
        for text_id, came_at, owner in session.execute(first)
    ]


def _may_see(session: Session, need: Need, viewer: Viewer) -> bool:
    gathering = session.get(TrainingSession, need.session_id) if need.session_id else None
    return gathering is None or may_see_roster(gathering, viewer.email)


def _names(session: Session, ids: Sequence[int | None]) -> dict[int, str]:
    known = {each for each in ids if each is not None}
    people = session.scalars(select(Person).where(Person.id.in_(known)))
    return {person.id: short_name(person) for person in people}
