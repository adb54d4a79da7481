"""HERE and the session's code sign people in; a walk-in gives a name and says whether we may text."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.trainings.check_in_codes import CODES, check_in_code
from outreach.trainings.models import Attendance, RsvpStatus
from outreach.trainings.rsvps import answer
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed

ANA, WALK_IN = "+12135550101", "+12135550199"


def came(session: Session) -> list[tuple[int, bool]]:
    rows = session.scalars(select(Attendance).order_by(Attendance.signed_in_at, Attendance.person_id))
    return [(row.person_id, row.walk_in) for row in rows]


def test_codes_of_sessions_near_each_other_differ_and_do_not_tell_the_id() -> None:
    codes = [check_in_code(one) for one in range(1, CODES + 1)]
    assert len(set(codes)) == CODES
    assert {len(code) for code in codes} == {4}


@pytest.mark.parametrize(
    ("word", "language", "welcome"),
    [
        ("HERE", "en", "You're signed in, Ana. Thank you for coming!"),
        ("aquí", "es", "Ya está en la lista, Ana. ¡Gracias por venir!"),
        ("Aqui", "es", "Ya está en la lista, Ana. ¡Gracias por venir!"),
    ],
)
def test_who_said_yes_signs_in_with_the_code(session: Session, word: str, language: str, welcome: str) -> None:
    seed(session)
    ana = make_person(session, phone=ANA, language=language)
    gathering = make_session(session, starts_at=NOW + timedelta(minutes=20))
    make_session(session, starts_at=NOW + timedelta(minutes=20))
    answer(session, ana.id, gathering.id, RsvpStatus.YES, now=NOW)
    talk = Talk()
    for _ in range(2):
        talk.write(ANA, f"{word} {check_in_code(gathering.id)}")
        assert talk.heard(ANA) == [welcome]
    assert came(session) == [(ana.id, False)]


def test_without_a_code_the_one_session_of_today_is_meant(session: Session) -> None:
    seed(session)
    ana = make_person(session, phone=ANA)
    gathering = make_session(session, starts_at=NOW + timedelta(minutes=20))
    make_session(session, starts_at=NOW + timedelta(days=2))
    answer(session, ana.id, gathering.id, RsvpStatus.YES, now=NOW)
    talk = Talk()
    talk.write(ANA, "here!")
    assert talk.heard(ANA) == ["You're signed in, Ana. Thank you for coming!"]


def test_a_stranger_walks_in_gives_a_name_and_agrees_to_texts(session: Session) -> None:
    seed(session)
    gathering = make_session(session, starts_at=NOW + timedelta(minutes=20))
    talk = Talk()
    talk.write(WALK_IN, f"HERE {check_in_code(gathering.id)}")
    assert talk.heard(WALK_IN) == ["You're signed in. Welcome! What's your first name?"]
    talk.write(WALK_IN, "I'm Eva")
    assert talk.heard(WALK_IN)[0].startswith("May DSA-LA text you about trainings, about 4 a month?")
    assert talk.number(WALK_IN).consented_at is None
    talk.write(WALK_IN, "1")
    assert talk.heard(WALK_IN) == ["Thank you, Eva. I'll text you when the next dates are set."]
    assert talk.number(WALK_IN).consented_at == NOW
    [person] = session.scalars(select(Person))
    session.refresh(person)
    assert person.first_name == "Eva"
    assert came(session) == [(person.id, True)]


def test_who_declines_texts_is_signed_in_all_the_same(session: Session) -> None:
    seed(session)
    gathering = make_session(session, starts_at=NOW + timedelta(minutes=20))
    talk = Talk()
    talk.write(WALK_IN, f"AQUI {check_in_code(gathering.id)}")
    talk.write(WALK_IN, "Eva")
    talk.heard(WALK_IN)
    talk.write(WALK_IN, "2")
    assert talk.heard(WALK_IN) == ["Está bien, sin textos. ¡Gracias por venir!"]
    assert talk.number(WALK_IN).consented_at is None
    assert len(came(session)) == 1


def test_a_code_that_is_none_or_comes_too_early_says_so(session: Session) -> None:
    seed(session)
    make_person(session, phone=ANA)
    later = make_session(session)
    talk = Talk()
    talk.write(ANA, "HERE 123")
    assert talk.heard(ANA)[0].startswith("I don't find that session.")
    talk.write(ANA, f"HERE {check_in_code(later.id)}")
    assert talk.heard(ANA) == ["That session is Sat Dec 12 10am. Text HERE and its code again when you get there."]
    assert came(session) == []
