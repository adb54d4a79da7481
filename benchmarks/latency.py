"""From a reply to the answer handed to Twilio: one person after the other, nothing else to do.

.venv/bin/python -m benchmarks.latency [REPLIES]
"""

import json
import sys
import threading
import time
import urllib.parse

from sqlalchemy import update

from benchmarks import program
from benchmarks.program import Poster
from benchmarks.stub import listening_stub
from benchmarks.webhook import fill
from outreach import process
from outreach.database import transaction
from outreach.texting.models import Text, TextStatus

LONGEST = 10.0
# Between two people, so that each finds the worker at rest.
PAUSE = 0.05
WARM = 10


class Ear:
    """Notes when Twilio heard a text to each number."""

    def __init__(self) -> None:
        self._at: dict[str, float] = {}
        self._heard = threading.Condition()

    def hear(self, form: bytes) -> None:
        """Note the text of a create request; whatever else is asked of Twilio has no recipient."""
        at, to = time.perf_counter(), urllib.parse.parse_qs(form.decode()).get("To")
        if to is None:
            return
        with self._heard:
            self._at[to[0]] = at
            self._heard.notify_all()

    def wait(self, to: str) -> float:
        """Wait for a text to a number and return when it was heard."""
        with self._heard:
            assert self._heard.wait_for(lambda: to in self._at, LONGEST), "no answer came"
            return self._at[to]


def measure(port: int, ear: Ear, count: int) -> dict[str, float]:
    """Let one person after the other reply and return the figures."""
    poster, took = Poster(port), list[float]()
    for place in range(1, count + 1):
        began = time.perf_counter()
        poster.text_in(place, "1", program.inbound_sid(place))
        took.append((ear.wait(program.phone(place)) - began) * 1000)
        time.sleep(PAUSE)
    median, slowest = program.spread(took[WARM:])
    return {"reply to answer at Twilio p50, ms": median, "reply to answer at Twilio p99, ms": slowest}


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 210
    ear = Ear()
    with program.fresh_servers() as servers, listening_stub(ear.hear) as stub:
        process.start(program.settings_for(stub, servers))
        fill(count)
        with transaction() as session:
            session.execute(update(Text).values(status=TextStatus.DELIVERED))
        environment = {**servers.environment, "TWILIO_API_URL": stub, "SENDER_RATE": "100000"}
        port = program.free_port()
        with (
            program.running("worker", environment),
            program.running("cron", environment),
            program.running_web(environment, port),
        ):
            print(json.dumps(measure(port, ear, count)))


if __name__ == "__main__":
    main()
