import json
import random
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.importing.reading import BadList
from outreach.people.models import ListImport, Person, PhoneNumber
from tests.people.lists import ROW, do_import, rejected, write_list

HEADERS: dict[str, list[str]] = json.loads((Path(__file__).parents[2] / "data/people/headers.json").read_text())
WITHOUT_PHONES = {"mobilize_events", "van_contact_history"}
LISTS = sorted(set(HEADERS) - WITHOUT_PHONES)
NAMES = ("first_name", "first name", "firstName", "FirstName", "First Name")
NUMBERS = ("mobile_phone", "Mobile_Phone", "can2_phone", "phone", "cell", "Cell Phone", "Phone", "phone_number")


def row_under(header: list[str], name: str, number: str) -> dict[str, str]:
    """Return a row that fills the name and every telephone column of a header."""
    filled = {column: name for column in header if column in NAMES}
    return dict.fromkeys(header, "") | filled | {column: number for column in header if column in NUMBERS}


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("name", LISTS)
def test_every_known_header_comes_in_however_it_is_written(
    session: Session, tmp_path: Path, name: str, encoding: str, separator: str
) -> None:
    header = HEADERS[name][:]
    random.Random(name).shuffle(header)
    rows = [row_under(header, "José", "213-555-0101"), row_under(header, "Muñoz", "213-555-0102")]
    path = write_list(tmp_path / "list.csv", rows, encoding=encoding, separator=separator)
    assert do_import(session, path).created == 2
    assert set(session.scalars(select(Person.first_name))) == {"José", "Muñoz"}
    assert do_import(session, path).unchanged == 2


def nothing_is_known(session: Session) -> bool:
    return not any(
        session.scalar(select(func.count()).select_from(table)) for table in (Person, PhoneNumber, ListImport)
    )


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "empty"),
        (b"first_name,mobile_phone\r\n", "no rows below"),
        (b"first_name,mobile_phone\r\n\r\n,\r\n", "no rows below"),
        (b"first_name,email\nAna,a@example.org\n", "no column of the list holds phone numbers"),
        (b"Ana,213-555-0101\nBeto,213-555-0102\n", "no column of the list holds phone numbers"),
        (b"PK\x03\x04" + b"\0" * 100, "zip file or an Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100, "old Excel workbook"),
        (random.Random(1).randbytes(4000), "not a text file"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not a text file"),
        (b'"first_name,mobile_phone\nAna,2135550101\n', "header cannot be read"),
        (b"first_name,mobile_phone\n" + b"x" * 5_000_000, None),
        (b'first_name,mobile_phone\nAna,"' + (b"x" * 999 + b"\n") * 5_000, None),
    ],
)
def test_what_is_no_list_is_refused_in_one_line_and_nothing_is_half_done(
    session: Session, tmp_path: Path, content: bytes, complaint: str | None
) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(content)
    if complaint is None:
        assert do_import(session, path).created == 0
        assert session.scalar(select(func.count()).select_from(Person)) == 0
        return
    with pytest.raises(BadList, match=complaint) as caught:
        do_import(session, path)
    assert "\n" not in str(caught.value)
    session.rollback()
    assert nothing_is_known(session)
    assert not (tmp_path / "members.rejected.csv").exists()


def test_rejected_rows_can_be_mended_and_imported(session: Session, tmp_path: Path) -> None:
    rows = [{**ROW, "mobile_phone": "5550101", "note": "=HYPERLINK()"}]
    do_import(session, write_list(tmp_path / "members.csv", rows))
    (row,) = rejected(tmp_path)
    assert list(row)[:3] == ["row", "reason", "first_name"]
    assert row["note"] == "'=HYPERLINK()"
    write_list(tmp_path / "members.csv", [{**row, "mobile_phone": "213-555-0101"}])
    report = do_import(session, tmp_path / "members.csv")
    assert (report.created, report.ignored_columns) == (1, ["row", "reason", "note"])
    assert not (tmp_path / "members.rejected.csv").exists()


def test_a_row_with_more_cells_than_the_header_is_rejected(session: Session, tmp_path: Path) -> None:
    (tmp_path / "members.csv").write_text("first_name,mobile_phone\nPrueba, Ana,2135550101\nBeto,2135550102,,\nCarla\n")
    report = do_import(session, tmp_path / "members.csv")
    assert (report.rows, report.created, report.rejected) == (3, 1, 2)
    reasons = [row["reason"] for row in rejected(tmp_path)]
    assert reasons == [
        "the row has 3 cells where the header has 2",
        "the row has no phone number, no e-mail and no id to know somebody by",
    ]


def test_a_row_of_long_lines_rejects_itself_and_the_rest_comes_in(session: Session, tmp_path: Path) -> None:
    long = "first_name,mobile_phone\n" + 'Ana,"' + "x\n" * 30 + "Beto,2135550102\n"
    (tmp_path / "members.csv").write_text(long)
    report = do_import(session, tmp_path / "members.csv")
    assert report.created == 1
    assert "does not end" in rejected(tmp_path)[0]["reason"]


def test_a_list_is_known_by_its_name_without_the_day(session: Session, tmp_path: Path) -> None:
    for name, source in {
        "members_20261101.csv": "members",
        "members 2026-11-08 (2).csv": "members",
        "2026-11-08.csv": "2026-11-08",
    }.items():
        assert do_import(session, write_list(tmp_path / name, [ROW])).source == source
    national = [{**dict.fromkeys(HEADERS["dsa_national_2023"], ""), **ROW, "actionkit_id": "7"}]
    assert do_import(session, write_list(tmp_path / "x.csv", national)).source == "DSA membership list"
