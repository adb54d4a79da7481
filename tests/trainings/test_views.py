import csv
import io
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent, Role
from outreach.people.models import Person
from outreach.trainings.models import RsvpStatus, SessionState, TrainingSession
from outreach.trainings.needs import name_need_owner, note_need
from outreach.trainings.rsvps import answer
from tests.accounts.factories import make_user, send, sign_in
from tests.conversations.desk_factories import make_app
from tests.trainings.factories import NOW, make_person, make_session, make_training

LUZ = "luz@example.org"
FORM = {
    "starts": "2026-12-12T10:00",
    "minutes": "180",
    "place": "Boyle Hts",
    "kind": "training",
    "languages": ["en", "es"],
    "capacity": "20",
}


@pytest.fixture(autouse=True)
def at_ten_in_los_angeles() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(session: Session, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    return signed_in(session, monkeypatch)


def signed_in(
    session: Session, monkeypatch: pytest.MonkeyPatch, role: Role = Role.CAMPAIGN_ORGANIZER, email: str = LUZ
) -> FlaskClient:
    client = make_app(monkeypatch).test_client()
    assert sign_in(client, make_user(session, email, role)).status_code == 302
    return client


def say(session: Session, gathering: TrainingSession, name: str, status: RsvpStatus, **facts: int) -> Person:
    first, _, last = name.partition(" ")
    person = make_person(session, first, last)
    answer(session, person.id, gathering.id, status, now=NOW, **facts)
    session.commit()
    return person


def test_the_list_shows_what_is_to_come_and_what_was(client: FlaskClient, session: Session) -> None:
    make_session(session, make_training(session, "Canvassing"), capacity=40)
    long_ago = NOW - timedelta(days=90)
    make_session(session, make_training(session, "Facilitation"), now=long_ago)
    session.commit()
    page = client.get("/sessions").text

    assert page.index("Canvassing") < page.index("Earlier") < page.index("Facilitation")
    assert "0 / 40" in page


def test_earlier_sessions_go_on_by_key(client: FlaskClient, session: Session) -> None:
    for days in range(33):
        make_session(session, make_training(session, f"T{days:02}"), now=NOW - timedelta(days=60 + days))
    session.commit()
    first = client.get("/sessions").text
    address = first.split('href="/sessions?before=')[1].split('"')[0]
    second = client.get(f"/sessions?before={address}").text

    assert ("T29" in first, "T30" in first) == (True, False)
    assert ("T29" in second, "T30" in second, "T32" in second) == (False, True, True)


def test_a_session_shows_who_answered_what_and_the_waitlist_in_order(client: FlaskClient, session: Session) -> None:
    gathering = make_session(session, capacity=2)
    say(session, gathering, "Ana Aguilar", RsvpStatus.YES, party_size=2)
    for name in ("Bao Chen", "Carlos Díaz"):
        say(session, gathering, name, RsvpStatus.YES)
    say(session, gathering, "Dana Ellis", RsvpStatus.MAYBE)
    page = client.get(f"/sessions/{gathering.id}").text

    assert "2 / 2" in page
    assert "Ana A." in page
    assert "with 1 more" in page
    assert page.index("Waitlist (2)") < page.index("Bao C.") < page.index("Carlos D.")
    assert "Maybe (1)" in page
    assert "Aguilar" not in page


def test_a_session_shows_needs_with_owner_and_deadline(client: FlaskClient, session: Session) -> None:
    name_need_owner(session, "childcare", "kids@example.org")
    gathering = make_session(session)
    person = say(session, gathering, "Ana Aguilar", RsvpStatus.YES)
    need = note_need(session, person.id, gathering.id, "childcare", "two kids", NOW)
    session.commit()
    page = client.get(f"/sessions/{gathering.id}").text

    assert "Childcare" in page
    assert "two kids" in page
    assert "kids@example.org" in page
    assert "to be settled by Wed Dec 9 10am" in page
    assert "Overdue" not in page
    need.due_at = NOW - timedelta(hours=1)
    session.commit()
    assert "Overdue" in client.get(f"/sessions/{gathering.id}").text


def test_the_roster_is_a_file_without_numbers(client: FlaskClient, session: Session) -> None:
    gathering = make_session(session)
    person = say(session, gathering, "=Ana Aguilar", RsvpStatus.YES)
    note_need(session, person.id, gathering.id, "childcare", "", NOW)
    session.commit()
    answered = client.get(f"/sessions/{gathering.id}/roster.csv")
    [row] = csv.DictReader(io.StringIO(answered.get_data().decode("utf-8-sig")))

    assert answered.mimetype == "text/csv"
    assert (row["first_name"], row["initial"], row["status"], row["needs"]) == ("'=Ana", "A", "yes", "childcare")
    assert not {"phone", "email", "last_name"} & set(row)
    assert "roster.download" in session.scalars(select(AuditEvent.act)).all()


def test_only_the_host_sees_who_comes_to_a_sensitive_session(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    gathering = make_session(session, sensitive=True, host="host@example.org", place="A secret place")
    say(session, gathering, "Ana Aguilar", RsvpStatus.YES)
    admin = signed_in(session, monkeypatch, Role.ADMIN)
    seen = admin.get(f"/sessions/{gathering.id}").text
    assert "Ana" not in seen
    assert "only its host sees who comes" in seen
    assert admin.get(f"/sessions/{gathering.id}/roster.csv").status_code == 403

    host = signed_in(session, monkeypatch, Role.TRAINER, "host@example.org")
    assert "Ana A." in host.get(f"/sessions/{gathering.id}").text
    assert host.get(f"/sessions/{gathering.id}/roster.csv").status_code == 200


def test_a_session_is_added(client: FlaskClient, session: Session) -> None:
    training = make_training(session)
    session.commit()
    answered = send(client, "/sessions/new", "/sessions/new", training=training.id, **FORM)
    [added] = session.scalars(select(TrainingSession)).all()

    assert answered.location == f"/sessions/{added.id}"
    assert added.starts_at.isoformat() == "2026-12-12T18:00:00+00:00"
    assert (added.minutes, added.capacity, added.place, added.languages) == (180, 20, "Boyle Hts", ["en", "es"])
    assert "The session is added." in client.get(answered.location).text


@pytest.mark.parametrize(
    ("field", "written", "complaint"),
    [
        ("starts", "2026-11-01T10:00", "is past"),
        ("starts", "next week", "is not a time"),
        ("starts", "2027-03-14T02:30", "does not exist"),
        ("starts", "2042-01-01T10:00", "more than ten years ahead"),
        ("starts", "", "Say when it starts."),
        ("minutes", "0", "ends before it starts"),
        ("minutes", "three hours", "Not a valid integer value."),
        ("minutes", "999999", "longer than two weeks"),
        ("capacity", "0", "at least 1"),
        ("capacity", "many", "Not a valid integer value."),
        ("place", "", "no place"),
        ("languages", [], "at least one language"),
        ("place", "x" * 300, "at most 200 characters"),
    ],
)
def test_what_a_session_cannot_be_is_said_beside_the_field_and_all_that_was_typed_is_kept(
    client: FlaskClient, session: Session, field: str, written: object, complaint: str
) -> None:
    training = make_training(session)
    session.commit()
    given = {**FORM, "contact": "Marco at the door", field: written}
    answered = send(client, "/sessions/new", "/sessions/new", training=training.id, **given)

    assert answered.status_code == 422
    beside = answered.text.split(f'id="{field}-error"')[1].split("</p>")[0]
    assert complaint in beside
    assert 'value="Marco at the door"' in answered.text
    if isinstance(written, str) and written:
        assert f'value="{written}"' in answered.text
    assert not session.scalars(select(TrainingSession)).all()


def test_a_sensitive_session_needs_a_host(client: FlaskClient, session: Session) -> None:
    training = make_training(session)
    session.commit()
    answered = send(client, "/sessions/new", "/sessions/new", training=training.id, sensitive="y", **FORM)

    assert "needs a host" in answered.text.split('id="host-error"')[1].split("</p>")[0]


def test_an_hour_that_happens_twice_is_taken_and_said(client: FlaskClient, session: Session) -> None:
    training = make_training(session)
    session.commit()
    given = {**FORM, "starts": "2027-11-07T01:30"}
    answered = send(client, "/sessions/new", "/sessions/new", training=training.id, **given)

    assert "happens twice" in client.get(answered.location).text


def test_a_session_is_moved_and_its_form_begins_with_how_it_is(client: FlaskClient, session: Session) -> None:
    gathering = make_session(session, starts_at=NOW + timedelta(days=22), place="Old hall")
    session.commit()
    page = f"/sessions/{gathering.id}/move"
    assert 'value="2026-12-12T10:00"' in client.get(page).text
    answered = send(client, page, page, starts="2026-12-13T11:00", minutes="120", place="New hall")
    session.refresh(gathering)

    assert answered.location == f"/sessions/{gathering.id}"
    assert gathering.starts_at.isoformat() == "2026-12-13T19:00:00+00:00"
    assert (gathering.place, gathering.minutes, gathering.sequence) == ("New hall", 120, 1)
    assert "whoever is coming is told" in client.get(answered.location).text


def test_a_move_that_changes_nothing_tells_nobody(client: FlaskClient, session: Session) -> None:
    gathering = make_session(session, starts_at=NOW + timedelta(days=22), place="Old hall", minutes=180)
    session.commit()
    page = f"/sessions/{gathering.id}/move"
    answered = send(client, page, page, starts="2026-12-12T10:00", minutes="180", place="Old hall")

    assert session.scalars(select(TrainingSession.sequence)).one() == 0
    assert "Nothing was changed." in client.get(answered.location).text


def test_a_refused_move_keeps_what_was_typed(client: FlaskClient, session: Session) -> None:
    gathering = make_session(session)
    session.commit()
    page = f"/sessions/{gathering.id}/move"
    answered = send(client, page, page, starts="2026-11-01T10:00", minutes="90", place="Another hall")

    assert answered.status_code == 422
    assert "is past" in answered.text.split('id="starts-error"')[1].split("</p>")[0]
    assert 'value="Another hall"' in answered.text


def test_a_session_that_has_begun_cannot_be_moved(client: FlaskClient, session: Session) -> None:
    gathering = make_session(session, now=NOW - timedelta(days=30))
    session.commit()
    page = f"/sessions/{gathering.id}/move"
    answered = send(client, page, page, starts="2026-12-13T11:00", minutes="120", place="New hall")

    assert answered.status_code == 422
    assert "has begun" in answered.text


def test_a_session_is_cancelled_after_asking_again(client: FlaskClient, session: Session) -> None:
    gathering = make_session(session)
    session.commit()
    page = f"/sessions/{gathering.id}/cancel"
    assert "Cancel this session?" in client.get(page).text
    answered = send(client, page, page)
    session.refresh(gathering)

    assert gathering.state == SessionState.CANCELLED
    assert "This session is cancelled." in client.get(answered.location).text
    assert client.get(page).status_code == 404


def test_a_trainer_sees_sessions_and_changes_none(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    gathering = make_session(session)
    session.commit()
    client = signed_in(session, monkeypatch, Role.TRAINER)
    page = client.get(f"/sessions/{gathering.id}").text

    assert "Move or change" not in page
    assert client.get("/sessions/new").status_code == 403


@pytest.mark.parametrize("path", ["", "/roster.csv", "/move", "/cancel"])
def test_a_session_that_is_not_there_is_not_found(client: FlaskClient, path: str) -> None:
    assert client.get(f"/sessions/999999{path}").status_code == 404
