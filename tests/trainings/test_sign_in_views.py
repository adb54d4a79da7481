from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent, Role
from outreach.conversations.feedback import CHANGE, FLOW, RATING, SHOWN_FROM, summarize
from outreach.conversations.models import NotedAnswer
from outreach.people.models import Belonging, ConsentEvent, Person, PhoneNumber, Reach, Standing
from outreach.trainings.attendance import sign_in
from outreach.trainings.check_in_codes import check_in_code
from outreach.trainings.models import Attendance, RsvpStatus, TrainingSession
from outreach.trainings.rsvps import answer
from tests.accounts.factories import send
from tests.trainings.factories import NOW, make_person, make_session
from tests.trainings.test_views import signed_in


@pytest.fixture
def held(session: Session) -> TrainingSession:
    """Return a session that began ten minutes ago."""
    gathering = make_session(session, starts_at=NOW + timedelta(days=2), now=NOW)
    for name, status in (("Ana Aguilar", RsvpStatus.YES), ("Ben Baca", RsvpStatus.YES), ("Eva Cruz", RsvpStatus.MAYBE)):
        first, _, last = name.partition(" ")
        answer(session, make_person(session, first, last).id, gathering.id, status, now=NOW)
    session.commit()
    return gathering


@pytest.fixture
def client(session: Session, monkeypatch: pytest.MonkeyPatch, held: TrainingSession) -> object:
    with time_machine.travel(held.starts_at + timedelta(minutes=10), tick=False):
        yield signed_in(session, monkeypatch, Role.TRAINER)


def person(session: Session, first: str) -> int:
    return session.scalars(select(Person.id).where(Person.first_name == first)).one()


def came(session: Session) -> set[int]:
    return set(session.scalars(select(Attendance.person_id)))


def test_the_sheet_tells_the_code_and_takes_who_is_here_and_takes_slips_back(
    client: FlaskClient, session: Session, held: TrainingSession
) -> None:
    ana, ben, eva = (person(session, name) for name in ("Ana", "Ben", "Eva"))
    address = f"/sessions/{held.id}/sign-in"
    page = client.get(address).text
    assert f"HERE {check_in_code(held.id)}" in page
    assert page.index("Ana A.") < page.index("Ben B.") < page.index("Eva C.")
    assert "Aguilar" not in page
    assert send(client, address, address, came=[str(ana), str(eva)]).status_code == 302
    assert came(session) == {ana, eva}
    send(client, address, address, came=[str(ana), "no number", "9" * 30])
    assert came(session) == {ana}
    answered = send(client, address, f"/sessions/{held.id}/close-sign-in")
    assert "1 came, 1 were missed" in client.get(answered.location).text
    send(client, address, address, came=[str(ben)])
    assert came(session) == {ana, ben}
    assert {"session.sign_in", "session.close_sign_in"} <= set(session.scalars(select(AuditEvent.act)))
    assert "nobody is taken off" in client.get(address).text


def test_only_the_host_sees_the_sheet_of_a_sensitive_session(
    client: FlaskClient, session: Session, held: TrainingSession
) -> None:
    held.sensitive, held.host = True, "host@example.org"
    session.commit()
    assert client.get(f"/sessions/{held.id}/sign-in").status_code == 403
    assert "Ana" not in client.get(f"/sessions/{held.id}").text
    assert client.get("/sessions/999/sign-in").status_code == 404


def test_a_sheet_is_closed_before_its_day(
    session: Session, monkeypatch: pytest.MonkeyPatch, held: TrainingSession
) -> None:
    with time_machine.travel(NOW, tick=False):
        client = signed_in(session, monkeypatch, Role.TRAINER)
        page = client.get(f"/sessions/{held.id}/sign-in").text
        assert "Sign-in opens 12 hours before" in page
        assert "Close the sign-in" not in page


def test_feedback_is_shown_without_names_from_five_on(
    client: FlaskClient, session: Session, held: TrainingSession
) -> None:
    def rate(name: str, mark: int, words: str) -> None:
        one = make_person(session, name, "Z")
        sign_in(session, held.id, one.id, held.starts_at)
        facts = {"person_id": one.id, "session_id": held.id, "flow": FLOW, "at": NOW}
        session.add(NotedAnswer(name=RATING, mark=mark, words=str(mark), **facts))
        session.add(NotedAnswer(name=CHANGE, words=words, **facts))
        session.commit()

    for place in range(SHOWN_FROM - 1):
        rate(f"Person{place}", 4, f"words {place}")
    page = client.get(f"/sessions/{held.id}").text
    assert "4 answers so far" in page
    assert "words 0" not in page
    rate("Last", 5, "a longer break")
    page = client.get(f"/sessions/{held.id}").text
    assert "4.2 of 5" in page
    feedback = page.split('aria-label="Feedback"')[1].split("</section>")[0]
    assert "a longer break" in feedback
    assert "Last" not in feedback
    assert summarize(session, held.id).marks == (0, 0, 0, 4, 1)


def test_a_walk_in_is_added_by_name_with_or_without_a_phone_and_consent(
    client: FlaskClient, session: Session, held: TrainingSession
) -> None:
    address = f"/sessions/{held.id}/sign-in"

    def add(**form: str) -> str:
        answered = send(client, address, f"/sessions/{held.id}/walk-ins", language="es", **form)
        return answered.text if answered.status_code == 422 else client.get(answered.location).text

    assert "Write at least a first name" in add(name="", phone="213 555 0188")
    assert 'value="12"' in add(name="Eva", phone="12")  # what was typed is kept beside what is wrong with it
    assert "it is what they agree to texts on" in add(name="Eva", agreed="y")
    assert len(came(session)) == 0
    assert "They are on the sheet" in add(name="Doña Rosa Luna")
    assert "Rosa L." in add(name="Doña Rosa Luna")
    assert len(came(session)) == 1
    add(name="Leo Paz", phone="(213) 555-0188", agreed="y")
    number = session.scalars(select(PhoneNumber).where(PhoneNumber.phone == "+12135550188")).one()
    assert number.consented_at is not None
    event = session.scalars(select(ConsentEvent)).one()
    assert (event.by, event.source) == ("luz@example.org", "sign-in sheet")
    assert "me puede mandar textos de talleres" in (event.wording or "")
    leo = session.scalars(select(Standing).where(Standing.number_id == number.id)).one()
    assert (leo.reach, leo.belonging) == (Reach.TEXTABLE, Belonging.CONTACT)
    add(name="Leo", phone="213-555-0188")  # the same person, and a member's phone may be two people's
    add(name="Mia Paz", phone="213-555-0188")
    assert len(came(session)) == 3
    number.texts_opted_out_at = NOW
    session.commit()
    assert "START, sent from it, lifts that" in add(name="Leo", phone="213-555-0188", agreed="y")
    assert "session.walk_in" in set(session.scalars(select(AuditEvent.act)))
