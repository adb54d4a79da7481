"""A word from a flyer makes a stranger a contact, after consent in words that are kept; then the classes."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import ConsentAction, ConsentEvent, Membership, Person
from outreach.people.segments import Segment, SegmentLimits, count_textable
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed

ANA, STRANGER = "+12135550101", "+12135550199"


def flyer(session: Session, word: str) -> Talk:
    seed(session)
    make_session(session)
    talk = Talk()
    talk.write(STRANGER, word)
    return talk


def stranger(session: Session) -> Person:
    person = session.scalars(select(Person)).one()
    session.refresh(person)
    return person


def test_a_stranger_joins_in_english_and_gets_the_next_class(session: Session) -> None:
    talk = flyer(session, "Join")
    [consent] = talk.heard(STRANGER)
    assert consent.startswith("DSA-LA: you asked for training texts, about 4 a month. Msg & data rates may apply.")
    talk.write(STRANGER, "1 Eva")
    assert talk.heard(STRANGER) == ["Thank you, Eva. Which language do you prefer? 1 = English 2 = español"]
    line = session.scalars(select(ConsentEvent)).one()
    assert (line.action, line.wording, line.source) == (ConsentAction.CONSENT, consent, "text")
    talk.write(STRANGER, "1")
    assert talk.heard(STRANGER)[0].startswith("What's your ZIP code?")
    talk.write(STRANGER, "90033")
    assert talk.heard(STRANGER)[0].startswith("Are you a member of DSA already? 1 = I am 2 = not yet.")
    talk.write(STRANGER, "2")
    assert talk.heard(STRANGER)[0].startswith("DSA-LA, the next class: Canvassing, Sat Dec 12 10am Boyle Heights.")
    person = stranger(session)
    assert (person.first_name, person.zip, person.source) == ("Eva", "90033", "texted JOIN")
    assert person.membership is not None
    assert person.membership.standing == Membership.CONTACT
    assert count_textable(session, Segment.CONTACT, SegmentLimits(), NOW.date()) == 1
    assert [each.outcome for each in talk.conversations(STRANGER)] == ["joined", None]
    assert talk.tasks() == []


def test_in_spanish_a_name_is_asked_for_and_a_member_is_looked_up(session: Session) -> None:
    talk = flyer(session, "UNIRME")
    assert talk.heard(STRANGER)[0].startswith("DSA-LA: pidió textos de talleres, unos 4 al mes;")
    talk.write(STRANGER, "1")
    assert talk.heard(STRANGER) == ["¡Gracias! ¿Cómo se llama?"]
    talk.write(STRANGER, "me llamo Raúl")
    assert talk.heard(STRANGER)[0].startswith("Gracias, Raúl. ¿En qué idioma le escribo?")
    talk.write(STRANGER, "español")
    talk.heard(STRANGER)
    talk.write(STRANGER, "prefiero no")
    assert talk.heard(STRANGER)[0].startswith("¿Ya es miembro de DSA? 1 = ya soy 2 = aún no.")
    talk.write(STRANGER, "1")
    assert talk.heard(STRANGER)[0].startswith("DSA-LA, el taller que sigue: Canvassing, sáb 12 dic 10am Boyle Heights.")
    [task] = talk.tasks()
    assert (task.because, task.due_at) == (
        "joined by text and says they are a member: find them on the list",
        NOW + timedelta(days=3),
    )
    assert (stranger(session).zip, stranger(session).language) == (None, "es")


@pytest.mark.parametrize("words", ["maybe", "what is this about?", ""])
def test_without_a_clear_yes_nothing_more_is_sent(session: Session, words: str) -> None:
    talk = flyer(session, "JOIN")
    talk.heard(STRANGER)
    if words:
        talk.write(STRANGER, words)
        talk.heard(STRANGER)
    talk.wait(days=5)
    assert talk.heard(STRANGER) == []
    assert talk.number(STRANGER).consented_at is None


def test_no_is_taken_kindly(session: Session) -> None:
    talk = flyer(session, "JOIN")
    talk.heard(STRANGER)
    talk.write(STRANGER, "no thanks")
    assert talk.heard(STRANGER) == ["All right, no texts. Thanks for telling us."]
    assert talk.conversation(STRANGER).outcome == "not_confirmed"


def test_who_is_signed_up_already_gets_the_classes_at_once(session: Session) -> None:
    seed(session)
    make_session(session)
    make_person(session, phone=ANA)
    talk = Talk()
    talk.write(ANA, "JOIN")
    hello, classes = talk.heard(ANA)
    assert hello.startswith("You're already signed up with DSA-LA, Ana.")
    assert classes.startswith("DSA-LA, the next class:")
