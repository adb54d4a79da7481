"""Questions for the house: answered truly, once, in their language, and the conversation stays where it was."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import TaskKind
from outreach.conversations.owning import take_over
from outreach.conversations.tasks import ON_CALL
from outreach.people.models import ConsentAction, ConsentEvent, Membership, Person, PhoneNumber
from outreach.texting.models import TextStatus
from tests.conversations.talk import Talk
from tests.factories import NOW, ORGANIZER, make_person, make_session

ANA = "+12135550101"
SINCE = date(2019, 5, 1)


def invited(session: Session, **facts: Any) -> Talk:
    make_person(session, phone=ANA, **{"source": "members.csv", "source_since": SINCE, **facts})
    talk = Talk()
    talk.invite(make_session(session).id)
    assert len(talk.heard(ANA)) == 1
    return talk


HOW_WE_KNOW = [
    ("who is this?", {"standing": Membership.MEMBER}, "You've been on our member list since 2019;"),
    (
        "how did you get my number?",
        {"standing": Membership.CONTACT, "source": "May Day"},
        'on our list "May Day" since',
    ),
    ("quién es?", {"standing": Membership.MEMBER, "language": "es"}, "lista de miembros (desde 2019). ALTO ="),
    ("quién es?", {"standing": None, "source": "texted CLASES", "language": "es"}, "Usted nos mandó CLASES primero."),
]


@pytest.mark.parametrize(("words", "facts", "known"), HOW_WE_KNOW)
def test_who_is_this_is_answered_by_where_the_number_is_from(
    session: Session, words: str, facts: dict[str, Any], known: str
) -> None:
    talk = invited(session, **facts)
    assert talk.write(ANA, words).status == TextStatus.HANDLED
    [answer] = talk.heard(ANA)
    assert answer.startswith(("I'm Luz, a volunteer with DSA-LA. ", "Soy Luz, del equipo de DSA-LA. "))
    assert known in answer
    assert answer.endswith(("DELETE asks us to erase your data.", "BORRAR = borrar datos"))
    assert talk.conversation(ANA).step == "invite_to_one"
    assert talk.write(ANA, words).status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []


def test_where_nobody_noted_a_source_a_person_answers(session: Session) -> None:
    talk = invited(session, source="", standing=Membership.CONTACT)
    assert talk.write(ANA, "who is this?").status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []


def test_a_bot_says_so_and_a_person_looks(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "is this a bot")
    assert talk.heard(ANA)[0].startswith("Partly: the first texts and reminders go out by computer.")
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: ")


def test_a_yes_beside_the_question_still_books(session: Session) -> None:
    talk = invited(session, standing=Membership.MEMBER)
    assert talk.write(ANA, "who is this? yes I can come").status == TextStatus.NEEDS_PERSON
    who, booked = talk.heard(ANA)
    assert who.startswith("I'm Luz")
    assert booked.startswith("You're in: ")


@pytest.mark.parametrize("words", ["DELETE", "borrar", "please delete my data"])
def test_a_wish_to_be_deleted_stops_texts_and_becomes_somebodys_task(session: Session, words: str) -> None:
    talk = invited(session)
    text = talk.write(ANA, words)
    assert talk.heard(ANA)[0].startswith("Done: no more texts from DSA-LA. A person will erase your data")
    assert talk.number(ANA).texts_opted_out_at == NOW
    assert talk.conversation(ANA).outcome == "opted_out"
    [task] = talk.tasks()
    assert (task.kind, task.owner, task.text_id) == (TaskKind.DELETE_DATA, ON_CALL, text.id)
    assert task.due_at == NOW + timedelta(days=10)
    assert (
        session.scalars(select(ConsentEvent.action).order_by(ConsentEvent.id.desc())).first() == ConsentAction.OPT_OUT
    )
    talk.write(ANA, words)
    assert talk.heard(ANA) == []
    assert len(talk.tasks()) == 1


def test_a_call_is_promised_at_the_time_that_they_name(session: Session) -> None:
    talk = invited(session)
    assert talk.write(ANA, "call me tomorrow at 5pm").status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == ["Thank you. A person from DSA-LA will call this number on Sat Dec 5 5pm."]
    [task] = talk.tasks()
    assert (task.kind, task.owner, task.due_at) == (TaskKind.CALL, ORGANIZER, NOW + timedelta(hours=31))


def test_who_names_no_time_for_a_call_is_asked_and_what_was_open_goes_on(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "call me please")
    assert talk.heard(ANA)[0].startswith("Gladly. When is a good time to call you?")
    talk.write(ANA, "it's about the rent")
    assert talk.heard(ANA) == ["Thank you. Somebody from DSA-LA will call you by Sat Dec 5 10am."]
    assert [(task.kind, task.due_at) for task in talk.tasks()] == [(TaskKind.CALL, NOW + timedelta(hours=24))]
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: ")


def test_a_day_before_which_not_to_ask_is_kept_without_a_conversation_too(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk()
    assert talk.write(ANA, "not until June").status == TextStatus.HANDLED
    assert talk.heard(ANA) == ["No problem. I won't ask you before Tue Jun 1."]
    assert session.scalars(select(Person.snoozed_until)).one() == date(2027, 6, 1)


def test_a_language_is_changed_at_once_and_one_that_we_do_not_speak_goes_to_a_person(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk()
    assert talk.write(ANA, "español por favor").status == TextStatus.HANDLED
    assert talk.heard(ANA) == ["Claro: desde ahora le escribo en español."]
    assert talk.write(ANA, "한국어로 해주세요").status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == ["Solo sé escribir español e inglés. Alguien de DSA-LA leerá esto y le contestará."]
    assert talk.write(ANA, "한국어로 해주세요").status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []


def test_the_open_question_is_asked_again_in_the_other_language(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "en español por favor")
    assert talk.heard(ANA)[0].startswith("Hola Ana, Luz de DSA-LA.")


def test_the_house_is_silent_while_a_person_has_the_thread(session: Session) -> None:
    talk = invited(session, standing=Membership.MEMBER)
    take_over(session, session.scalars(select(PhoneNumber).where(PhoneNumber.phone == ANA)).one(), ORGANIZER, NOW)
    session.flush()
    assert talk.write(ANA, "who is this?").status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []
