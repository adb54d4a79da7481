"""The whole program, run as an operator runs it, beside a sandbox in the test's process: for killing parts of it."""

import base64
import contextlib
import csv
import hashlib
import hmac
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import redis
from rq import Queue
from rq.serializers import JSONSerializer

from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.server import RunningSandbox

ACCOUNT, TOKEN, SENDER = "AC" + "d" * 32, "f" * 32, "+12135550100"
OUTREACH = Path(sys.executable).parent / "outreach"
START_SECONDS = 60.0
COLUMNS = (
    "first_name",
    "last_name",
    "Mobile_Phone",
    "Email",
    "Join_Date",
    "Xdate",
    "membership_status",
    "p2ptext_optout",
)


def phone(place: int) -> str:
    """The number of the member at a place of the list: 555-01xx in one area code after the other."""
    areas = ("213", "310", "323", "562", "626", "818")
    return f"+1{areas[place // 90]}55501{10 + place % 90:02}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], object], seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        time.sleep(0.05)


class Program:
    """`outreach run` on servers of its own in a folder of its own."""

    def __init__(self, folder: Path, sandbox: RunningSandbox, port: int, **settings: str) -> None:
        self.folder, self.sandbox, self.port = folder, sandbox, port
        self._listed, self._listing = list[dict[str, Any]](), threading.Lock()
        self.environment = {
            **os.environ,
            "VAR_DIR": str(folder / "var"),
            "PORT": str(port),
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": TOKEN,
            "TWILIO_PHONE_NUMBERS": SENDER,
            "TWILIO_API_URL": sandbox.url,
            "ORG_NAME": "Test Chapter",
            "ORG_TIMEZONE": "America/Los_Angeles",
            "ORG_CONTACT": "help@example.org",
            "ON_CALL_NUMBERS": "+12135550134",
            "TEXT_HOURS": "00:00-24:00",
            "TEXT_HOURS_SUNDAY": "00:00-24:00",
            "SENDER_RATE": "100",
            "SETTLE_AFTER": "5",
            "ASK_GAP_HOURS": "0",
            "ASKS_PER_MONTH": "100000",
            "OUTREACH_FAILPOINTS": str(folder / "failpoints"),
            **settings,
        }
        self.failpoints = folder / "failpoints"
        self.failpoints.mkdir()
        with (folder / "run.log").open("w") as log:
            self.process = subprocess.Popen(
                [OUTREACH, "run", "--no-demo"],
                cwd=folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def await_ready(self) -> None:
        ready = folder_says(self.folder / "run.log", "Ready:")
        wait_for(lambda: ready() or self.process.poll() is not None, START_SECONDS, "the program to be ready")
        assert self.process.poll() is None, (self.folder / "run.log").read_text()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)

    def out(self, *arguments: str) -> str:
        done = subprocess.run(
            [OUTREACH, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{arguments[:2]}: {done.stderr}"
        return done.stdout.strip()

    def import_people(self, count: int, **first: str) -> None:
        path = self.folder / "members.csv"
        with path.open("w", newline="") as file:
            rows = csv.DictWriter(file, COLUMNS)
            rows.writeheader()
            for place in range(count):
                member = {
                    "first_name": f"Ana{place}",
                    "last_name": "Prueba",
                    "Mobile_Phone": phone(place),
                    "Email": f"ana{place}@example.org",
                    "Join_Date": "2026-10-15",
                    "Xdate": "2099-11-01",
                    "membership_status": "Member in Good Standing",
                    "p2ptext_optout": "FALSE",
                }
                rows.writerow({**member, **first} if place == 0 else member)
        self.out("people", "import", str(path), "--consent", "signed up and agreed to texts")

    def add_session(self, capacity: int = 500, days: int = 9) -> str:
        starts = time.strftime("%Y-%m-%dT18:30", time.localtime(time.time() + days * 86_400))
        options = ("--minutes", "120", "--place", "Union hall", "--capacity", str(capacity))
        return self.out("session", "add", "--training", "1", "--starts", starts, *options)

    def launch(self, *sessions: str) -> str:
        offered = [part for one in sessions for part in ("--session", one)]
        return self.out("campaign", "launch", "invite", "--to", "everyone", *offered)

    def is_done(self, campaign: str) -> bool:
        return self.look("SELECT state FROM campaigns WHERE id = %s", int(campaign)) == [("done",)]

    def rows(self, what: str) -> list[dict[str, str]]:
        path = self.folder / f"{what}.csv"
        self.out(what, "export", str(path))
        with path.open(newline="", encoding="utf-8-sig") as file:
            return list(csv.DictReader(file))

    def pid_of(self, part: str) -> int:
        pids: dict[str, int] = json.loads((self.folder / "var" / "run.json").read_text())["pids"]
        return pids.get(part, 0)

    def signal_server(self, server: str, how: signal.Signals) -> None:
        """Send a signal to an embedded server and wait until another runs in its place."""
        wait_for(lambda: self.pid_of(server), 20, f"a running {server}")
        before = self.pid_of(server)
        with contextlib.suppress(ProcessLookupError):
            os.kill(before, how)
        wait_for(lambda: self.pid_of(server) not in {0, before}, 20, f"another {server}")

    def kill(self, part: str, *, group: bool) -> None:
        """Kill a part with -9, alone or with its whole group, and wait until another runs in its place."""
        wait_for(lambda: self.pid_of(part), 20, f"a running {part}")
        before = self.pid_of(part)
        # An order that was laid before may just have killed it: then too another runs in its place.
        with contextlib.suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(before, signal.SIGKILL)
        wait_for(lambda: self.pid_of(part) not in {0, before}, 20, f"another {part}")

    def kill_at(self, step: str, whom: str) -> None:
        """Lay an order: whoever reaches this step of a part (`worker.called`) next is killed, alone or its group."""
        (self.failpoints / f"{step}.laid").write_text(whom)
        (self.failpoints / f"{step}.laid").rename(self.failpoints / step)

    def was_killed_at(self, step: str) -> bool:
        """Tell whether an order was carried out; an order that nobody came by is taken back."""
        with contextlib.suppress(FileNotFoundError):
            (self.failpoints / step).unlink()
            return False
        return True

    def address_of(self, server: str) -> str:
        """DATABASE_URL or REDIS_URL of the running servers."""
        given: dict[str, str] = json.loads((self.folder / "var" / "run.json").read_text())
        return given[server]

    def look(self, question: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database, waiting where it is just being started again."""
        for _ in range(100):
            with (
                contextlib.suppress(psycopg.OperationalError, OSError),
                psycopg.connect(self.address_of("DATABASE_URL"), autocommit=True) as connection,
            ):
                return connection.execute(question.encode(), values).fetchall()
            time.sleep(0.1)
        raise AssertionError("the database does not come back")

    def redis(self) -> "redis.Redis":
        return redis.Redis.from_url(self.address_of("REDIS_URL"))

    def text_in_until_taken(self, sender: str, body: str, sid: str) -> None:
        """Post a webhook again and again, as Twilio does, until it is answered with 200."""

        def taken() -> bool:
            with contextlib.suppress(OSError, http.client.HTTPException):
                return self.text_in(sender, body, sid) == 200
            return False

        wait_for(taken, 40, "a webhook to be taken")

    def disturb(self, **fault: Any) -> None:
        """Put a fault of Twilio's in force."""
        self._control("POST", "/sandbox/control/faults", fault)

    def set_mode(self, **mode: Any) -> None:
        """Change how roughly Twilio treats its callbacks."""
        self._control("PUT", "/sandbox/control/mode", mode)

    def calm(self) -> None:
        """End every fault of Twilio's."""
        self._control("DELETE", "/sandbox/control/faults")
        self.set_mode(shuffle=0.1, duplicate=0.1, early=0.1)

    def _control(self, method: str, path: str, body: object = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.sandbox.port, timeout=20)
        try:
            head = {"Content-Type": "application/json"}
            connection.request(method, path, json.dumps(body) if body is not None else None, head)
            answer = connection.getresponse()
            content = answer.read()
            assert answer.status < 300, content
            return json.loads(content) if content else None
        finally:
            connection.close()

    def text_in(self, sender: str, body: str, sid: str, *, signed: bool = True) -> int:
        form = {"MessageSid": sid, "AccountSid": ACCOUNT, "From": sender, "To": SENDER, "Body": body, "NumMedia": "0"}
        return self._post("/twilio/message", form, signed=signed)

    def call_back(self, text: str, form: dict[str, str]) -> int:
        """Post a status callback for the text of this id."""
        return self._post(f"/twilio/status?text={text}", form)

    def text_lost(self, sender: str, body: str) -> str:
        """Let Twilio take a text and lose its webhook; return Twilio's id."""
        given = {"from": sender, "body": body, "to": SENDER, "lost": True}
        return str(self._control("POST", "/sandbox/control/inbound", given)["sid"])

    def wake(self, job: str) -> None:
        """Lay a job in the queue, as cron does."""
        with self.redis() as connection:
            Queue("outreach", connection=connection, serializer=JSONSerializer).enqueue_call(job, args=(1,))

    def _post(self, path: str, form: dict[str, str], *, signed: bool = True) -> int:
        address = f"http://127.0.0.1:{self.port}{path}"
        content = address + "".join(name + form[name] for name in sorted(form))
        digest = hmac.new(TOKEN.encode(), content.encode(), hashlib.sha1).digest()
        head = {"Content-Type": "application/x-www-form-urlencoded"}
        if signed:
            head["X-Twilio-Signature"] = base64.b64encode(digest).decode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", path, urllib.parse.urlencode(form), head)
            return connection.getresponse().status
        finally:
            connection.close()

    def sent(self) -> list[dict[str, Any]]:
        """Whatever Twilio took, in the order in which it came."""
        # Asked for often, by several threads: what is known is not listed again, or the sandbox does little else.
        with self._listing:
            after = self._listed[-1]["id"] if self._listed else 0
            self._listed += self._control("GET", f"/sandbox/control/messages?after={after}")
            return [text for text in self._listed if text["direction"] == "outbound-api"]

    def sent_to(self, number: str) -> list[str]:
        return [str(text["body"]) for text in self.sent() if text["to"] == number]

    def counts(self) -> Counter[str]:
        """How many texts each number got."""
        return Counter(str(text["to"]) for text in self.sent())


def folder_says(log: Path, words: str) -> Callable[[], bool]:
    return lambda: log.exists() and words in log.read_text()


@contextmanager
def running_program(folder: Path, **settings: str) -> Iterator[Program]:
    """Run the program and its sandbox for the block; nothing of it is left afterwards."""
    port = free_port()
    inbound = f"http://127.0.0.1:{port}/twilio/message"
    config = SandboxConfig(account_sid=ACCOUNT, auth_token=TOKEN, senders=(SENDER,), inbound_url=inbound)
    with RunningSandbox(config) as sandbox:
        program = Program(folder, sandbox, port, **settings)
        try:
            program.await_ready()
            yield program
        finally:
            program.stop()
