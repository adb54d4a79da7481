import json
import socket
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.orm import Session
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

from outreach import database, process
from outreach.app import create_app
from outreach.conversations.views import EMPTY_ANSWER, Knock, signed
from outreach.texting.models import DeliveryEvent, Direction, Text, TextStatus
from tests.conversations.talk import Talk, a_sid
from tests.factories import make_person, make_session, make_settings
from tests.people.factories import make_number

ANA = "+12135550101"
VECTORS = [
    case
    for case in json.loads((Path(__file__).parents[1] / "data" / "signature_vectors.json").read_text())["cases"]
    if "params" in case and "algorithm" not in case  # those that webhooks are signed with
]
NOBODY_HERE = "redis://127.0.0.1:1/0"


@pytest.fixture
def web(database_url: str) -> Iterator[Flask]:
    """The application on a database of its own; Redis is away."""
    started = process.start(make_settings(database_url=database_url, redis_url=NOBODY_HERE))
    yield create_app(started)
    started.engine.dispose()


@pytest.fixture
def client(web: Flask) -> FlaskClient:
    return web.test_client()


def post(client: FlaskClient, path: str, form: dict[str, Any], *, signature: str | None = None) -> TestResponse:
    settings = process.current().settings
    validator = RequestValidator(settings.twilio_auth_token.get_secret_value())
    right = validator.compute_signature(f"{settings.public_url}{path}", form)
    headers = {"X-Twilio-Signature": right if signature is None else signature}
    return client.post(path, data=form, headers=headers if signature != "" else {})


def a_text(body: str = "hello", **more: str) -> dict[str, Any]:
    return {"MessageSid": a_sid(), "From": ANA, "To": "+12135550100", "Body": body, **more}


def stored() -> list[Text]:
    with database.transaction() as session:
        return list(session.scalars(select(Text).where(Text.direction == Direction.IN)))


def test_a_signed_text_is_stored_and_answered_with_nothing_to_say(client: FlaskClient) -> None:
    form = a_text("¿Sí? 👩‍👧 & más")
    answer = post(client, "/twilio/message", form)
    assert answer.status_code == 200
    assert answer.content_type == "text/xml"
    assert answer.text == EMPTY_ANSWER
    assert "<Response/>" in answer.text
    (text,) = stored()
    assert text.body == form["Body"]
    assert text.created_at.tzinfo == UTC


@pytest.mark.parametrize("signature", ["", "nonsense", "0" * 28, "é"])
@pytest.mark.parametrize("path", ["/twilio/message", "/twilio/voice", "/twilio/status?text=1"])
def test_without_the_right_signature_nothing_is_stored(client: FlaskClient, path: str, signature: str) -> None:
    answer = post(client, path, a_text(MessageStatus="sent"), signature=signature)
    assert answer.status_code == 403
    assert stored() == []
    with database.transaction() as session:
        assert session.scalars(select(DeliveryEvent)).all() == []


def test_a_form_that_was_changed_on_its_way_is_refused(client: FlaskClient) -> None:
    form = a_text()
    right = RequestValidator(process.current().settings.twilio_auth_token.get_secret_value()).compute_signature(
        f"{process.current().settings.public_url}/twilio/message", form
    )
    assert post(client, "/twilio/message", {**form, "Body": "STOP"}, signature=right).status_code == 403
    assert post(client, "/twilio/message?x=1", form, signature=right).status_code == 403
    assert post(client, "/twilio/message", form, signature=right).status_code == 200


def test_a_call_is_answered_in_both_languages_and_by_a_text(client: FlaskClient) -> None:
    with database.transaction() as session:
        make_person(session, phone=ANA)
    answer = post(client, "/twilio/voice", {"CallSid": "CA1", "From": ANA, "To": "+12135550100"})
    assert (answer.status_code, answer.content_type) == (200, "text/xml")
    assert '<Say language="en-US">You have reached DSA-LA. Nobody takes calls on this line.' in answer.text
    assert '<Say language="es-MX">Habla usted a DSA-LA.' in answer.text
    with database.transaction() as session:
        assert session.scalars(select(Text.body)).one().startswith("You called DSA-LA and we missed it.")


@pytest.mark.parametrize("missing", ["MessageSid", "From"])
def test_a_form_that_names_no_text_or_sender_is_a_bad_request(client: FlaskClient, missing: str) -> None:
    form = a_text()
    for incomplete in ({**form, missing: ""}, {name: form[name] for name in form if name != missing}):
        assert post(client, "/twilio/message", incomplete).status_code == 400
    assert stored() == []


def test_only_a_post_is_taken(client: FlaskClient) -> None:
    assert client.get("/twilio/message").status_code in {302, 405}
    assert stored() == []


def test_the_same_text_twice_is_the_same_answer_and_one_row(client: FlaskClient) -> None:
    form = a_text()
    answers = [post(client, "/twilio/message", form) for _ in range(3)]
    assert {(answer.status_code, answer.text) for answer in answers} == {(200, EMPTY_ANSWER)}
    assert len(stored()) == 1


