"""Tasks: what a person of ours is to do for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, literal, or_, select, update
from sqlalchemy.orm import Session

from outreach.conversations.models import Task, TaskKind
from outreach.database import ROW
from outreach.people.models import Person, PersonNumber, PhoneNumber

ON_CALL = "on call"
# The flow of whoever asks for a call.
CALLBACK = "callback"
NO_CALLS = "(they asked for no calls)"


@dataclass(frozen=True, slots=True)
class ToDo:
    """What is to be done, why, and by when; `text_id` is the text that it came with, whose words stay there.

    `asked_for`: they want this call themselves, whatever they said of calls before.
    """

    kind: TaskKind
    because: str
    due_at: datetime
    owner: str = ON_CALL
    person_id: int | None = None
    number_id: int | None = None
    conversation_id: int | None = None
    text_id: int | None = None
    asked_for: bool = False


def add_task(session: Session, todo: ToDo, now: datetime) -> Task:
    """Ask somebody of ours to do something; one open task of a kind for one reason is enough.

    A task for the same reason takes the newer text, and the earlier of the two deadlines. Who wants no calls is on no
    list of calls: the task is to find another way.
    """
    if (
        todo.kind is TaskKind.CALL
        and not todo.asked_for
        and session.scalar(select(_refuses_calls(_id(todo.person_id), _id(todo.number_id))))
    ):
        todo = replace(todo, kind=TaskKind.OTHER, because=f"{todo.because} {NO_CALLS}")
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


def drop_unwanted_calls(session: Session, person_id: int | None = None) -> None:
    """Take whoever asked for no calls off the list of calls; what they were to be told is still to be done.

    A call that they asked for after that stays; not so with `person_id`, who has just said so, again or for the first
    time.
    """
    task = Task.__table__.c
    since = task.created_at if person_id is None else None
    refused = _refuses_calls(task.person_id, task.number_id, since)
    unwanted = select(Task.id).where(Task.kind == TaskKind.CALL, Task.done_at.is_(None), refused)
    if person_id is not None:
        unwanted = unwanted.where(Task.person_id == person_id)
    session.execute(
        update(Task)
        .where(Task.id.in_(unwanted.order_by(Task.id).with_for_update(key_share=True)))
        .values(kind=TaskKind.OTHER, because=Task.because + f" {NO_CALLS}")
    )


def _id(value: int | None) -> ColumnElement[Any]:
    return literal(value, BigInteger)


def _refuses_calls(
    person_id: ColumnElement[Any], number_id: ColumnElement[Any], since: ColumnElement[Any] | None = None
) -> ColumnElement[bool]:
    """Tell, in SQL, whether calls are unwanted at each number of a person; without a person, at the number.

    With `since`, whether that was said then or later.
    """
    mine = (PersonNumber.person_id == person_id) & PersonNumber.retired_at.is_(None)
    theirs = select(PersonNumber.number_id).where(mine).correlate(Task)
    here = or_(PhoneNumber.id.in_(theirs), person_id.is_(None) & (PhoneNumber.id == number_id))
    numbers = select(PhoneNumber.id).where(here).correlate(Task)
    refused_at = PhoneNumber.calls_opted_out_at
    refused = numbers.where(refused_at.is_not(None) if since is None else refused_at >= since)
    return refused.exists() & ~numbers.where(refused_at.is_(None)).exists()
