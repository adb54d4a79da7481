"""Posting signed requests to the application, over pooled connections, as patiently as Twilio does."""

import http.client
import threading
import time
import uuid
from collections import deque
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import SplitResult, urlencode, urlsplit

from outreach.sandbox.overrides import Overrides, read_overrides
from outreach.sandbox.signing import Params, sign

IDLE_CONNECTIONS = 32
LARGEST_ANSWER = 65_536


class Failure(StrEnum):
    """Why there was no answer."""

    CONNECT = "ct"
    READ = "rt"


@dataclass(frozen=True)
class Answer:
    """What the application answered; `status` is None when it did not, and `failure` says why."""

    status: int | None
    content_type: str = ""
    body: bytes = b""
    failure: Failure | None = None
    attempts: int = 1

    @property
    def succeeded(self) -> bool:
        """Whether the application took it."""
        return self.status is not None and 200 <= self.status < 300

    def __str__(self) -> str:
        return str(self.status) if self.status is not None else f"no answer ({self.failure})"


@dataclass(frozen=True)
class WebhookRequest:
    """One webhook, whatever number of attempts it takes; `deadline` is on the monotonic clock."""

    url: SplitResult
    body: bytes
    headers: dict[str, str]
    overrides: Overrides
    deadline: float

    @property
    def target(self) -> str:
        """What stands in the request line."""
        path = self.url.path or "/"
        return f"{path}?{self.url.query}" if self.url.query else path

    @property
    def seconds_left(self) -> float:
        """How long Twilio still has patience."""
        return self.deadline - time.monotonic()


class WebhookPoster:
    """Twilio's side of all webhooks and callbacks."""

    def __init__(self, auth_token: str) -> None:
        self._auth_token = auth_token
        self._pool = ConnectionPool()

    def post(self, url: str, params: Params) -> Answer:
        """Post to the application and return its last answer, after as many retries as the URL's fragment allows."""
        called, overrides = read_overrides(url)
        headers = {
            "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
            "Accept": "*/*",
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": sign(self._auth_token, called, params),
            "I-Twilio-Idempotency-Token": str(uuid.uuid4()),
        }
        body = urlencode(params, doseq=True).encode()
        request = WebhookRequest(urlsplit(called), body, headers, overrides, time.monotonic() + overrides.total / 1000)
        for attempt in range(1, overrides.retries + 2):
            answer = replace(self._attempt(request), attempts=attempt)
            if request.seconds_left <= 0 or not _is_retried(answer, overrides):
                break
        return answer

    def _attempt(self, request: WebhookRequest) -> Answer:
        try:
            connection, fresh = self._pool.take(request.url, request.overrides.connect / 1000)
        except OSError:
            return Answer(None, failure=Failure.CONNECT)
        try:
            connection.sock.settimeout(max(min(request.overrides.read / 1000, request.seconds_left), 0.1))
            connection.request("POST", request.target, request.body, request.headers)
            response = connection.getresponse()
            content = response.read(LARGEST_ANSWER)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            # The application had closed an idle connection: nothing was wrong with this request.
            if not fresh and not isinstance(error, TimeoutError):
                return self._attempt(request)
            return Answer(None, failure=Failure.READ)
        self._pool.give_back(request.url, connection, response)
        return Answer(response.status, response.getheader("Content-Type", ""), content)

    def close(self) -> None:
        """Close all idle connections."""
        self._pool.close()


def _is_retried(answer: Answer, overrides: Overrides) -> bool:
    if answer.failure is not None:
        return answer.failure in overrides.policies
    return answer.status is not None and overrides.retries_status(answer.status)


class ConnectionPool:
    """Idle connections by scheme and host; the most recently used is taken first."""

    def __init__(self) -> None:
        self._idle: dict[tuple[str, str], deque[http.client.HTTPConnection]] = {}
        self._lock = threading.Lock()
        self._closed = False

    def take(self, url: SplitResult, timeout: float) -> tuple[http.client.HTTPConnection, bool]:
        """Return an open connection and whether it is fresh; raises OSError when none can be made."""
        with self._lock:
            idle = self._idle.get((url.scheme, url.netloc))
            if idle:
                return idle.pop(), False
        kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        connection = kind(url.hostname or "", url.port, timeout=timeout)
        connection.connect()
        return connection, True

    def give_back(
        self, url: SplitResult, connection: http.client.HTTPConnection, response: http.client.HTTPResponse
    ) -> None:
        """Keep a connection for the next request, unless either side is done with it."""
        with self._lock:
            idle = self._idle.setdefault((url.scheme, url.netloc), deque())
            if not self._closed and response.isclosed() and not response.will_close and len(idle) < IDLE_CONNECTIONS:
                idle.append(connection)
                return
        connection.close()

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            self._closed = True
            for idle in self._idle.values():
                while idle:
                    idle.pop().close()
