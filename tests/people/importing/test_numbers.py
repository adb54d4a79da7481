from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.models import (
    NumberKind,
    PersonNumber,
    PhoneNumber,
)
from outreach.people.numbers import retire_number
from tests.people.factories import NOW
from tests.people.lists import NATIONAL, PHONE, ROW, do_import, imported, rejected, textable, write_list


@pytest.mark.parametrize("column", ["best_phone", "home_phone", "phone"])
def test_only_mobile_numbers_are_texted(session: Session, tmp_path: Path, column: str) -> None:
    row = {"first_name": "Ana", "last_name": "Prueba", column: "2135550101"}
    standing = imported(session, tmp_path, row, consent="joined")
    assert (standing.reach, standing.callable) == ("no_mobile", True)


def test_the_best_phone_is_a_mobile_where_the_list_says_so_beside_it(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {**ROW, "best_phone": "213.555.0101", "home_phone": "323-555-0102"})
    kinds = dict(session.execute(select(PhoneNumber.phone, PhoneNumber.kind)).all())
    assert kinds == {PHONE: NumberKind.MOBILE, "+13235550102": NumberKind.HOME}


@pytest.mark.parametrize(("kind", "reach"), [("Mobile", "textable"), ("Home", "no_mobile"), ("Fax", "no_mobile")])
def test_a_phone_type_column_tells_mobiles(session: Session, tmp_path: Path, kind: str, reach: str) -> None:
    row = {"first_name": "Ana", "last_name": "Prueba", "phone": "2135550101", "phone type": kind}
    assert imported(session, tmp_path, row, consent="joined").reach == reach


def test_work_phones_stay_out(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {**ROW, "work_phone": "2135550109"})
    assert session.scalars(select(PhoneNumber.phone)).all() == [PHONE]


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("2.07333E+09", "scientific notation"),
        ("5550101", "7 digits"),
        ("0000000000", "filler"),
        ("999-999-9999", "filler"),
        ("911-555-0101", "area code"),
    ],
)
def test_a_row_whose_number_cannot_be_one_is_rejected_with_the_reason(
    session: Session, tmp_path: Path, cell: str, reason: str
) -> None:
    report = do_import(session, write_list(tmp_path / "members.csv", [{**ROW, "mobile_phone": cell}, NATIONAL]))
    assert (report.rejected, report.created) == (1, 1)
    (row,) = rejected(tmp_path)
    assert (row["row"], row["mobile_phone"]) == ("2", cell)
    assert reason in row["reason"]


def test_a_row_with_another_good_number_comes_in(session: Session, tmp_path: Path) -> None:
    report = do_import(session, write_list(tmp_path / "members.csv", [{**ROW, "home_phone": "5550101"}]))
    assert (report.rejected, report.created) == (0, 1)
    assert any("phone numbers of people who have another one" in warning for warning in report.warnings)


def test_several_numbers_in_one_cell_are_each_taken(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {**ROW, "mobile_phone": "2135550101 / 213-555-0102"})
    assert session.scalar(select(func.count()).select_from(PersonNumber)) == 2


def test_two_people_with_one_number_keep_two_records_and_get_one_text(session: Session, tmp_path: Path) -> None:
    rows = [ROW, {**ROW, "first_name": "Beto", "email": "beto@example.org"}]
    report = do_import(session, write_list(tmp_path / "members.csv", rows), consent="joined")
    assert (report.created, textable(session)) == (2, 1)


def test_a_number_retired_for_somebody_stays_so(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, ROW, consent="joined")
    link = session.scalars(select(PersonNumber)).one()
    retire_number(session, link.person_id, link.number_id, "wrong number", NOW)
    assert imported(session, tmp_path, ROW, consent="joined").reach == "wrong_number"


def test_the_number_of_the_newest_list_goes_first(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, ROW, consent="joined")
    standing = imported(session, tmp_path, {**ROW, "mobile_phone": "2135550102"}, consent="joined")
    assert session.get_one(PhoneNumber, standing.number_id).phone == "+12135550102"
