import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from twilio.rest import Client

from outreach.sandbox.faults import Door, Fault, FaultKind
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting import twilio
from outreach.texting.twilio import UNREADABLE, Outgoing, Result, find_texts, make_client, send_text
from tests.texting.factories import SENDER, make_settings, sandbox_config

TO = "+12135550150"


def outgoing(body: str = "Hola", **given: Any) -> Outgoing:
    fixed = {"to": TO, "sender": SENDER, "status_callback": "http://127.0.0.1:9/twilio/status?text=7"}
    return Outgoing(body=body, valid_seconds=given.pop("valid_seconds", 600), **(fixed | given))


def suffer(sandbox: RunningSandbox, kind: FaultKind, **given: Any) -> None:
    sandbox.sandbox.account.faults.add(Fault(kind, count=1, **given))


def taken(sandbox: RunningSandbox) -> list[dict[str, Any]]:
    """What Twilio took, as the forms that were posted."""
    return [json.loads(message.form) for message in sandbox.sandbox.account.messages.after(0, None, -1)]


@contextlib.contextmanager
def answering(status: int, body: bytes, content_type: str = "application/json") -> Iterator[Settings]:
    """A server that answers everything in one way; the settings that lead to it."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield make_settings(twilio_api_url=f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def client_of(settings: Settings) -> Iterator[Client]:
    made = make_client(settings)
    try:
        yield made
    finally:
        made.http_client.session.close()


def outcome_of(settings: Settings) -> twilio.Outcome:
    with client_of(settings) as client:
        return send_text(client, outgoing())


def test_a_text_is_handed_over_with_all_that_it_needs(client: Client, sandbox: RunningSandbox) -> None:
    outcome = send_text(client, outgoing("¿Vienes? 😀", valid_seconds=1234))
    assert outcome.result is Result.ACCEPTED
    assert (outcome.sid or "").startswith("SM")
    assert taken(sandbox) == [
        {
            "To": TO,
            "From": SENDER,
            "Body": "¿Vienes? 😀",
            "StatusCallback": "http://127.0.0.1:9/twilio/status?text=7",
            "ValidityPeriod": "1234",
        }
    ]


@pytest.mark.parametrize(("given", "posted"), [(0, "1"), (-5, "1"), (86_400, "36000")])
def test_validity_stays_within_what_twilio_allows(
    client: Client, sandbox: RunningSandbox, given: int, posted: str
) -> None:
    assert send_text(client, outgoing(valid_seconds=given)).result is Result.ACCEPTED
    assert taken(sandbox)[0]["ValidityPeriod"] == posted


def test_a_messaging_service_sends_by_its_sid() -> None:
    service = "MG" + "1" * 32
    with RunningSandbox(sandbox_config(messaging_service_sid=service)) as sandbox:
        settings = make_settings(
            twilio_api_url=sandbox.url, twilio_messaging_service_sid=service, twilio_phone_numbers=""
        )
        with client_of(settings) as client:
            assert send_text(client, outgoing(sender=service)).result is Result.ACCEPTED
        assert taken(sandbox)[0]["MessagingServiceSid"] == service


def test_an_api_key_signs_in_instead_of_the_token() -> None:
    key, secret = "SK" + "2" * 32, "secret of the key"
    with RunningSandbox(sandbox_config(api_key=key, api_secret=secret)) as sandbox:
        settings = make_settings(twilio_api_url=sandbox.url, twilio_api_key=key, twilio_api_secret=secret)
        assert outcome_of(settings).result is Result.ACCEPTED
        wrong = settings.model_copy(update={"twilio_api_key": "SK" + "3" * 32})
        assert (outcome_of(wrong).result, outcome_of(wrong).code) == (Result.REFUSED, 20003)


def test_a_refusal_carries_twilios_code(client: Client) -> None:
    outcome = send_text(client, outgoing(to="+15005550009"))
    assert (outcome.result, outcome.code, outcome.sid) == (Result.REFUSED, 21614, None)


def test_429_was_not_processed(client: Client, sandbox: RunningSandbox) -> None:
    suffer(sandbox, FaultKind.STATUS, status=429)
    outcome = send_text(client, outgoing())
    assert (outcome.result, outcome.code) == (Result.NOT_PROCESSED, 20429)


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("accept", [True, False])
def test_of_a_5xx_nobody_knows_what_it_did(
    client: Client, sandbox: RunningSandbox, status: int, *, plain: bool, accept: bool
) -> None:
    suffer(sandbox, FaultKind.STATUS, status=status, plain=plain, accept=accept)
    assert send_text(client, outgoing()) == twilio.Outcome(Result.UNKNOWN)
    assert len(taken(sandbox)) == accept


@pytest.mark.parametrize("kind", [FaultKind.DROP, FaultKind.DROP_BEFORE])
def test_of_a_connection_that_broke_nobody_knows_what_it_did(
    client: Client, sandbox: RunningSandbox, kind: FaultKind
) -> None:
    suffer(sandbox, kind)
    assert send_text(client, outgoing()) == twilio.Outcome(Result.UNKNOWN)


def test_of_an_answer_that_never_comes_nobody_knows_what_it_did(
    sandbox: RunningSandbox, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "TIMEOUT_SECONDS", 0.2)
    suffer(sandbox, FaultKind.HANG, seconds=5)
    assert outcome_of(settings) == twilio.Outcome(Result.UNKNOWN)
    assert len(taken(sandbox)) == 1


def test_a_refused_connection_was_not_processed() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert outcome_of(make_settings(twilio_api_url=f"http://127.0.0.1:{port}")).result is Result.NOT_PROCESSED


def test_a_connection_that_is_never_made_was_not_processed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        others = [socket.socket() for _ in range(4)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(full.getsockname())
        outcome = outcome_of(make_settings(twilio_api_url=f"http://127.0.0.1:{full.getsockname()[1]}"))
        for other in others:
            other.close()
    # Some kernels queue one more than they say: then the request was written, and nobody knows.
    assert outcome.result in {Result.NOT_PROCESSED, Result.UNKNOWN}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (403, b"<html>blocked by the proxy</html>"),
        (404, b"not here"),
        (407, b""),
        (408, b'{"message": "too slow"}'),
        (400, b'{"code": "BAD_REQUEST", "message": "who are you"}'),
        (400, b'{"code": null}'),
        (307, b"{}"),
        (201, b"<html>please sign in to the network</html>"),
        (201, b"[]"),
        (201, b"null"),
    ],
)
def test_what_somebody_in_between_answers_proves_nothing(status: int, body: bytes) -> None:
    with answering(status, body) as settings:
        assert outcome_of(settings).result is Result.UNKNOWN


@pytest.mark.parametrize("status", [200, 403, 404, 500])
def test_a_list_from_somebody_in_between_proves_nothing(status: int) -> None:
    with answering(status, b"<html>") as settings, client_of(settings) as client, pytest.raises(UNREADABLE):
        find_texts(client, TO, "Hola", datetime.now(UTC))


def test_nothing_is_tried_again_behind_our_back(client: Client, sandbox: RunningSandbox) -> None:
    suffer(sandbox, FaultKind.DROP)
    send_text(client, outgoing())
    assert len(taken(sandbox)) == 1


def test_a_text_is_found_by_number_words_and_time(client: Client) -> None:
    sid = send_text(client, outgoing("Hola")).sid
    send_text(client, outgoing("Adiós"))
    send_text(client, outgoing("Hola", to="+12135550151"))
    now = datetime.now(UTC)
    assert [found.sid for found in find_texts(client, TO, " Hola ", now)] == [sid]
    assert find_texts(client, TO, "Hola", now + timedelta(hours=1)) == []


def test_texts_that_came_in_are_not_found(client: Client, sandbox: RunningSandbox) -> None:
    sandbox.sandbox.inbound.receive(TO, "Hola", SENDER)
    assert find_texts(client, TO, "Hola", datetime.now(UTC)) == []


def test_while_twilio_does_not_answer_a_search_raises(client: Client, sandbox: RunningSandbox) -> None:
    suffer(sandbox, FaultKind.STATUS, status=503, door=Door.READ)
    with pytest.raises(UNREADABLE):
        find_texts(client, TO, "Hola", datetime.now(UTC))


def test_proxies_of_the_environment_are_not_asked(
    settings: Settings, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("TWILIO_EDGE", "dublin")
    assert outcome_of(settings).result is Result.ACCEPTED
    assert len(taken(sandbox)) == 1
