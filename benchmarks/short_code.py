"""Three minutes at a short code's rate: a campaign at 100 texts/s, 3 callbacks each, one person in ten replies.

.venv/bin/python -m benchmarks.short_code [SECONDS]

All processes and the sandbox share this machine. Afterwards every text is looked for: none may be lost or doubled.
"""

import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

from sqlalchemy import func, select

from benchmarks import program
from benchmarks.program import Poster
from outreach import process
from outreach.conversations.models import Conversation
from outreach.database import transaction
from outreach.people.models import PhoneNumber
from outreach.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN, SANDBOX_SENDER
from outreach.texting.models import Direction, Text, TextStatus

RATE = 100
# One person in so many replies, by a 1 or a 2.
REPLIERS = 10
SERVICE = "MG" + "5a" * 16
AHEAD_SECONDS = 20
SANDBOX = """
import sys
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.server import serve
account, token, sender, service, inbound, port = sys.argv[1:]
serve(SandboxConfig(account_sid=account, auth_token=token, senders=(sender,), messaging_service_sid=service,
                    inbound_url=inbound, shuffle=0.0, duplicate=0.0, early=0.0), "127.0.0.1", int(port))
"""


@contextmanager
def running_sandbox(port: int, inbound: str) -> Iterator[None]:
    """Run a sandbox with a messaging service, whose texts get three callbacks: queued, sent, delivered."""
    arguments = (SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN, SANDBOX_SENDER, SERVICE, inbound, str(port))
    with subprocess.Popen([sys.executable, "-c", SANDBOX, *arguments], env=dict(os.environ)) as started:
        try:
            yield
        finally:
            started.terminate()


def texts_at_sandbox(port: int) -> list[dict[str, Any]]:
    """Return every text that the sandbox took."""
    address = f"http://127.0.0.1:{port}/sandbox/control/messages?limit=1000000"
    with urllib.request.urlopen(address) as answer:
        listed: list[dict[str, Any]] = json.load(answer)
    return [text for text in listed if text["direction"] == "outbound-api"]


def first_texts_sent() -> int:
    """Return how many first texts have left."""
    left = (TextStatus.SENT, TextStatus.DELIVERED)
    with transaction() as session:
        return session.scalar(select(func.count()).where(Text.first_of_campaign, Text.status.in_(left))) or 0


class Repliers:
    """One person in ten answers some seconds after being asked; each reply's time is noted."""

    def __init__(self, port: int) -> None:
        self._poster, self._seen = Poster(port), 0
        self.took: list[float] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._reply_all)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _reply_all(self) -> None:
        while not self._ended.wait(0.5):
            for place in self._newly_asked():
                self.took.append(self._poster.text_in(place, str(1 + place % 2), program.inbound_sid(place)))
                if self._ended.wait(0.05):
                    return

    def _newly_asked(self) -> list[int]:
        asked = (
            select(Text.id, PhoneNumber.phone)
            .join(PhoneNumber, PhoneNumber.id == Text.number_id)
            .where(Text.id > self._seen, Text.first_of_campaign, Text.status == TextStatus.DELIVERED)
            .order_by(Text.id)
        )
        with transaction() as session:
            rows = session.execute(asked).all()
        self._seen = rows[-1].id if rows else self._seen
        places = [int(row.phone.removeprefix("+1")) - program.FIRST_NUMBER for row in rows]
        return [place for place in places if place % REPLIERS == 0]


def measure(port: int, sandbox_port: int, sessions: tuple[int, ...], seconds: int) -> dict[str, float]:
    """Launch the campaign, let it run so long, wait until all is quiet, and return the figures."""
    program.invite_everyone(sessions, program.now())
    while not first_texts_sent():
        time.sleep(0.05)
    # The sender may send a second's worth at once to begin with: that is not a rate.
    time.sleep(2)
    with Repliers(port) as repliers:
        before, began = first_texts_sent(), time.perf_counter()
        load = os.getloadavg()[0]
        time.sleep(seconds)
        sent, elapsed = first_texts_sent() - before + len(repliers.took), time.perf_counter() - began
    wait_until_quiet()
    median, slowest = program.spread(repliers.took)
    lost, doubled = compare(texts_at_sandbox(sandbox_port))
    return {
        "short code, texts/s": round(sent / elapsed, 1),
        "short code, replies": len(repliers.took),
        "short code, lost": lost,
        "short code, doubled": doubled,
        "short code, webhook p50, ms": median,
        "short code, webhook p99, ms": slowest,
        "short code, load before": round(load, 1),
    }


def wait_until_quiet() -> None:
    """Wait until no text and no callback is under way."""
    under_way = (TextStatus.QUEUED, TextStatus.SENDING, TextStatus.UNKNOWN, TextStatus.SENT)
    end = time.monotonic() + 60
    while time.monotonic() < end:
        with transaction() as session:
            waiting = select(func.count()).where(Text.direction == Direction.OUT, Text.status.in_(under_way))
            if not session.scalar(waiting):
                return
        time.sleep(1)


def compare(taken: list[dict[str, Any]]) -> tuple[int, int]:
    """Return how many of our texts Twilio never took, or never told us of, and how many it took twice."""
    at_twilio = Counter((text["to"], text["body"]) for text in taken)
    with transaction() as session:
        rows = session.execute(
            select(PhoneNumber.phone, Text.body, Text.status)
            .join(PhoneNumber, PhoneNumber.id == Text.number_id)
            .where(Text.direction == Direction.OUT)
        ).all()
        conversations = session.scalar(select(func.count()).select_from(Conversation)) or 0
    ours = Counter((row.phone, row.body) for row in rows)
    undelivered = sum(row.status != TextStatus.DELIVERED for row in rows)
    missing = (ours - at_twilio).total() + max(0, conversations - len(rows))
    return max(undelivered, missing), (at_twilio - ours).total()


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 180
    port, sandbox_port = program.free_port(), program.free_port()
    with program.fresh_servers() as servers, ExitStack() as parts:
        stub = f"http://127.0.0.1:{sandbox_port}"
        process.start(program.settings_for(stub, servers))
        program.add_people(RATE * (seconds + AHEAD_SECONDS))
        sessions = program.add_sessions(program.now())
        environment = {
            **servers.environment,
            "PORT": str(port),
            "TWILIO_API_URL": stub,
            "TWILIO_MESSAGING_SERVICE_SID": SERVICE,
            "SENDER_RATE": str(RATE),
        }
        parts.enter_context(running_sandbox(sandbox_port, f"http://127.0.0.1:{port}/twilio/message"))
        parts.enter_context(program.running_web(environment, port))
        # One hands texts to Twilio, the other starts conversations and applies callbacks.
        for part in ("worker", "worker", "cron"):
            parts.enter_context(program.running(part, environment))
        print(json.dumps(measure(port, sandbox_port, sessions, seconds)))


if __name__ == "__main__":
    main()
