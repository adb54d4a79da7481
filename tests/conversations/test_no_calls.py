"""Who writes that they want no calls is on no list of calls, in either language, and may be texted all the same."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Task, TaskKind
from outreach.conversations.no_calls import RULE, refuses_calls, welcomes_texts
from outreach.conversations.tasks import call_task
from outreach.people.models import ConsentEvent, Person
from outreach.texting.models import TextStatus
from outreach.trainings.models import Rsvp
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session

ANA = "+12135550101"


@pytest.mark.parametrize(
    "words",
    [
        "please don't call me, text is fine",
        "Don\u2019t call me again",
        "dont call me",
        "do not call this number again",
        "stop calling me!!",
        "quit calling",
        "don't call or text me",
        "never call me please",
        "don't text or call me",
        "I prefer texts, no calls please",
        "no phone calls",
        "no more calls",
        "no me llamen, mejor textos",
        "no me llame por favor",
        "ya no me llamen más",
        "dejen de llamarme",
        "sin llamadas, gracias",
    ],
)
def test_a_wish_for_no_calls_is_heard(words: str) -> None:
    assert refuses_calls(words)


@pytest.mark.parametrize(
    "words",
    [
        "don't call me before 6",
        "don't call me today",
        "don't call me Annie",
        "I don't call that a meeting",
        "nobody called me",
        "I got no call back",
        "call me",
        "no me llame antes de las 6",
        "no me llamó nadie",
        "me llamo Ana",
        "don't stop calling people",
        "stop",
    ],
)
def test_other_wishes_are_left_alone(words: str) -> None:
    assert not refuses_calls(words)


@pytest.mark.parametrize(
    ("words", "welcome"),
    [
        ("please don't call me, text is fine", True),
        ("no calls please, just text me", True),
        ("no me llamen, mejor textos", True),
        ("don't call or text me", False),
        ("stop calling and texting me", False),
        ("don't call me, texting is annoying too", False),
        ("no calls please, and don't even text me", False),
        ("don't call me, STOP", False),
        ("no calls please, texts are not welcome", False),
        ("no me llamen ni me manden mensajes", False),
        ("text me", False),
    ],
)
def test_whoever_wants_texts_in_place_of_calls_has_not_opted_out(words: str, *, welcome: bool) -> None:
    assert welcomes_texts(words) == welcome


def invited(session: Session) -> Talk:
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    return talk


def ledger(session: Session) -> list[tuple[str, str, str | None]]:
    lines = session.scalars(select(ConsentEvent).order_by(ConsentEvent.id))
    return [(line.scope, line.source, line.rule) for line in lines if line.action == "opt_out"]


def test_it_stands_in_the_ledger_ends_their_calls_and_a_person_reads_it(session: Session) -> None:
    talk = invited(session)
    call_task(session, session.scalars(select(Person)).one(), "ring them", NOW, NOW)
    session.commit()
    assert talk.write(ANA, "please don't call me, text is fine").status == TextStatus.NEEDS_PERSON
    number = talk.number(ANA)
    assert (number.calls_opted_out_at, number.texts_opted_out_at) == (NOW, None)
    assert ledger(session) == [("calls", "text", RULE)]
    assert session.scalars(select(Task.kind)).all() == [TaskKind.OTHER]
    assert talk.heard(ANA) == []


def test_neither_calls_nor_texts_is_both(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "don't call or text me")
    number = talk.number(ANA)
    assert (number.calls_opted_out_at, number.texts_opted_out_at) == (NOW, NOW)
    assert [scope for scope, _, _ in ledger(session)] == ["texts", "calls"]
    assert [words[:5] for words in talk.heard(ANA)] == ["Done."]


def test_a_yes_beside_it_is_booked(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "yes I'll be there, just no calls please")
    assert talk.number(ANA).calls_opted_out_at == NOW
    assert session.scalars(select(Rsvp.status)).all() == ["yes"]


def test_with_hours_beside_it_a_person_decides(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "no calls please, I work saturday mornings")
    assert talk.number(ANA).calls_opted_out_at is None