def test_the_same_text_ten_times_at_once_is_one_row_one_step_one_answer(web: Flask) -> None:
    with database.transaction() as session:
        make_person(session, phone=ANA)
        gathering = make_session(session).id
    Talk(process.current().settings).invite(gathering)
    form, codes = a_text("1"), list[int]()
    threads = [
        Thread(target=lambda: codes.append(post(web.test_client(), "/twilio/message", form).status_code))
        for _ in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert codes == [200] * 10
    assert [text.status for text in stored()] == [TextStatus.HANDLED]
    with database.transaction() as session:
        answers = session.scalars(select(Text.body).where(Text.direction == Direction.OUT, Text.turn == 2)).all()
    assert len(answers) == 1


def test_while_the_database_is_away_twilio_is_asked_to_come_again() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    url = f"postgresql://nobody@127.0.0.1:{port}/nowhere"
    started = process.start(make_settings(database_url=url, redis_url=NOBODY_HERE))
    client = create_app(started).test_client()
    assert post(client, "/twilio/message", a_text()).status_code == 503
    assert post(client, "/twilio/status?text=1", a_text(MessageStatus="sent")).status_code == 503
    started.engine.dispose()


def test_a_connection_that_is_lost_within_the_turn_is_the_database_away(client: FlaskClient) -> None:
    with database.transaction() as session:
        make_number(session, ANA)
    form = a_text()
    with database.transaction() as session:
        session.execute(select(Text).limit(0))
        session.connection().exec_driver_sql("SELECT id FROM phone_numbers FOR UPDATE")
        # The webhook waits for the number; its connection dies under it.
        answers = list[int]()
        waiting = Thread(target=lambda: answers.append(post(client, "/twilio/message", form).status_code))
        waiting.start()
        assert terminated(session)
        waiting.join(timeout=30)
    assert answers == [503]
    assert post(client, "/twilio/message", form).status_code == 200
    assert len(stored()) == 1


def terminated(session: Session) -> bool:
    """End the connection that waits for a lock; False when there is none in time."""
    ended = """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE wait_event_type = 'Lock' AND datname = current_database()
    """
    for _ in range(100):
        rows = session.connection().exec_driver_sql(ended).all()
        if rows:
            return True
        session.connection().exec_driver_sql("SELECT pg_sleep(0.05), pg_stat_clear_snapshot()")
    return False


def test_a_status_callback_costs_one_small_statement(web: Flask, client: FlaskClient) -> None:
    del web
    statements = list[str]()
    event.listen(process.current().engine, "before_cursor_execute", lambda *given: statements.append(str(given[2])))
    form = {"MessageSid": a_sid(), "MessageStatus": "sent"}
    assert post(client, "/twilio/status?text=7", form).status_code == 204
    # The demo's clock is looked at in the sandbox alone.
    [statement] = [each for each in statements if "demo_clocks" not in each]
    assert statement.startswith("INSERT INTO delivery_events")


def test_a_status_callback_is_stored_as_it_came(client: FlaskClient) -> None:
    sid = a_sid()
    form = {"MessageSid": sid, "MessageStatus": "undelivered", "ErrorCode": "30003"}
    answer = post(client, "/twilio/status?text=7", form)
    assert (answer.status_code, answer.text) == (204, "")
    with database.transaction() as session:
        event = session.scalars(select(DeliveryEvent)).one()
    assert (event.text_id, event.sid, event.status, event.error_code) == (7, sid, "undelivered", 30003)
    assert event.applied_at is None


@pytest.mark.parametrize("named", ["", "?text=", "?text=abc", "?text=-1", f"?text={10**30}", "?other=1"])
def test_a_callback_that_names_no_text_of_ours_is_kept_all_the_same(client: FlaskClient, named: str) -> None:
    assert post(client, f"/twilio/status{named}", {"MessageSid": a_sid(), "MessageStatus": "sent"}).status_code == 204
    with database.transaction() as session:
        assert session.scalars(select(DeliveryEvent.text_id)).all() == [None]


@pytest.mark.parametrize("case", VECTORS, ids=lambda case: str(case["name"]))
def test_signatures_are_checked_as_twilio_documents_them(case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    url = urlsplit(case["url"])
    given = {"public_url": f"{url.scheme}://{url.netloc}", "twilio_auth_token": case["token"]}
    started = process.Process(make_settings(**given), engine=None, waker=None)  # type: ignore[arg-type]
    monkeypatch.setattr(process, "_current", started)
    door = signed(lambda _: Response(status=204))
    form = MultiDict(case["params"])
    right, wrong = case["signature"], case["signature"][::-1]
    address = f"{url.path}?{url.query}"
    post_to = Client(lambda environ, start_response: door(Knock(environ))(environ, start_response)).post
    assert post_to(address, data=form, headers={"X-Twilio-Signature": right}).status_code == 204
    assert post_to(address, data=form, headers={"X-Twilio-Signature": wrong}).status_code == 403
