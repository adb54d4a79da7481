from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.importing.undo import Undone, undo_import
from outreach.people.models import (
    Activity,
    ConsentEvent,
    ExternalId,
    ListEntry,
    MembershipRecord,
    Person,
    PersonNumber,
    PhoneNumber,
    Standing,
)
from tests.people.factories import KEY, NOW, make_person
from tests.people.lists import do_import, write_list

ROW = {"AK_ID": "7", "first_name": "Ana", "last_name": "Prueba", "mobile_phone": "2135550101", "zip": "90033"}
TABLES = (Person, PersonNumber, PhoneNumber, MembershipRecord, Activity, ExternalId, ListEntry, Standing)


def undo(session: Session, import_id: int) -> Undone:
    return undo_import(session, import_id, now=NOW + timedelta(hours=1), by="tester", key=KEY)


def everything(session: Session) -> list[list[str]]:
    """Return all that stands in the tables, but for when a row was touched."""
    return [
        sorted(
            str({name: value for name, value in row._mapping.items() if name != "updated_at"})
            for row in session.execute(select(table.__table__))
        )
        for table in TABLES
    ]


def test_an_undone_import_leaves_nothing_but_its_ledger_lines(session: Session, tmp_path: Path) -> None:
    before = everything(session)
    report = do_import(session, write_list(tmp_path / "members.csv", [ROW]), consent="joined")
    assert undo(session, report.import_id) == Undone(deleted=1)
    assert everything(session) == before
    assert session.scalars(select(ConsentEvent.action).order_by(ConsentEvent.id)).all() == ["consent", "withdrawn"]


def test_whom_it_changed_is_as_before(session: Session, tmp_path: Path) -> None:
    do_import(session, write_list(tmp_path / "members.csv", [{**ROW, "membership_status": "Member"}]))
    before = everything(session)
    changed = {
        **ROW, "first_name": "Anita", "zip": "90001", "mobile_phone": "2135550102", "dob": "2015-01-01",
        "tags": "tenant", "membership_status": "Lapsed", "last_attended": "2026-11-01",
    }  # fmt: skip
    report = do_import(session, write_list(tmp_path / "later.csv", [changed]), source="members", consent="joined")
    assert report.updated == 1
    undone = undo(session, report.import_id)
    assert undone == Undone(restored=1)
    session.execute(text("DELETE FROM activities WHERE last_active_on IS NULL"))
    assert everything(session) == before


def test_opt_outs_outlive_the_import_that_brought_them(session: Session, tmp_path: Path) -> None:
    person = make_person(session, "Ana Prueba")
    number = session.scalars(select(PhoneNumber)).one()
    row = {"first_name": "Ana", "last_name": "Prueba", "mobile_phone": number.phone, "p2ptext_optout": "TRUE"}
    report = do_import(session, write_list(tmp_path / "members.csv", [row]))
    undo(session, report.import_id)
    assert session.get_one(Standing, person.id).reach == "opted_out"


def test_the_missing_who_were_held_are_released(session: Session, tmp_path: Path) -> None:
    other = {**ROW, "AK_ID": "8", "first_name": "Beto", "mobile_phone": "2135550103"}
    do_import(session, write_list(tmp_path / "members.csv", [ROW, other]))
    report = do_import(session, write_list(tmp_path / "members.csv", [ROW]), full_list=True, sure=True)
    assert report.held == 1
    undo(session, report.import_id)
    assert session.scalar(select(func.count()).where(Person.held_because.is_not(None))) == 0
    again = do_import(session, write_list(tmp_path / "members.csv", [ROW]), full_list=True, sure=True)
    assert again.held == 1


def test_attendance_is_taken_back(session: Session, tmp_path: Path) -> None:
    row = {**ROW, "event name": "Meeting", "date": "2026-10-01", "attended": "yes"}
    report = do_import(session, write_list(tmp_path / "sheet.csv", [ROW]))
    report = do_import(session, write_list(tmp_path / "sheet.csv", [row]))
    assert session.scalars(select(Activity)).one().last_active_on == date(2026, 10, 1)
    undo(session, report.import_id)
    assert session.scalars(select(Activity)).one().attended_count == 0
    assert session.scalars(select(Activity)).one().last_active_on is None


def test_who_is_needed_elsewhere_is_kept(session: Session, tmp_path: Path) -> None:
    report = do_import(session, write_list(tmp_path / "members.csv", [ROW]))
    person = session.scalars(select(Person)).one()
    session.execute(
        text(
            "INSERT INTO texts (direction, number_id, person_id, body, segments, status, created_at, first_of_campaign,"
            " exempt_from_opt_out, automated, attempts) SELECT 'in', number_id, person_id, '', 1, 'handled', now(),"
            " false, false, false, 0 FROM person_numbers"
        )
    )
    assert undo(session, report.import_id) == Undone(kept=1)
    assert session.get(Person, person.id) is not None


def test_an_import_is_taken_back_once_and_the_later_one_first(session: Session, tmp_path: Path) -> None:
    first = do_import(session, write_list(tmp_path / "members.csv", [ROW])).import_id
    second = do_import(session, write_list(tmp_path / "members.csv", [{**ROW, "zip": "90001"}])).import_id
    with pytest.raises(OutreachError, match=f"import {second} changed"):
        undo(session, first)
    undo(session, second)
    undo(session, first)
    with pytest.raises(OutreachError, match="already"):
        undo(session, first)
    with pytest.raises(OutreachError, match="there is no import"):
        undo(session, second + 1)
