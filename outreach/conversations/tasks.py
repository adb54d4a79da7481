"""Tasks: what a person of ours is to do for somebody."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Task, TaskKind
from outreach.people.models import Person

ON_CALL = "on call"


def call_task(session: Session, person: Person, because: str, due_at: datetime, now: datetime) -> Task:
    """Ask whoever is on call to ring a person, by then; one open task for one reason is enough."""
    same = select(Task).where(Task.person_id == person.id, Task.because == because, Task.done_at.is_(None))
    known = session.scalar(same)
    if known is not None:
        return known
    task = Task(kind=TaskKind.CALL, person_id=person.id, because=because, owner=ON_CALL, due_at=due_at, created_at=now)
    session.add(task)
    session.flush()
    return task


def open_tasks(session: Session, limit: int) -> Sequence[Task]:
    """Return what is still to be done, the most urgent first."""
    return session.scalars(select(Task).where(Task.done_at.is_(None)).order_by(Task.due_at, Task.id).limit(limit)).all()


def finish_task(session: Session, task_id: int, now: datetime) -> None:
    """Mark a task done; twice changes nothing."""
    task = session.get_one(Task, task_id, with_for_update=True)
    task.done_at = task.done_at or now
