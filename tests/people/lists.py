"""Lists for tests: rows, files, and importing them with the clock and key of these tests."""

import csv
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.importing.report import Report
from outreach.people.importing.run import Request, import_list
from outreach.people.models import Standing
from outreach.people.segments import Segment, SegmentLimits, count_textable
from tests.people.factories import KEY, NOW, TODAY

PHONE = "+12135550101"
ROW = {"first_name": "Ana", "last_name": "Prueba", "mobile_phone": "(213) 555-0101", "email": "ana@example.org"}
NATIONAL = {**ROW, "actionkit_id": "7", "p2ptext_optout": "FALSE", "do_not_call": "FALSE"}


def write_list(path: Path, rows: list[dict[str, str]], *, encoding: str = "utf-8", separator: str = ",") -> Path:
    """Write a list whose columns are the keys of all rows."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, names, restval="", delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return path


def do_import(session: Session, path: Path, **request: Any) -> Report:
    """Import a file with the clock and key of these tests."""
    return import_list(session, Request(path=path, **{"now": NOW, "today": TODAY, "key": KEY, **request}))


def imported(session: Session, folder: Path, *rows: dict[str, str], **request: object) -> Standing:
    """Import a list and return the standing of its only person."""
    do_import(session, write_list(folder / "members.csv", list(rows)), **request)
    return session.scalars(select(Standing)).one()


def textable(session: Session) -> int:
    """Return how many texts a campaign to everyone would begin with."""
    return count_textable(session, Segment.EVERYONE, SegmentLimits(), TODAY)


def rejected(folder: Path) -> list[dict[str, str]]:
    """Return the rejected rows of members.csv."""
    with (folder / "members.rejected.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
