"""The page of one person: what they told one of ours is written down there, and stands there afterwards."""

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent, Role
from outreach.conversations.models import Note
from outreach.people.models import ConsentEvent, Person
from tests.accounts.factories import make_user, send, sign_in
from tests.conversations.desk_factories import NOW, make_app, make_member
from tests.people.factories import make_person

LUZ = "luz@example.org"


@pytest.fixture(autouse=True)
def at_ten_in_los_angeles() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def signed_in(session: Session, monkeypatch: pytest.MonkeyPatch, role: Role) -> FlaskClient:
    client = make_app(monkeypatch).test_client()
    assert sign_in(client, make_user(session, LUZ, role)).status_code == 302
    return client


@pytest.fixture
def client(session: Session, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    return signed_in(session, monkeypatch, Role.BRANCH_ORGANIZER)


def page_of(person: Person) -> str:
    return f"/people/{person.id}/thread"


def test_do_not_call_me_heard_on_the_phone_is_written_down_and_can_be_lifted(
    client: FlaskClient, session: Session
) -> None:
    person, number = make_member(session)
    session.commit()
    page = client.get(page_of(person)).text
    assert "They have not asked us to stop anything." in page
    assert "welcome again" not in page
    address = f"/people/{person.id}/wishes"
    heard = {"wish": "stop", "about": "both", "source": "phone", "words": "<never> call me again"}
    assert send(client, page_of(person), address, **heard).location.endswith(page_of(person))

    session.expire_all()
    assert (number.texts_opted_out_at, number.calls_opted_out_at) == (NOW, NOW)
    page = client.get(page_of(person)).text
    assert "They want no texts and no calls from us." in page
    assert "opt out (calls), phone: “&lt;never&gt; call me again”" in page
    assert LUZ in page
    assert "may text me about trainings" in page  # what is read out before they agree anew
    again = {"wish": "agree", "about": "texts", "source": "in person", "words": "texts are fine"}
    send(client, page_of(person), address, **again)

    session.expire_all()
    assert (number.texts_opted_out_at, number.calls_opted_out_at) == (None, NOW)
    lines = session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)).all()
    assert [(line.action, line.scope, line.source, line.by) for line in lines] == [
        ("opt_out", "texts", "phone", LUZ),
        ("opt_out", "calls", "phone", LUZ),
        ("consent", "texts", "in person", LUZ),
    ]
    assert "may text me about trainings" in (lines[2].wording or "")
    acts = session.scalars(select(AuditEvent.act).where(AuditEvent.act.like("%written down"))).all()
    assert acts == ["opt-out written down", "consent written down"]


def test_a_wish_without_words_is_refused_beside_the_field_and_keeps_what_was_chosen(
    client: FlaskClient, session: Session
) -> None:
    person, number = make_member(session)
    session.commit()
    form = {"wish": "stop", "about": "calls", "source": "letter", "words": " "}
    answer = send(client, page_of(person), f"/people/{person.id}/wishes", **form)
    assert answer.status_code == 422
    assert "Write down what they said" in answer.text
    assert '<option value="calls" selected>' in answer.text
    assert '<option value="letter" selected>' in answer.text
    session.expire_all()
    assert number.calls_opted_out_at is None
    assert send(client, page_of(person), f"/people/{person.id}/wishes", wish="perhaps").status_code == 400


def test_who_has_no_number_has_nothing_to_stop(client: FlaskClient, session: Session) -> None:
    person = make_person(session, "Ana Prueba", numbers=[])
    session.commit()
    assert "What they wish" not in client.get(page_of(person)).text


def test_a_viewer_writes_down_no_wish(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(session, monkeypatch, Role.VIEWER)
    person, number = make_member(session)
    session.commit()
    form = {"wish": "stop", "about": "both", "source": "phone", "words": "no"}
    assert send(client, "/", f"/people/{person.id}/wishes", **form).status_code == 403
    session.expire_all()
    assert number.texts_opted_out_at is None


def test_a_note_is_kept_and_an_empty_one_is_not(client: FlaskClient, session: Session) -> None:
    person, _ = make_member(session)
    session.commit()
    assert send(client, page_of(person), f"/people/{person.id}/notes", body="").status_code == 422
    send(client, page_of(person), f"/people/{person.id}/notes", body="likes <mornings>")
    assert "likes &lt;mornings&gt;" in client.get(page_of(person)).text
    assert session.scalars(select(Note.by)).all() == [LUZ]
