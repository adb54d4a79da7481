from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import Role
from outreach.conversations.models import Task
from outreach.conversations.tasks import call_task
from outreach.people.models import Person, PhoneNumber
from outreach.texting.models import Direction, Text, TextStatus
from outreach.trainings.models import Need, NeedState
from outreach.trainings.needs import note_need
from tests.accounts.factories import make_user, send, sign_in, token_on
from tests.conversations.desk_factories import (
    NOW,
    REAL_HOURS,
    make_app,
    make_member,
    make_reading,
    make_waiting,
)
from tests.people.factories import make_number, make_person
from tests.trainings.factories import make_session


@pytest.fixture(autouse=True)
def at_ten_in_los_angeles() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def client(session: Session, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    return signed_in(session, monkeypatch)


def signed_in(
    session: Session, monkeypatch: pytest.MonkeyPatch, role: Role = Role.CAMPAIGN_ORGANIZER, **given: Any
) -> FlaskClient:
    client = make_app(monkeypatch, **given).test_client()
    assert sign_in(client, make_user(session, "luz@example.org", role)).status_code == 302
    return client


def waiting(session: Session, body: str = "is there parking?", **facts: Any) -> tuple[Text, Person, PhoneNumber]:
    person, number = make_member(session, **facts)
    text = make_waiting(session, number, body, person=person)
    session.commit()
    return text, person, number


def sent(session: Session) -> list[Text]:
    session.expire_all()
    return list(session.scalars(select(Text).where(Text.direction == Direction.OUT).order_by(Text.id)))


def test_the_inbox_shows_who_wrote_what_was_understood_and_by_which_rule(client: FlaskClient, session: Session) -> None:
    person, number = make_member(session)
    make_waiting(
        session, number, "is there <parking>?", person=person, reading=make_reading(question_topics=["parking"])
    )
    session.commit()
    page = client.get("/replies").text

    assert "Ana P." in page
    assert "is there &lt;parking&gt;?" in page
    assert "Question: parking" in page
    assert "(test: question)" in page
    assert number.phone not in page
    assert number.phone[-4:] not in page


def test_an_empty_inbox_says_so(client: FlaskClient) -> None:
    assert "Nobody waits for an answer." in client.get("/replies").text


def test_the_inbox_goes_on_by_key(client: FlaskClient, session: Session) -> None:
    for place in range(27):
        person, number = make_member(session, f"Member{place:02} X")
        make_waiting(session, number, person=person, at=NOW - timedelta(minutes=100 - place))
    session.commit()
    first = client.get("/replies").text
    address = first.split('href="/replies?after=')[1].split('"')[0]
    second = client.get(f"/replies?after={address}").text

    assert "Member24" in first
    assert "Member25" not in first
    assert "Member24" not in second
    assert "Member26" in second


def test_the_page_of_a_reply_shows_the_thread_and_when_an_answer_would_leave(
    client: FlaskClient, session: Session
) -> None:
    text, _, _ = waiting(session)
    page = client.get(f"/replies/{text.id}").text

    assert "is there parking?" in page
    assert "Read as: Question" in page
    assert "It leaves at once." in page


def test_an_answer_is_sent_and_the_reply_is_handled(client: FlaskClient, session: Session) -> None:
    text, _, number = waiting(session)
    answer = send(
        client, f"/replies/{text.id}", f"/replies/{text.id}/send", body="  Yes,\r\nbehind the house. ", seen=text.id
    )
    [reply] = sent(session)

    assert answer.status_code == 302
    assert (reply.body, reply.number_id, reply.automated) == ("Yes,\nbehind the house.", number.id, False)
    assert text.status == TextStatus.HANDLED
    assert "Your answer is on its way." in client.get(answer.location).text


def test_an_empty_answer_is_refused_beside_the_field(client: FlaskClient, session: Session) -> None:
    text, _, _ = waiting(session)
    answer = send(client, f"/replies/{text.id}", f"/replies/{text.id}/send", body="   ")

    assert answer.status_code == 422
    assert 'id="body-error"' in answer.text
    assert not sent(session)


def test_a_long_answer_is_refused_and_kept(client: FlaskClient, session: Session) -> None:
    text, _, _ = waiting(session)
    answer = send(client, f"/replies/{text.id}", f"/replies/{text.id}/send", body="long " * 400)

    assert answer.status_code == 422
    assert "at most 1600 characters" in answer.text
    assert "long long long" in answer.text


def test_what_was_typed_is_kept_when_somebody_else_was_faster(client: FlaskClient, session: Session) -> None:
    text, _, _ = waiting(session)
    page = f"/replies/{text.id}"
    token = token_on(client.get(page).text)
    client.post(f"{page}/done", data={"csrf_token": token})
    answer = client.post(f"{page}/send", data={"csrf_token": token, "body": "My careful words"})

    assert answer.status_code == 422
    assert "My careful words" in answer.text
    assert "Somebody has handled this" in answer.text
    assert not sent(session)


def test_an_opted_out_number_has_no_form_and_says_why(client: FlaskClient, session: Session) -> None:
    text = make_waiting(session, make_number(session, opted_out=True))
    session.commit()
    page = client.get(f"/replies/{text.id}").text

    assert "opted out, so it cannot be answered by text" in page
    assert "<textarea" not in page


def test_after_hours_the_page_says_when_an_answer_leaves(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    person, number = make_member(session, timezone="America/Los_Angeles")
    late = datetime(2026, 12, 2, 6, 30, tzinfo=UTC)
    text = make_waiting(session, number, person=person, at=late - timedelta(minutes=3))
    session.commit()
    with time_machine.travel(late, tick=False):
        client = signed_in(session, monkeypatch, Role.ADMIN, **REAL_HOURS)
        page = client.get(f"/replies/{text.id}").text
        answer = send(client, f"/replies/{text.id}", f"/replies/{text.id}/send", body="Good night")
        flashed = client.get(answer.location).text

    assert "it leaves <strong>Wed Dec 2 9am</strong>" in page
    assert "Your answer leaves Wed Dec 2 9am." in flashed
    assert sent(session)[0].due_at == datetime(2026, 12, 2, 17, tzinfo=UTC)


@pytest.mark.parametrize(("language", "first"), [("es", "Gracias por contarme"), ("en", "Thank you for telling me")])
def test_quick_replies_begin_with_the_members_language(
    client: FlaskClient, session: Session, language: str, first: str
) -> None:
    text, _, _ = waiting(session, language=language)
    page = client.get(f"/replies/{text.id}").text

    assert page.split('data-quick="')[1].startswith(first)


def test_a_quick_reply_is_put_into_the_form_without_a_script(client: FlaskClient, session: Session) -> None:
    text, _, _ = waiting(session)
    page = client.get(f"/replies/{text.id}?quick=call-es").text

    assert "Gracias por contarme" in page.split("<textarea")[1].split("</textarea>")[0]
    assert "2 segments, UCS-2" in page


def test_opting_out_and_releasing_a_hold_take_one_button(client: FlaskClient, session: Session) -> None:
    number = make_number(session, held=True)
    text = make_waiting(session, number, "leave me alone", reading=make_reading("hostile"))
    session.commit()
    page = f"/replies/{text.id}"
    send(client, page, f"{page}/release")
    session.refresh(number)
    assert number.automation_held_at is None

    send(client, page, f"{page}/opt-out")
    session.refresh(number)
    assert number.texts_opted_out_at == NOW
    assert not sent(session)


@pytest.mark.parametrize("act", ["send", "done", "opt-out", "release"])
def test_a_reply_that_is_not_there_is_not_found(client: FlaskClient, session: Session, act: str) -> None:
    text, _, _ = waiting(session)

    assert client.get("/replies/999999").status_code == 404
    assert send(client, f"/replies/{text.id}", f"/replies/999999/{act}", body="x").status_code == 404


def test_a_phone_banker_sees_no_replies(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(session, monkeypatch, Role.PHONE_BANKER)

    assert client.get("/replies").status_code == 403


def asked_for(session: Session, **facts: Any) -> Need:
    person, _ = make_member(session)
    gathering = make_session(session, now=NOW, **facts)
    need = note_need(session, person.id, gathering.id, "childcare", "two kids", NOW)
    session.commit()
    return need


def test_a_need_is_settled_from_the_sessions_page_and_the_member_is_told(client: FlaskClient, session: Session) -> None:
    need = asked_for(session)
    answer = send(client, f"/sessions/{need.session_id}", f"/needs/{need.id}/settle", outcome="arranged")
    session.refresh(need)

    assert answer.location == f"/sessions/{need.session_id}"
    assert need.state == NeedState.TOLD
    assert "yes to childcare" in sent(session)[0].body
    assert "The member is told by text." in client.get(answer.location).text


def test_a_need_cannot_be_settled_to_anything_else(client: FlaskClient, session: Session) -> None:
    need = asked_for(session)
    page = f"/sessions/{need.session_id}"

    assert send(client, page, f"/needs/{need.id}/settle", outcome="asked").status_code == 400
    assert send(client, page, "/needs/999999/settle", outcome="arranged").status_code == 404


def test_only_the_host_settles_needs_of_a_sensitive_session(client: FlaskClient, session: Session) -> None:
    text, _, _ = waiting(session)
    need = asked_for(session, sensitive=True, host="host@example.org")

    assert send(client, f"/replies/{text.id}", f"/needs/{need.id}/settle", outcome="cannot").status_code == 403


def test_a_call_is_done_from_the_home_page(client: FlaskClient, session: Session) -> None:
    person = make_person(session)
    task = call_task(session, person, "remind of session 1: opted_out", NOW + timedelta(hours=3), NOW)
    session.commit()
    assert "remind of session 1" in client.get("/").text
    send(client, "/", f"/tasks/{task.id}/done")

    assert session.scalars(select(Task.done_at)).one() is not None
    assert "remind of session 1" not in client.get("/").text
