"""A call that they ask for is somebody's task, at the time that they name."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from outreach.conversations.models import TaskKind
from outreach.conversations.tasks import ON_CALL
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, seed

ANA, STRANGER = "+12135550101", "+12135550199"


def called(session: Session, word: str = "CALL", **facts: Any) -> Talk:
    seed(session)
    make_person(session, phone=ANA, **facts)
    talk = Talk()
    talk.write(ANA, word)
    return talk


def test_a_time_that_they_name_is_the_tasks_time(session: Session) -> None:
    talk = called(session)
    assert talk.heard(ANA) == [
        "Gladly. When is a good time to call you? A day and a time will do. If you like, say what it's about."
    ]
    written = talk.write(ANA, "tomorrow at 6pm, about my landlord")
    assert talk.heard(ANA) == ["Good. Somebody from DSA-LA will call you Sat Dec 5 6pm. If that changes, just tell me."]
    [task] = talk.tasks()
    assert (task.kind, task.owner, task.text_id) == (TaskKind.CALL, ON_CALL, written.id)
    assert task.due_at == NOW + timedelta(days=1, hours=8)
    assert talk.conversation(ANA).outcome == "call_task"


@pytest.mark.parametrize("words", ["it's about the rent in our building", "ok", "why?"])
def test_without_a_time_it_is_within_a_day(session: Session, words: str) -> None:
    talk = called(session)
    talk.heard(ANA)
    written = talk.write(ANA, words)
    assert talk.heard(ANA) == ["Thank you. Somebody from DSA-LA will call you by Sat Dec 5 10am."]
    [task] = talk.tasks()
    assert (task.due_at, task.text_id) == (NOW + timedelta(days=1), written.id)


def test_silence_is_called_all_the_same_and_says_nothing(session: Session) -> None:
    talk = called(session, "LLAMAR", language="es")
    assert talk.heard(ANA)[0].startswith("Con gusto. ¿Cuándo le llamamos?")
    talk.wait(hours=3)
    assert talk.heard(ANA) == []
    assert [task.because for task in talk.tasks()] == ["asked for a call and named no time"]


def test_a_stranger_may_ask_for_a_call_and_think_better_of_it(session: Session) -> None:
    seed(session)
    talk = Talk()
    talk.write(STRANGER, "llamar")
    talk.heard(STRANGER)
    talk.write(STRANGER, "no, gracias")
    assert talk.heard(STRANGER) == ["Está bien, no le llamamos. Mande LLAMAR cuando quiera."]
    assert talk.tasks() == []
