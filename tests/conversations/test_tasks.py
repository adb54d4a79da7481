"""Tasks: one open task for one reason, about a person or about a number that belongs to nobody."""

from datetime import timedelta

from sqlalchemy.orm import Session

from outreach.conversations.models import TaskKind
from outreach.conversations.tasks import ToDo, add_task, call_task, finish_task, open_tasks
from tests.conversations.desk_factories import NOW, make_member
from tests.people.factories import make_number

SOON = NOW + timedelta(hours=2)


def test_one_open_task_for_one_reason_keeps_the_earlier_deadline_and_the_newest_text(session: Session) -> None:
    person, _ = make_member(session)
    first = add_task(
        session, ToDo(TaskKind.STORY, "their story", NOW + timedelta(hours=24), person_id=person.id, text_id=1), NOW
    )
    again = add_task(session, ToDo(TaskKind.STORY, "their story", SOON, person_id=person.id, text_id=2), NOW)
    call_task(session, person, "their story", SOON, NOW)
    assert (again.id, again.due_at, again.text_id) == (first.id, SOON, 2)
    assert [task.kind for task in open_tasks(session, 10)] == [TaskKind.STORY, TaskKind.CALL]


def test_a_task_about_a_number_that_belongs_to_nobody_is_done_once_by_whoever_did_it(session: Session) -> None:
    number = make_number(session, "+12135550177")
    task = add_task(session, ToDo(TaskKind.UNKNOWN, "who is this?", SOON, number_id=number.id), NOW)
    finish_task(session, task.id, NOW, "luz@example.org")
    finish_task(session, task.id, SOON, "marco@example.org")
    assert (task.person_id, task.done_at, task.done_by) == (None, NOW, "luz@example.org")
    assert not open_tasks(session, 10)
