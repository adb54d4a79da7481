"""Inbound webhooks a second, from signature to commit: 2 web workers, 8 connections.

.venv/bin/python -m benchmarks.webhook [TEXTS]
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks import program
from benchmarks.program import Poster
from outreach import process
from outreach.campaigns.jobs import feed_each_once

CONNECTIONS = 8
# Each connection's first texts warm its web worker up: statements are compiled and prepared, modules imported.
WARM = 25
REPLIES = ("1", "no puedo ese día", "Yes! I can come", "weeknights after 6", "2")


def fill(count: int) -> None:
    """Make people with a live conversation each."""
    running, now = process.current(), program.now()
    program.add_people(count)
    program.invite_everyone(program.add_sessions(now), now)
    while feed_each_once():
        pass
    running.engine.dispose()


def reply_all(port: int, places: range) -> list[float]:
    """Post one text from each of these people; return how long each took, in milliseconds."""
    poster = Poster(port)
    return [poster.text_in(place, REPLIES[place % len(REPLIES)], program.inbound_sid(place)) for place in places]


def measure(port: int, web: int, count: int) -> dict[str, float]:
    """Post everybody's text over the connections and return the figures."""
    warm = CONNECTIONS * WARM
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda start: reply_all(port, range(1 + start, warm + 1, CONNECTIONS)), range(CONNECTIONS)))
        workers = program.workers_of(web)
        cpu, began = program.cpu_seconds(*workers), time.perf_counter()
        shares = [range(warm + 1 + start, count + 1, CONNECTIONS) for start in range(CONNECTIONS)]
        took = [each for share in pool.map(lambda share: reply_all(port, share), shares) for each in share]
    elapsed = time.perf_counter() - began
    median, slowest = program.spread(took)
    return {
        "webhooks/s": round(len(took) / elapsed, 1),
        "webhook p50, ms": median,
        "webhook p99, ms": slowest,
        "webhook CPU, ms": round((program.cpu_seconds(*workers) - cpu) / len(took) * 1000, 2),
    }


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2500
    with program.fresh_servers() as servers:
        process.start(program.settings_for("http://127.0.0.1:9", servers))
        fill(count)
        port = program.free_port()
        with program.running_web(servers.environment, port) as web:
            print(json.dumps(measure(port, web, count)))


if __name__ == "__main__":
    main()
