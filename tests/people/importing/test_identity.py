from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.holds import hold_person
from outreach.people.models import (
    ExternalId,
    ImportChange,
    Person,
)
from tests.people.factories import NOW
from tests.people.lists import NATIONAL, ROW, do_import, imported, rejected, write_list


def test_importing_twice_changes_nothing(session: Session, tmp_path: Path) -> None:
    rows = [
        {
            **NATIONAL,
            "membership_status": "Member",
            "p2ptext_optout": "TRUE",
            "tags": "a,b",
            "last_attended": "2026-01-01",
        },
        {"first_name": "Beto", "last_name": "Ruiz", "email": "b@example.org", "mobile_phone": "2135550102"},
        {"first_name": "Beto", "last_name": "Ruiz", "email": "other@example.org", "mobile_phone": "2135550102"},
        {"first_name": "Carla", "last_name": "Ruiz", "mobile_phone": "2135550102", "best_phone": "2135550103"},
        {"first_name": "Carla", "last_name": "Ruiz", "mobile_phone": "2135550103", "zip": "90001"},
        {"mobile_phone": "2135550104"},
        {"email": "nobody@example.org", "mobile_phone": ""},
        {"first_name": "Bad", "mobile_phone": "5550101"},
    ]
    path = write_list(tmp_path / "members.csv", rows)
    first = do_import(session, path, consent="joined")
    changes = session.scalar(select(func.count()).select_from(ImportChange))
    second = do_import(session, path, consent="joined")
    assert (first.created, first.rejected) == (7, 1)
    assert (second.created, second.updated, second.unchanged, second.rejected) == (0, 0, 7, 1)
    assert session.scalar(select(func.count()).select_from(ImportChange)) == changes


def test_an_id_outlasts_a_new_name_and_number(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, NATIONAL)
    imported(
        session, tmp_path, {**NATIONAL, "last_name": "Casada", "mobile_phone": "2135550199", "email": "x@example.org"}
    )
    person = session.scalars(select(Person)).one()
    assert (person.last_name, person.email) == ("Casada", "x@example.org")


def test_generations_of_the_national_list_share_their_ids(session: Session, tmp_path: Path) -> None:
    old = {**ROW, "AK_ID": "7", "email": "old@example.org", "mobile_phone": "2135550150"}
    imported(session, tmp_path, old)
    imported(session, tmp_path, {**NATIONAL, "actionkit_id": "7"})


def test_the_same_id_from_another_system_is_another_id(session: Session, tmp_path: Path) -> None:
    other = {"first_name": "Beto", "last_name": "Ruiz", "mobile_phone": "2135550102", "VANID": "7"}
    do_import(session, write_list(tmp_path / "members.csv", [NATIONAL]))
    do_import(session, write_list(tmp_path / "van.csv", [other]))
    assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_an_id_that_is_wholly_somebody_elses_is_rejected(session: Session, tmp_path: Path) -> None:
    do_import(session, write_list(tmp_path / "members.csv", [{**ROW, "id": "7"}]))
    other = {"first_name": "Beto", "last_name": "Ruiz", "mobile_phone": "2135550102", "id": "7"}
    fine = {"first_name": "Carla", "last_name": "Ruiz", "mobile_phone": "2135550103", "id": "8"}
    report = do_import(session, write_list(tmp_path / "members.csv", [other, fine]))
    assert (report.created, report.rejected) == (1, 1)
    (row,) = rejected(tmp_path)
    assert (row["row"], row["first_name"]) == ("2", "Beto")
    assert "--source" in row["reason"]


@pytest.mark.parametrize(
    "other",
    [
        {"first_name": "ANA", "last_name": "Prueba", "email": "Ana@Example.org", "mobile_phone": "2135550177"},
        {"first_name": "Ana", "last_name": "Prueba", "email": "", "mobile_phone": "1-213-555-0101"},
        {"first_name": "Ana", "last_name": "Prueba", "email": "new@example.org", "mobile_phone": "2135550101"},
        {"email": "ana@example.org", "mobile_phone": ""},
        {"mobile_phone": "2135550101"},
        {"name": "Prueba, Ana", "mobile_phone": "2135550101"},
    ],
)
def test_one_person_on_two_lists_is_one_person(session: Session, tmp_path: Path, other: dict[str, str]) -> None:
    do_import(session, write_list(tmp_path / "one.csv", [NATIONAL]))
    do_import(session, write_list(tmp_path / "other.csv", [other]))
    assert session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"first_name": "Beto", "last_name": "Prueba", "email": "ana@example.org", "mobile_phone": "2135550101"},
        {"first_name": "Ana", "last_name": "Prueba", "email": "", "mobile_phone": "2135550102"},
        {**NATIONAL, "actionkit_id": "8"},
    ],
)
def test_nobody_is_taken_for_somebody_else(session: Session, tmp_path: Path, other: dict[str, str]) -> None:
    do_import(session, write_list(tmp_path / "one.csv", [NATIONAL]))
    do_import(session, write_list(tmp_path / "other.csv", [other]))
    assert session.scalar(select(func.count()).select_from(Person)) == 2


def test_somebody_known_without_a_name_gets_the_one_the_list_has(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {"mobile_phone": "2135550101"})
    imported(session, tmp_path, NATIONAL)
    assert session.scalars(select(Person.folded_name)).one() == "ana prueba"
    assert session.scalars(select(ExternalId.external_id)).one() == "7"


def test_a_hold_by_a_person_stands_against_lists(session: Session, tmp_path: Path) -> None:
    person_id = imported(session, tmp_path, NATIONAL, consent="joined").person_id
    hold_person(session, person_id, "asked to rest", NOW)
    assert imported(session, tmp_path, NATIONAL, consent="joined").reach == "held"


def test_the_figures_are_those_of_the_contract(session: Session, tmp_path: Path) -> None:
    rows = [
        {**NATIONAL, "p2ptext_optout": "TRUE"},
        {**ROW, "first_name": "Beto", "mobile_phone": "2135550102", "email": "b@example.org"},
        {"first_name": "Bad", "mobile_phone": "1"},
    ]
    report = do_import(session, write_list(tmp_path / "members.csv", rows), consent="joined").as_json()
    assert {name: report[name] for name in list(report)[:9]} == {
        "rows": 3, "created": 2, "updated": 0, "unchanged": 0, "rejected": 1, "held": 0, "opted_out": 1,
        "not_textable": 1, "ignored_columns": [],
    }  # fmt: skip
