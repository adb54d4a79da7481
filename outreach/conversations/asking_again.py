"""The day before which somebody does not want to be asked: kept, and on it one of ours asks them again."""

from datetime import date, datetime, time

from sqlalchemy import update
from sqlalchemy.orm import Session

from outreach.conversations.models import Task, TaskKind
from outreach.conversations.tasks import ToDo, add_task
from outreach.people.models import Person
from outreach.settings import Settings

BECAUSE = "asked us to wait until this day: ask them again"
# Not the first thing in the morning.
AT = time(10)


def ask_again_on(  # noqa: PLR0913, PLR0917 - such a wish has these parts
    session: Session,
    settings: Settings,
    person: Person,
    day: date,
    number_id: int,
    owner: str,
    now: datetime,
    *,
    conversation_id: int | None = None,
    text_id: int | None = None,
) -> None:
    """Let nothing be asked of a person before a day, and let one of ours ask on it; the newest day counts."""
    person.snoozed_until = day
    due_at = datetime.combine(day, AT, settings.zone)
    todo = ToDo(
        kind=TaskKind.ASK_AGAIN,
        because=BECAUSE,
        due_at=due_at,
        owner=owner,
        person_id=person.id,
        number_id=number_id,
        conversation_id=conversation_id,
        text_id=text_id,
    )
    add_task(session, todo, now).due_at = due_at


def never_mind(session: Session, number_id: int, now: datetime) -> None:
    """Ask nobody again at a number that opted out."""
    waiting = update(Task).where(Task.kind == TaskKind.ASK_AGAIN, Task.number_id == number_id, Task.done_at.is_(None))
    session.execute(waiting.values(done_at=now))
