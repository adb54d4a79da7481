import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Task
from outreach.conversations.settling_needs import settle_need, told_by_phone
from outreach.errors import OutreachError
from outreach.people.models import Person
from outreach.texting.models import Kind, Text
from outreach.trainings.models import Need, NeedState
from outreach.trainings.needs import note_need
from tests.conversations.desk_factories import NOW, make_member, make_settings
from tests.people.factories import make_number, make_person
from tests.trainings.factories import make_session

LUZ = "luz@example.org"


def make_need(session: Session, person: Person, kind: str = "childcare") -> Need:
    gathering = make_session(session, now=NOW)
    return note_need(session, person.id, gathering.id, kind, "two kids", NOW)


def texts(session: Session) -> list[Text]:
    return list(session.scalars(select(Text).order_by(Text.id)))


@pytest.mark.parametrize(
    ("language", "outcome", "words"),
    [
        ("en", NeedState.ARRANGED, "yes to childcare"),
        ("en", NeedState.CANNOT, "couldn't arrange childcare"),
        ("es", NeedState.ARRANGED, "sí habrá cuidado de niños"),
        ("es", NeedState.CANNOT, "no pudimos conseguir cuidado de niños"),
    ],
)
def test_a_settled_need_is_told_by_text_in_the_members_language(
    session: Session, language: str, outcome: NeedState, words: str
) -> None:
    person, number = make_member(session, language=language)
    need = make_need(session, person)
    told = settle_need(session, make_settings(), need.id, outcome, LUZ, NOW)
    [text] = texts(session)

    assert told
    assert words in text.body
    assert (text.kind, text.number_id, text.status) == (Kind.TRANSACTIONAL, number.id, "queued")
    assert (need.state, need.outcome) == (NeedState.TOLD, outcome)


def test_the_same_outcome_twice_is_told_once(session: Session) -> None:
    person, _ = make_member(session)
    need = make_need(session, person)
    for _ in range(2):
        settle_need(session, make_settings(), need.id, NeedState.ARRANGED, LUZ, NOW)

    assert len(texts(session)) == 1


def test_what_turns_out_otherwise_is_told_again(session: Session) -> None:
    person, _ = make_member(session)
    need = make_need(session, person)
    settle_need(session, make_settings(), need.id, NeedState.ARRANGED, LUZ, NOW)
    settle_need(session, make_settings(), need.id, NeedState.CANNOT, LUZ, NOW)

    assert len(texts(session)) == 2
    assert need.outcome == NeedState.CANNOT


def test_who_cannot_be_texted_becomes_a_call(session: Session) -> None:
    person = make_person(session, numbers=[make_number(session, opted_out=True)])
    need = make_need(session, person)
    told = settle_need(session, make_settings(), need.id, NeedState.ARRANGED, LUZ, NOW)
    [task] = session.scalars(select(Task)).all()

    assert not told
    assert not texts(session)
    assert task.person_id == person.id
    assert need.state == NeedState.ARRANGED


def test_who_was_told_by_phone_is_told(session: Session) -> None:
    person = make_person(session, numbers=[make_number(session, opted_out=True)])
    need = make_need(session, person)
    settle_need(session, make_settings(), need.id, NeedState.ARRANGED, LUZ, NOW)
    told_by_phone(session, need.id, LUZ, NOW)

    assert need.state == NeedState.TOLD


def test_a_need_that_is_gone_says_so(session: Session) -> None:
    with pytest.raises(OutreachError, match="no need"):
        settle_need(session, make_settings(), 999_999, NeedState.ARRANGED, LUZ, NOW)


def test_a_need_without_a_session_speaks_of_the_next_one(session: Session) -> None:
    person, _ = make_member(session)
    need = note_need(session, person.id, None, "ride", "", NOW)
    settle_need(session, make_settings(), need.id, NeedState.ARRANGED, LUZ, NOW)

    assert "the next class: yes to a ride" in texts(session)[0].body
