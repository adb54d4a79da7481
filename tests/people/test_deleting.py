from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.consent import was_opted_out
from outreach.people.deleting import delete_person
from outreach.people.merging import merge_people
from outreach.people.models import Person, PersonNumber, PhoneNumber, Scope, Standing
from tests.people.factories import KEY, NOW, make_number, make_person
from tests.people.lists import do_import, write_list


def test_only_the_keyed_hash_of_a_deleted_person_stays(session: Session) -> None:
    number = make_number(session)
    phone = number.phone
    person = make_person(session, numbers=[number])
    deleted = delete_person(session, person.id, now=NOW, key=KEY, by="tester")
    assert deleted.person_ids == (person.id,)
    assert deleted.number_ids == (number.id,)
    assert session.scalar(select(func.count()).where(PhoneNumber.phone == phone)) == 0
    assert session.get(Standing, person.id) is None
    assert was_opted_out(session, phone, KEY)
    assert was_opted_out(session, phone, KEY, Scope.CALLS)


def test_a_deleted_person_on_the_next_list_is_not_texted(session: Session, tmp_path: Path) -> None:
    row = {"first_name": "Ana", "last_name": "Prueba", "mobile_phone": "2135550101"}
    path = write_list(tmp_path / "members.csv", [row])
    do_import(session, path, consent="joined")
    delete_person(session, session.scalars(select(Person.id)).one(), now=NOW, key=KEY, by="tester")
    report = do_import(session, path, consent="joined")
    assert (report.created, report.opted_out, report.not_textable) == (1, 1, 1)
    standing = session.scalars(select(Standing)).one()
    assert (standing.reach, standing.callable) == ("opted_out", False)


def test_a_shared_number_stays_with_the_other(session: Session) -> None:
    number = make_number(session)
    first, second = make_person(session, numbers=[number]), make_person(session, "Beto Prueba", numbers=[number])
    assert delete_person(session, first.id, now=NOW, key=KEY, by="tester").number_ids == ()
    assert not was_opted_out(session, number.phone, KEY)
    standing = session.get_one(Standing, second.id)
    assert (standing.reach, standing.shared) == ("textable", False)


def test_the_merged_go_too(session: Session) -> None:
    kept, other = make_person(session), make_person(session, "Ana P")
    both = (kept.id, other.id)
    merge_people(session, *both, NOW)
    assert delete_person(session, both[0], now=NOW, key=KEY, by="tester").person_ids == both
    assert session.scalar(select(func.count()).select_from(PersonNumber)) == 0
    with pytest.raises(OutreachError, match="no person"):
        delete_person(session, both[0], now=NOW, key=KEY, by="tester")
