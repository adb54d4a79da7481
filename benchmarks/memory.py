"""Memory of a web worker and of a queue worker, and how it grows from the 1,000th to the 10,000th request or text.

.venv/bin/python -m benchmarks.memory [MANY]
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import func, select, text

from benchmarks import program
from benchmarks.program import Poster
from benchmarks.sending import FILL_NUMBERS, FILL_OUTBOX
from benchmarks.stub import running_stub
from benchmarks.webhook import REPLIES, fill
from outreach import process
from outreach.database import transaction
from outreach.texting.models import Text, TextStatus
from outreach.texting.outbox import DRAIN

FEW = 1000
PEOPLE = 300
CONNECTIONS = 4
LONGEST = 120.0


def web_memory(servers: program.Servers, many: int) -> dict[str, float]:
    """Return the memory of the one web worker after some and after many requests."""
    port = program.free_port()
    with program.running_web({**servers.environment, "WEB_WORKERS": "1"}, port) as web:
        [worker] = program.workers_of(web)
        post_texts(port, 0, FEW)
        before = program.megabytes(worker)
        post_texts(port, FEW, many)
        after = program.megabytes(worker)
    return {"web worker, MB": after, f"web worker, growth to {many:,}, MB": round(after - before, 1)}


def post_texts(port: int, first: int, last: int) -> None:
    """Post texts of a few people, over several connections."""

    def post(start: int) -> None:
        poster = Poster(port)
        for number in range(first + start, last, CONNECTIONS):
            # The people of one connection are its own: else it would wait for the others.
            place = 1 + number % PEOPLE
            poster.text_in(place, REPLIES[number // PEOPLE % len(REPLIES)], program.inbound_sid(number))

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(post, range(CONNECTIONS)))


def worker_memory(servers: program.Servers, stub: str, many: int) -> dict[str, float]:
    """Return the memory of a queue worker after some and after many texts."""
    with program.running("worker", {**servers.environment, "TWILIO_API_URL": stub, "SENDER_RATE": "100000"}) as worker:
        send_texts(FEW)
        before = program.megabytes(worker)
        send_texts(many - FEW)
        after = program.megabytes(worker)
    return {"queue worker, MB": after, f"queue worker, growth to {many:,}, MB": round(after - before, 1)}


def send_texts(count: int) -> None:
    """Put texts in the outbox and wait until the worker has sent them."""
    with transaction() as session:
        session.execute(text("DELETE FROM texts"))
        session.execute(text(FILL_NUMBERS))
        session.execute(text(FILL_OUTBOX), {"count": count})
    end = time.monotonic() + LONGEST
    while left():
        assert time.monotonic() < end, "the texts were not sent"
        process.current().wake(DRAIN)
        time.sleep(0.2)


def left() -> int:
    """Return how many texts are still to be sent."""
    with transaction() as session:
        unsent = select(func.count()).where(Text.status.in_((TextStatus.QUEUED, TextStatus.SENDING)))
        return session.scalar(unsent) or 0


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    many = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with program.fresh_servers() as servers, running_stub() as stub:
        process.start(program.settings_for(stub, servers))
        fill(PEOPLE)
        print(json.dumps(web_memory(servers, many) | worker_memory(servers, stub, many)))


if __name__ == "__main__":
    main()
