"""Tasks: what a person of ours is to do for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Task, TaskKind
from outreach.database import ROW
from outreach.people.models import Person

ON_CALL = "on call"


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is to be done, why, and by when; `text_id` is the text that it came with, whose words stay there."""

    kind: TaskKind
    because: str
    due_at: datetime
    owner: str = ON_CALL
    person_id: int | None = None
    number_id: int | None = None
    conversation_id: int | None = None
    text_id: int | None = None


def add_task(session: Session, todo: ToDo, now: datetime) -> Task:
    """Ask somebody of ours to do something; one open task of a kind for one reason is enough.

    A task for the same reason takes the newer text, and the earlier of the two deadlines.
    """
    same = select(Task).where(
        Task.kind == todo.kind,
        Task.because == todo.because,
        Task.done_at.is_(None),
        Task.person_id == todo.person_id if todo.person_id else Task.number_id == todo.number_id,
    )
    known = session.scalar(same.limit(1))
    if known is not None:
        known.due_at = min(known.due_at, todo.due_at)
        known.text_id = todo.text_id or known.text_id
        return known
    task = Task(
        kind=todo.kind,
        person_id=todo.person_id,
        number_id=todo.number_id,
        conversation_id=todo.conversation_id,
        text_id=todo.text_id,
        because=todo.because,
        owner=todo.owner,
        due_at=todo.due_at,
        created_at=now,
    )
    session.add(task)
    session.flush()
    return task


def call_task(session: Session, person: Person, because: str, due_at: datetime, now: datetime) -> Task:
    """Ask whoever is on call to ring a person, by then."""
    return add_task(session, ToDo(TaskKind.CALL, because, due_at, person_id=person.id), now)


def open_tasks(session: Session, limit: int) -> Sequence[Task]:
    """Return what is still to be done, the most urgent first."""
    return session.scalars(select(Task).where(Task.done_at.is_(None)).order_by(Task.due_at, Task.id).limit(limit)).all()


def finish_task(session: Session, task_id: int, now: datetime, by: str = "") -> None:
    """Mark a task done; twice changes nothing."""
    task = session.get_one(Task, task_id, with_for_update=ROW)
    if task.done_at is None:
        task.done_at, task.done_by = now, by or None
