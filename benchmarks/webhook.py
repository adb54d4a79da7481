"""Inbound webhooks a second, from signature to commit: 2 web workers, 8 connections.

.venv/bin/python -m benchmarks.webhook [TEXTS]
"""

import base64
import hashlib
import hmac
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.sending import settings_for
from outreach import database, process
from outreach.campaigns.jobs import feed_each_once
from outreach.campaigns.launching import Plan, launch
from outreach.conversations.flow_files import load_flows
from outreach.conversations.versions import seed_flows
from outreach.database import transaction
from outreach.people.consent import record_consent
from outreach.people.models import NumberKind, Person, PersonNumber
from outreach.people.numbers import find_or_create_number
from outreach.settings import SANDBOX_AUTH_TOKEN, SANDBOX_SENDER
from outreach.trainings.plans import SessionPlan
from outreach.trainings.seed import seed_catalogue
from outreach.trainings.sessions import add_session
from tests.servers import admin, database_on, redis_database_on, running_servers

CONNECTIONS = 8
ZONE = "America/Los_Angeles"
START_SECONDS = 20
REPLIES = ("1", "no puedo ese día", "Yes! I can come", "weeknights after 6", "2")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fill(count: int) -> None:
    """Make people with a live conversation each."""
    now = datetime.now(UTC)
    running = process.current()
    with transaction() as session:
        seed_catalogue(session, now)
        seed_flows(session, load_flows(), now)
        when = now + timedelta(days=9)
        first = SessionPlan(training_id=1, starts_at=when, minutes=120, timezone=ZONE, place="Hall")
        second = SessionPlan(
            training_id=1, starts_at=when + timedelta(days=3), minutes=120, timezone=ZONE, place="Zoom"
        )
        ids = [add_session(session, plan, now).id for plan in (first, second)]
        for place in range(count):
            number = find_or_create_number(session, f"+1213{5_550_000 + place:07d}", now)
            number.kind = NumberKind.MOBILE
            person = Person(first_name=f"Ana{place}", source="bench", created_at=now, updated_at=now)
            session.add(person)
            session.flush()
            session.add(PersonNumber(person_id=person.id, number_id=number.id, kind=NumberKind.MOBILE))
            session.flush()
            record_consent(session, number, wording="bench", source="bench", by=None, now=now, key="k" * 32)
        launch(session, Plan("invite", "everyone", tuple(ids), "Luz", "bench", now), "bench", now)
    while feed_each_once():
        pass
    running.engine.dispose()


@contextmanager
def running_web(settings: dict[str, str], port: int) -> Iterator[int]:
    """Run `outreach web` and yield its process once it answers."""
    command = [str(Path(sys.executable).parent / "outreach"), "web"]
    web = subprocess.Popen(command, env={**os.environ, **settings}, start_new_session=True)
    try:
        end = time.monotonic() + START_SECONDS
        while web.poll() is None and time.monotonic() < end:
            try:
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
                connection.request("GET", "/health/ready")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.05)
        yield web.pid
    finally:
        web.terminate()
        web.wait()


def cpu_of(web: int) -> float:
    """Return the CPU seconds that the web's workers have used."""
    workers = Path(f"/proc/{web}/task/{web}/children").read_text().split()
    ticks = (Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[11:13] for worker in workers)
    return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")


def post_all(port: int, places: list[int]) -> list[float]:
    """Post one text from each of these people; return how long each took, in milliseconds."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    took = []
    for place in places:
        form = {
            "AccountSid": "AC" + "5a" * 16,
            "Body": REPLIES[place % len(REPLIES)],
            "From": f"+1213{5_550_000 + place:07d}",
            "MessageSid": f"SM{place:032x}",
            "NumMedia": "0",
            "NumSegments": "1",
            "To": SANDBOX_SENDER,
        }
        signed = f"http://127.0.0.1:{port}/twilio/message" + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(SANDBOX_AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        head = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
        }
        began = time.perf_counter()
        connection.request("POST", "/twilio/message", urllib.parse.urlencode(form), head)
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - began) * 1000)
        assert answer.status == 200, answer.status
    return took


def measure(port: int, web: int, count: int) -> dict[str, float]:
    """Post everybody's text over the connections and return the figures."""
    warm = CONNECTIONS * 10
    post_all(port, list(range(warm)))
    shares = [list(range(warm + start, count, CONNECTIONS)) for start in range(CONNECTIONS)]
    cpu, began = cpu_of(web), time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        took = sorted(each for share in pool.map(lambda share: post_all(port, share), shares) for each in share)
    elapsed, done = time.perf_counter() - began, len(took)
    return {
        "webhooks/s": round(done / elapsed, 1),
        "webhook p50, ms": round(took[done // 2], 1),
        "webhook p99, ms": round(took[done * 99 // 100], 1),
        "webhook CPU, ms": round((cpu_of(web) - cpu) / done * 1000, 2),
    }


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 3000
    with running_servers() as servers:
        name = f"{servers.run}_webhook"
        with admin(servers) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        url, redis_url = database_on(servers.database_url, name), redis_database_on(servers.redis_url, 0)
        database.migrate(url)
        process.start(settings_for("http://127.0.0.1:9", url, redis_url))
        fill(count)
        port = free_port()
        settings = {
            "DATABASE_URL": url,
            "REDIS_URL": redis_url,
            "PORT": str(port),
            "SECRET_KEY": "s" * 32,
            "SUPPRESSION_KEY": "k" * 32,
        }
        with running_web(settings, port) as web:
            print(json.dumps(measure(port, web, count)))


if __name__ == "__main__":
    main()
