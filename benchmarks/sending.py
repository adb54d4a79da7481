"""Texts a second from outbox to recorded, one worker, beside the bare SDK in the same run.

.venv/bin/python -m benchmarks.sending [TEXTS]
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import text

from benchmarks import program
from benchmarks.stub import running_stub
from outreach import process
from outreach.database import transaction
from outreach.settings import Settings
from outreach.texting.sending import Drainer
from outreach.texting.twilio import Outgoing, make_client, send_text

THREADS = 16
DELAY = 0.1
FILL_NUMBERS = """
    INSERT INTO phone_numbers (phone, kind, status, sender, created_at)
    SELECT '+1213555' || lpad(i::text, 4, '0') || '0', 'mobile', 'ok', '+12135550100', now()
    FROM generate_series(1, 2000) i ON CONFLICT DO NOTHING
"""
FILL_OUTBOX = """
    INSERT INTO texts (direction, number_id, sender, body, segments, status, created_at, first_of_campaign,
                       exempt_from_opt_out, automated, attempts, kind, priority, due_at)
    SELECT 'out', (SELECT min(id) FROM phone_numbers) + i % 2000, '+12135550100', 'Hello from the bench ' || i, 1,
           'queued', now(), false, false, true, 0, 'bulk', 2, now()
    FROM generate_series(1, :count) i
"""


def rate_of(count: int, act: Callable[[], object]) -> float:
    """Return how many of `count` were done a second."""
    began = time.perf_counter()
    act()
    return round(count / (time.perf_counter() - began), 1)


def bare_sdk(settings: Settings, count: int) -> float:
    """Return the rate of the SDK alone, in as many threads."""
    client = make_client(settings)
    outgoing = Outgoing("+12135550111", "+12135550100", "Hello from the bench", "http://127.0.0.1/status?text=1", 3600)
    with ThreadPoolExecutor(THREADS) as pool:
        return rate_of(count, lambda: list(pool.map(lambda _: send_text(client, outgoing), range(count))))


def drained(settings: Settings, count: int) -> float:
    """Return the rate from outbox to recorded."""
    with transaction() as session:
        session.execute(text("DELETE FROM texts"))
        session.execute(text(FILL_NUMBERS))
        session.execute(text(FILL_OUTBOX), {"count": count})
        session.execute(text("ANALYZE texts"))
    drainer = Drainer(settings, make_client(settings))

    def drain() -> None:
        while drainer.run_slice():
            pass

    rate = rate_of(count, drain)
    with transaction() as session:
        left = session.scalar(text("SELECT count(*) FROM texts WHERE status <> 'sent'"))
    assert left == 0, f"{left} texts were not sent"
    return rate


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    with program.fresh_servers() as servers, running_stub() as stub, running_stub(DELAY) as slow_stub:
        fast, slow = (program.settings_for(each, servers) for each in (stub, slow_stub))
        running = process.start(fast)
        bare, ours = bare_sdk(fast, count), drained(fast, count)
        print(
            json.dumps(
                {
                    "bare SDK, texts/s": bare,
                    "outbox to recorded, texts/s": ours,
                    "share of the bare SDK": round(ours / bare, 2),
                    "with 100 ms a call, texts/s": drained(slow, min(count, 1500)),
                }
            )
        )
        running.engine.dispose()


if __name__ == "__main__":
    main()
