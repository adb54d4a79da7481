"""Parts of the program as benchmarks run them: servers, people, processes, signed posts."""

import base64
import hashlib
import hmac
import http.client
import os
import socket
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from outreach import database, process
from outreach.campaigns.launching import Plan, launch
from outreach.conversations.flow_files import load_flows
from outreach.conversations.versions import seed_flows
from outreach.database import transaction
from outreach.people.standings import postponed_standings, refresh_standings
from outreach.settings import SANDBOX_AUTH_TOKEN, SANDBOX_SENDER, Settings
from outreach.trainings.plans import SessionPlan
from outreach.trainings.seed import seed_catalogue
from outreach.trainings.sessions import add_session
from tests.servers import admin, database_on, redis_database_on, running_servers

OUTREACH = Path(sys.executable).parent / "outreach"
SECRETS = {"SECRET_KEY": "s" * 32, "SUPPRESSION_KEY": "k" * 32}
ZONE = "America/Los_Angeles"
START_SECONDS = 30
FIRST_NUMBER = 2_135_550_000
INVENT = (
    """INSERT INTO people (id, first_name, last_name, folded_name, source, committees, tags, under_18, deceased,
           created_at, updated_at) OVERRIDING SYSTEM VALUE
       SELECT i, 'Ana' || i, 'Prueba', 'ana prueba', 'bench', '[]', '[]', false, false, now(), now()
       FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) i""",
    """INSERT INTO phone_numbers (id, phone, kind, status, consented_at, created_at) OVERRIDING SYSTEM VALUE
       SELECT i, '+1' || (CAST(:number AS bigint) + i), 'mobile', 'ok', now(), now()
       FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) i""",
    """INSERT INTO person_numbers (person_id, number_id, kind, rank)
       SELECT i, i, 'mobile', 0 FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) i""",
)


@dataclass(frozen=True)
class Servers:
    """The addresses of a PostgreSQL database with the schema and of an empty Redis."""

    database_url: str
    redis_url: str

    @property
    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url, **SECRETS}


@contextmanager
def fresh_servers() -> Iterator[Servers]:
    """Yield servers of our own with an empty database."""
    with running_servers() as servers:
        name = f"{servers.run}_bench"
        with admin(servers) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        url = database_on(servers.database_url, name)
        database.migrate(url)
        yield Servers(url, redis_database_on(servers.redis_url, 0))


def settings_for(api_url: str, servers: Servers) -> Settings:
    """Return settings that send as fast as can be."""
    return Settings.model_validate(
        {
            "twilio_api_url": api_url,
            "database_url": servers.database_url,
            "redis_url": servers.redis_url,
            "sender_rate": 100_000,
            "secret_key": SECRETS["SECRET_KEY"],
            "suppression_key": SECRETS["SUPPRESSION_KEY"],
            "text_hours": "00:00-24:00",
            "text_hours_sunday": "00:00-24:00",
        }
    )


def phone(place: int) -> str:
    """Return the number of the person at a place, from 1 on."""
    return f"+1{FIRST_NUMBER + place}"


def add_people(count: int, already: int = 0) -> None:
    """Invent people who may be texted, beside those that there are already."""
    with transaction() as session, postponed_standings(session):
        for statement in INVENT:
            values = {"first": already + 1, "last": already + count}
            session.execute(text(statement), values | ({"number": FIRST_NUMBER} if ":number" in statement else {}))
        refresh_standings(session, range(already + 1, already + count + 1))
    with process.current().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def add_sessions(now: datetime) -> tuple[int, ...]:
    """Add the catalogue, the flows and two sessions; return the sessions' ids."""
    with transaction() as session:
        seed_catalogue(session, now)
        seed_flows(session, load_flows(), now)
        days = (now + timedelta(days=9), now + timedelta(days=12))
        plans = [SessionPlan(training_id=1, starts_at=day, minutes=120, timezone=ZONE, place="Hall") for day in days]
        return tuple(add_session(session, plan, now).id for plan in plans)


def invite_everyone(sessions: tuple[int, ...], now: datetime) -> int:
    """Launch an invitation to everybody and return the campaign's id."""
    with transaction() as session:
        return launch(session, Plan("invite", "everyone", sessions, "Luz", "bench", now), "bench", now).id


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(part: str, environment: dict[str, str]) -> Iterator[int]:
    """Run a part of the program, `worker` or `cron`, and yield its process's id."""
    with subprocess.Popen([OUTREACH, part], env={**os.environ, **environment}, start_new_session=True) as started:
        try:
            yield started.pid
        finally:
            started.terminate()


@contextmanager
def running_web(environment: dict[str, str], port: int) -> Iterator[int]:
    """Run `outreach web` and yield its process's id once it answers."""
    with running("web", {**environment, "PORT": str(port)}) as web:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and not _answers(port):
            time.sleep(0.05)
        yield web


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=1)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def workers_of(web: int) -> list[int]:
    """Return the ids of the web's worker processes."""
    return [int(pid) for pid in Path(f"/proc/{web}/task/{web}/children").read_text().split()]


def cpu_seconds(*pids: int) -> float:
    """Return the CPU seconds that processes have used."""
    ticks = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13] for pid in pids)
    return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Return the memory that a process holds."""
    line = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


class Poster:
    """Posts signed forms over one connection, as Twilio does."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._connection = http.client.HTTPConnection("127.0.0.1", port)

    def post(self, path: str, form: dict[str, str]) -> float:
        """Post a form; return how long that took, in milliseconds. Fails unless it was taken."""
        signed = f"http://127.0.0.1:{self._port}{path}" + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(SANDBOX_AUTH_TOKEN.encode(), signed.encode(), hashlib.sha1).digest()
        head = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Twilio-Signature": base64.b64encode(digest).decode(),
        }
        body = urllib.parse.urlencode(form)
        began = time.perf_counter()
        self._connection.request("POST", path, body, head)
        answer = self._connection.getresponse()
        answer.read()
        took = (time.perf_counter() - began) * 1000
        assert answer.status in {200, 204}, answer.status
        return took

    def text_in(self, place: int, body: str, sid: str) -> float:
        """Post a text from the person at a place; return how long that took, in milliseconds."""
        form = {
            "AccountSid": "AC" + "5a" * 16,
            "Body": body,
            "From": phone(place),
            "MessageSid": sid,
            "NumMedia": "0",
            "NumSegments": "1",
            "To": SANDBOX_SENDER,
        }
        return self.post("/twilio/message", form)


def inbound_sid(number: int) -> str:
    """Return Twilio's id of a text that comes in: none that the stub gives to what goes out."""
    return f"SMf{number:031x}"


def spread(milliseconds: list[float]) -> tuple[float, float]:
    """Return the median and the 99th of a hundred."""
    ordered = sorted(milliseconds)
    return round(ordered[len(ordered) // 2], 1), round(ordered[len(ordered) * 99 // 100], 1)


def now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)
