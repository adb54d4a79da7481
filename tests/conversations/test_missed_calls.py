"""A call to our number: the caller hears what to do, is texted once in a week, or somebody of ours rings back."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.conversations.missed_calls import BECAUSE, take_call
from outreach.conversations.models import TaskKind
from outreach.people.models import NumberKind, NumberStatus, PersonNumber, PhoneNumber
from outreach.texting.claims import claim_due
from outreach.texting.models import Kind, Text, TextStatus
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, make_settings, seed

ANA, STRANGER = "+12135550101", "+12135550199"
MISSED = (
    "You called DSA-LA and we missed it. Text what it's about, or CALL and a person rings you back. STOP to opt out"
)


def called(session: Session, talk: Talk, phone: str = ANA) -> list[str]:
    take_call(talk.settings, {"From": phone, "To": talk.settings.senders[0], "CallSid": "CA1"}, talk.now)
    session.expire_all()
    return talk.heard(phone)


def the_number(session: Session) -> PhoneNumber:
    return session.scalars(select(PhoneNumber)).one()


def test_a_member_who_calls_is_texted_once_in_a_week_and_then_rung_back(session: Session) -> None:
    seed(session)
    make_person(session, phone=ANA)
    talk = Talk()
    assert called(session, talk) == [MISSED]
    assert session.scalars(select(Text.kind)).one() == Kind.TRANSACTIONAL
    talk.now += timedelta(days=6)
    assert called(session, talk) == []
    assert called(session, talk) == []
    assert [(task.kind, task.because) for task in talk.tasks()] == [(TaskKind.CALL, BECAUSE)]
    talk.now += timedelta(days=2)
    assert called(session, talk) == [MISSED]
    talk.write(ANA, "CALL")
    assert talk.heard(ANA)[0].startswith("Gladly. When is a good time to call you?")


def test_in_spanish_to_who_speaks_it_and_by_no_name_to_a_shared_number(session: Session) -> None:
    for name in ("Ana Prueba", "Ben Prueba"):
        make_person(session, name, phone=ANA, language="es")
    assert called(session, Talk())[0].startswith("Llamó a DSA-LA y no alcanzamos a contestar.")


def opted_out(number: PhoneNumber, _link: PersonNumber) -> None:
    number.texts_opted_out_at = NOW


def held(number: PhoneNumber, _link: PersonNumber) -> None:
    number.automation_held_at = NOW


def taken(number: PhoneNumber, _link: PersonNumber) -> None:
    number.taken_at = NOW


def landline(number: PhoneNumber, _link: PersonNumber) -> None:
    number.status = NumberStatus.LANDLINE


def at_home(number: PhoneNumber, link: PersonNumber) -> None:
    number.kind = link.kind = NumberKind.HOME


@pytest.mark.parametrize("how", [opted_out, held, taken, landline, at_home])
def test_who_may_not_be_texted_is_rung_back(session: Session, how: object) -> None:
    make_person(session, phone=ANA)
    assert callable(how)
    how(the_number(session), session.scalars(select(PersonNumber)).one())
    session.flush()
    talk = Talk()
    assert called(session, talk) == []
    assert [task.because for task in talk.tasks()] == [BECAUSE]


def test_who_is_asked_something_now_is_rung_back_and_the_question_stays_open(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    assert called(session, talk) == []
    assert len(talk.tasks()) == 1
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: ")


def test_an_unknown_caller_hears_the_words_alone_unless_they_texted_before(session: Session) -> None:
    talk = Talk()
    for phone in (STRANGER, "", "anonymous", "+266696687"):
        take_call(talk.settings, {"From": phone}, talk.now)
    assert session.scalar(select(func.count(PhoneNumber.id))) == 0
    talk.write(STRANGER, "hello?")
    talk.heard(STRANGER)
    assert called(session, talk, STRANGER) == [MISSED]
    assert talk.write(STRANGER, "about the class").status == TextStatus.NEEDS_PERSON
    assert talk.heard(STRANGER) == []


def test_it_leaves_within_text_hours_alone(session: Session) -> None:
    make_person(session, phone=ANA)
    talk = Talk(make_settings(text_hours="09:00-20:00", text_hours_sunday="12:00-20:00"), now=NOW + timedelta(hours=13))
    take_call(talk.settings, {"From": ANA}, talk.now)
    for hours, claimed in ((0, 0), (11, 1)):
        at = talk.now + timedelta(hours=hours)
        assert len(claim_due(session, talk.settings, at)) == claimed
