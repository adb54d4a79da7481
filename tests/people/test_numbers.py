from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.models import PersonNumber, PhoneNumber
from outreach.people.numbers import find_or_create_number, lock_number, people_on, retire_number
from tests.people.factories import NOW, any_phone, make_number, make_person


def test_a_number_is_made_once(session: Session) -> None:
    phone = any_phone()
    assert find_or_create_number(session, phone, NOW).id == find_or_create_number(session, phone, NOW).id
    assert lock_number(session, phone, NOW).phone == phone
    assert session.scalar(select(func.count()).select_from(PhoneNumber)) == 1


def test_people_on_a_number_are_the_living_and_the_rightly_listed(session: Session) -> None:
    number = make_number(session)
    ana = make_person(session, numbers=[number])
    beto = make_person(session, "Beto Prueba", numbers=[number])
    make_person(session, "Carla Prueba", numbers=[number], deceased=True)
    make_person(session, "Ana P", numbers=[number], merged_into_id=ana.id)
    wrong = make_person(session, "Dani Prueba", numbers=[number])
    retire_number(session, wrong.id, number.id, "wrong number", NOW)
    assert [person.id for person in people_on(session, number.id)] == [ana.id, beto.id]


def test_a_number_is_retired_for_one_person_and_once(session: Session) -> None:
    number = make_number(session)
    ana, beto = make_person(session, numbers=[number]), make_person(session, "Beto Prueba", numbers=[number])
    assert retire_number(session, ana.id, number.id, "wrong number", NOW)
    assert not retire_number(session, ana.id, number.id, "disconnected", NOW)
    assert not retire_number(session, ana.id, number.id + 1, "wrong number", NOW)
    assert session.get_one(PersonNumber, (ana.id, number.id)).retired_because == "wrong number"
    assert session.get_one(PersonNumber, (beto.id, number.id)).retired_at is None
