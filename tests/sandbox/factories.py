"""Sandboxes, SDK clients and listening applications, made for one test each."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import requests
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as TwilioResponse
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from werkzeug.wrappers import Request, Response

from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.server import RunningSandbox
from outreach.sandbox.wsgi_server import WsgiServer

ACCOUNT = "AC" + "a" * 32
TOKEN = "t" * 32
SERVICE = "MG" + "b" * 32
SENDER = "+12135550100"
OTHER_SENDER = "+12135550101"
MEMBER = "+13235550123"
NOBODY = "http://127.0.0.1:9/twilio/message"
"""An address where nobody listens (port 9, discard)."""


def make_config(**changes: Any) -> SandboxConfig:
    facts: dict[str, Any] = {
        "account_sid": ACCOUNT,
        "auth_token": TOKEN,
        "senders": (SENDER, OTHER_SENDER),
        "inbound_url": NOBODY,
        "callback_delay": (0.001, 0.005),
        "shuffle": 0.0,
        "duplicate": 0.0,
        "early": 0.0,
    }
    return SandboxConfig(**{**facts, **changes})


class LocalHttpClient(TwilioHttpClient):  # type: ignore[misc] # the SDK is not typed for mypy
    """The SDK's own client, with another scheme and host."""

    def __init__(self, base_url: str, timeout: float) -> None:
        super().__init__(timeout=timeout)
        self._base = urlsplit(base_url)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> TwilioResponse:
        local = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc)
        return super().request(method, urlunsplit(local), *args, **kwargs)


@contextmanager
def sdk(sandbox: RunningSandbox, *, user: str = ACCOUNT, secret: str = TOKEN, timeout: float = 10) -> Iterator[Client]:
    http = LocalHttpClient(sandbox.url, timeout)
    try:
        yield Client(user, secret, ACCOUNT, http_client=http)
    finally:
        if http.session is not None:
            http.session.close()


def control(sandbox: RunningSandbox, method: str, door: str, body: Any = None, **query: str) -> Any:
    with requests.request(
        method, f"{sandbox.url}/sandbox/control/{door}", params=query, json=body, timeout=20
    ) as answer:
        assert answer.ok, answer.text
        return answer.json() if answer.content else None


def wait_for(condition: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


@dataclass
class Call:
    """A request that the application got."""

    path: str
    url: str
    params: dict[str, str]
    headers: Mapping[str, str]
    valid: bool


@dataclass
class Listener:
    """An application that writes down what Twilio asks it, and answers as it is told."""

    answers: list[Response] = field(default_factory=list)
    """One for each request; then 200 with empty TwiML."""
    calls: list[Call] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    """Requests to /slow wait for this."""
    url: str = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        params = request.form.to_dict()
        url = f"{self.url}{request.path}" + (f"?{request.query_string.decode()}" if request.query_string else "")
        signature = request.headers.get("X-Twilio-Signature", "")
        valid = RequestValidator(TOKEN).validate(url, params, signature)
        self.calls.append(Call(request.path, url, params, dict(request.headers), valid))
        if request.path == "/slow":
            self.released.wait(10)
        answer = self.answers.pop(0) if self.answers else Response("<Response/>", content_type="text/xml")
        return answer(environ, start_response)

    def statuses(self) -> list[str]:
        return [call.params["MessageStatus"] for call in list(self.calls)]


@contextmanager
def listening(*answers: Response) -> Iterator[Listener]:
    listener = Listener(list(answers))
    server = WsgiServer(listener, "127.0.0.1", 0)
    listener.url = f"http://127.0.0.1:{server.port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield listener
    finally:
        listener.released.set()
        server.shutdown()
        thread.join()
        server.close_connections()
        server.server_close()
