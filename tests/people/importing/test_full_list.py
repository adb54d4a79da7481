from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.importing.report import Report
from outreach.people.models import Person
from tests.people.lists import do_import, write_list

MEMBERS = [
    {"AK_ID": str(i), "first_name": f"Ana{i}", "last_name": "Prueba", "mobile_phone": f"213-555-01{i:02d}"}
    for i in range(20)
]


def whole_list(session: Session, folder: Path, rows: list[dict[str, str]], *, sure: bool = False) -> Report:
    path = write_list(folder / "members_20261124.csv", rows)
    return do_import(session, path, source="national", full_list=True, sure=sure)


def held(session: Session) -> dict[str, str]:
    found = session.execute(select(Person.first_name, Person.held_because).where(Person.held_because.is_not(None)))
    return {name: because or "" for name, because in found}


def test_whoever_is_missing_is_held_for_a_person_and_nobody_deleted(session: Session, tmp_path: Path) -> None:
    assert whole_list(session, tmp_path, MEMBERS).held == 0
    report = whole_list(session, tmp_path, MEMBERS[:18])
    assert (report.held, report.updated, report.unchanged) == (2, 0, 18)
    because = "not on the list of 2026-11-24 (national)"
    assert held(session) == {"Ana18": because, "Ana19": because}
    assert len(session.scalars(select(Person.id)).all()) == 20


def test_holding_twice_changes_nothing(session: Session, tmp_path: Path) -> None:
    whole_list(session, tmp_path, MEMBERS)
    whole_list(session, tmp_path, MEMBERS[:18])
    assert whole_list(session, tmp_path, MEMBERS[:18]).held == 0


def test_more_than_a_tenth_missing_is_refused_without_yes(session: Session, tmp_path: Path) -> None:
    whole_list(session, tmp_path, MEMBERS)
    with pytest.raises(OutreachError, match=r"3 of the 20 people.*--yes"), session.begin_nested():
        whole_list(session, tmp_path, MEMBERS[:17])
    assert held(session) == {}
    assert whole_list(session, tmp_path, MEMBERS[:17], sure=True).held == 3


def test_whoever_is_on_the_list_again_is_released(session: Session, tmp_path: Path) -> None:
    whole_list(session, tmp_path, MEMBERS)
    whole_list(session, tmp_path, MEMBERS[:18])
    report = whole_list(session, tmp_path, MEMBERS)
    assert (report.updated, held(session)) == (2, {})


def test_people_of_another_source_are_not_missing(session: Session, tmp_path: Path) -> None:
    do_import(session, write_list(tmp_path / "contacts.csv", MEMBERS[:5]), source="tabling")
    assert whole_list(session, tmp_path, MEMBERS[5:]).held == 0


def test_a_rejected_row_is_not_missing(session: Session, tmp_path: Path) -> None:
    whole_list(session, tmp_path, MEMBERS)
    broken = [{**MEMBERS[0], "mobile_phone": "5550100"}, *MEMBERS[1:]]
    report = whole_list(session, tmp_path, broken)
    assert (report.rejected, report.held) == (1, 0)


def test_without_full_list_nobody_is_held(session: Session, tmp_path: Path) -> None:
    whole_list(session, tmp_path, MEMBERS)
    assert do_import(session, write_list(tmp_path / "some.csv", MEMBERS[:1]), source="national").held == 0
