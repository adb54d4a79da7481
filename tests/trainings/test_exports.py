import csv
import io
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from outreach.people.models import PersonNumber, PhoneNumber
from outreach.trainings.attendance import close_sign_in, sign_in
from outreach.trainings.exports import RSVP_COLUMNS, export_rsvps
from outreach.trainings.models import RsvpStatus
from outreach.trainings.needs import note_need
from outreach.trainings.roster import write_roster
from outreach.trainings.rsvps import answer
from outreach.trainings.spreadsheets import harmless
from tests.trainings.factories import NOW, make_people, make_person, make_session, make_training


def give_number(session: Session, person_id: int, phone: str, rank: int, *, retired: bool = False) -> None:
    number = PhoneNumber(phone=phone, created_at=NOW)
    session.add(number)
    session.flush()
    retired_at = NOW if retired else None
    session.add(PersonNumber(person_id=person_id, number_id=number.id, rank=rank, retired_at=retired_at))
    session.flush()


def exported(session: Session) -> list[dict[str, str]]:
    file = io.StringIO()
    count = export_rsvps(session, file)
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    assert len(rows) == count
    return rows


def test_an_rsvp_is_exported_with_name_number_needs_and_local_times(session: Session) -> None:
    person, gathering = make_person(session), make_session(session, make_training(session, "Canvassing"))
    give_number(session, person.id, "+12135550111", 0, retired=True)
    give_number(session, person.id, "+12135550102", 2)
    give_number(session, person.id, "+12135550101", 1)
    answer(session, person.id, gathering.id, RsvpStatus.YES, party_size=2, now=NOW)
    for kind in ("ride", "childcare"):
        note_need(session, person.id, gathering.id, kind, "", NOW)
    (row,) = exported(session)
    assert tuple(row) == RSVP_COLUMNS
    assert row == {
        "person_id": str(person.id),
        "first_name": "Ana",
        "last_name": "Example",
        "phone": "+12135550101",
        "session_id": str(gathering.id),
        "training": "Canvassing",
        "starts_at": "2026-12-12T10:00:00-08:00",
        "status": "yes",
        "attended": "",
        "needs": "childcare;ride",
        "party_size": "2",
        "answered_at": "2026-11-20T10:00:00-08:00",
    }


def test_whether_somebody_came_is_empty_until_the_sign_in_is_closed(session: Session) -> None:
    gathering, (came, missed) = make_session(session), make_people(session, 2)
    for person in (came, missed):
        answer(session, person, gathering.id, RsvpStatus.YES, now=NOW)
    sign_in(session, gathering.id, came, gathering.starts_at)
    assert [row["attended"] for row in exported(session)] == ["true", ""]
    close_sign_in(session, gathering.id, gathering.starts_at + timedelta(hours=3))
    assert [row["attended"] for row in exported(session)] == ["true", "false"]


def test_sensitive_sessions_are_not_exported(session: Session) -> None:
    gathering = make_session(session, sensitive=True, host="host@example.org")
    answer(session, make_person(session).id, gathering.id, RsvpStatus.YES, now=NOW)
    assert exported(session) == []


def test_a_roster_names_people_by_first_name_and_initial_and_holds_no_number(session: Session) -> None:
    gathering = make_session(session)
    person = make_person(session, "Ana", "Example", preferred_name="Anita")
    give_number(session, person.id, "+12135550103", 0)
    walk_in, declined = make_person(session, "Ben", "Sample"), make_person(session, "Cleo")
    answer(session, person.id, gathering.id, RsvpStatus.YES, now=NOW)
    answer(session, declined.id, gathering.id, RsvpStatus.NO, now=NOW)
    note_need(session, person.id, gathering.id, "asl", "", NOW)
    sign_in(session, gathering.id, walk_in.id, gathering.starts_at)
    file = io.StringIO()
    assert write_roster(session, gathering.id, "trainer@example.org", file) == 2
    assert list(csv.reader(io.StringIO(file.getvalue())))[1:] == [
        ["Anita", "E", "yes", "1", "asl", "False", "False"],
        ["Ben", "S", "", "1", "", "True", "True"],
    ]
    assert "5550103" not in file.getvalue()


@pytest.mark.parametrize(
    "cell", ["=1+1", "+SUM(A1)", "-2+3", "@SUM(A1)", "\t=1", " =1", "\r=1", "+1 213 cmd|' /C calc'!A0"]
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["", "Ana", "+12135550101", "-3", "12.5", "O'Example", "a=b"])
def test_any_other_cell_stays_as_it_is(cell: str) -> None:
    assert harmless(cell) == cell
