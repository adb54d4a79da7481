import csv
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.export_people import COLUMNS, people_rows
from outreach.people.exports import harmless, write_csv
from outreach.people.models import Membership
from outreach.people.segments import SegmentLimits
from tests.people.factories import NOW, TODAY, make_number, make_person


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (12, "12"),
        (-12, "-12"),
        (datetime(2026, 12, 1, 18, tzinfo=UTC), "2026-12-01T18:00:00+00:00"),
        (["a", "b"], "a;b"),
        ("+12135550101", "+12135550101"),
        ("- 5", "- 5"),
        ("=1+1", "'=1+1"),
        ("+1+cmd", "'+1+cmd"),
        ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        (["=1"], "'=1"),
        ("Ana", "Ana"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(value: object, cell: str) -> None:
    assert harmless(value) == cell


def test_a_csv_file_bears_the_mark_and_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    assert write_csv(path, ("a", "b"), [(1, "ñ, x"), (2, None)]) == 2
    assert path.read_bytes().startswith(b"\xef\xbb\xbfa,b\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [["a", "b"], ["1", "ñ, x"], ["2", ""]]


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutreachError, match="cannot be written"):
        write_csv(tmp_path / "nowhere" / "out.csv", ("a",), [])


def test_everybody_is_exported_once_with_their_best_number(session: Session) -> None:
    home, mobile = make_number(session, consented=False, kind="home"), make_number(session)  # type: ignore[arg-type]
    ana = make_person(
        session, numbers=[home, mobile], email="ana@example.org", written_language="es", zip="90033", branch="Central",
        source="DSA membership list",
    )  # fmt: skip
    beto = make_person(session, "Beto Prueba", numbers=[], standing=None)
    make_person(session, "Ana P", merged_into_id=ana.id)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in people_rows(session, SegmentLimits(), TODAY)]
    assert rows[0] == {
        "id": ana.id, "first_name": "Ana", "last_name": "Prueba", "preferred_name": None, "phone": mobile.phone,
        "email": "ana@example.org", "language": "es", "zip": "90033", "branch": "Central",
        "membership": Membership.GOOD_STANDING, "segment": "unknown_activity", "textable": True, "callable": True,
        "source": "DSA membership list", "consent": NOW,
    }  # fmt: skip
    assert [(row["id"], row["phone"], row["membership"], row["segment"]) for row in rows[1:]] == [
        (beto.id, None, "contact", "unreachable")
    ]
