from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import Activity, AttendanceRecord, Standing
from tests.people.lists import do_import, write_list

WHO = {"first name": "Ana", "last name": "Prueba", "email": "ana@example.org", "phone": "213-555-0101"}
MOBILIZE = {
    **WHO,
    "event id": "99",
    "event name": "Canvass",
    "start": "2026-10-10 10:00:00",
    "event organization name": "x",
}
SHEET = {**WHO, "event": "Branch meeting", "date": "10/3/2026"}


def attended(session: Session) -> tuple[date | None, int]:
    activity = session.scalars(select(Activity)).one_or_none()
    return (activity.last_active_on, activity.attended_count) if activity else (None, 0)


@pytest.mark.parametrize(
    ("row", "came"),
    [
        ({**MOBILIZE, "attended": "true"}, True),
        ({**MOBILIZE, "attended": "false"}, False),
        ({**MOBILIZE, "attended": ""}, False),
        ({**MOBILIZE, "status": "COMPLETED"}, True),
        ({**MOBILIZE, "status": "REGISTERED"}, False),
        ({**MOBILIZE, "status": "CANCELLED", "attended": ""}, False),
        ({**MOBILIZE, "attended": "walk-in"}, True),
        (MOBILIZE, False),
        (SHEET, True),
    ],
)
def test_attendance_is_what_the_list_says_came_true(
    session: Session, tmp_path: Path, row: dict[str, str], *, came: bool
) -> None:
    do_import(session, write_list(tmp_path / "list.csv", [row]))
    assert (attended(session)[1] == 1) is came


def test_attendance_is_recorded_once(session: Session, tmp_path: Path) -> None:
    rows = [SHEET, {**SHEET, "event": "Canvass", "date": "2026-09-01"}, SHEET]
    path = write_list(tmp_path / "sheet.csv", rows)
    assert do_import(session, path).created == 1
    assert attended(session) == (date(2026, 10, 3), 2)
    report = do_import(session, path)
    assert (report.updated, report.unchanged, attended(session)) == (0, 3, (date(2026, 10, 3), 2))
    assert len(session.scalars(select(AttendanceRecord)).all()) == 2


def test_nobody_came_to_what_has_not_been(session: Session, tmp_path: Path) -> None:
    report = do_import(session, write_list(tmp_path / "sheet.csv", [{**SHEET, "date": "2027-01-01"}]))
    assert attended(session) == (None, 0)
    assert any("attendances without a day in the past" in warning for warning in report.warnings)


def test_sign_ups_alone_say_so(session: Session, tmp_path: Path) -> None:
    report = do_import(session, write_list(tmp_path / "list.csv", [MOBILIZE]))
    assert any("no attendance is recorded" in warning for warning in report.warnings)


def test_a_last_attended_column_moves_activity_forward_only(session: Session, tmp_path: Path) -> None:
    for day in ("2026-06-01", "2026-05-01", "", "2027-01-01"):
        do_import(session, write_list(tmp_path / "list.csv", [{**WHO, "last_attended": day}]))
    assert attended(session) == (date(2026, 6, 1), 0)
    assert session.scalars(select(Standing)).one().last_active_on == date(2026, 6, 1)
