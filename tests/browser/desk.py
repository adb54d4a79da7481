"""A whole desk in this process: the web on a port, the sandbox beside it, a thread for each of the workers' jobs."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, QueuePool
from sqlalchemy.orm import Session
from werkzeug.serving import WSGIRequestHandler, make_server

from outreach import clock, database, process
from outreach.app import create_app
from outreach.conversations import versions
from outreach.conversations.flow_files import shipped_flows
from outreach.conversations.versions import seed_flows
from outreach.database import transaction
from outreach.demo.accounts import read_passwords
from outreach.demo.contacts import push_contacts
from outreach.demo.data import seed_demo
from outreach.demo_door import PATH, clock_token
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.messages import Direction, Message
from outreach.sandbox.sandbox import Sandbox
from outreach.sandbox.server import RunningSandbox
from outreach.settings import SANDBOX_ACCOUNT_SID, SANDBOX_AUTH_TOKEN, SANDBOX_SENDER, Settings
from outreach.sweeping import WORK, _do_here
from outreach.texting.jobs import drainer
from tests.sandbox.factories import wait_for

# What nobody wakes a job for is found by looking, as cron does.
LOOK_SECONDS = 0.3


@dataclass(frozen=True)
class Desk:
    """What a test of the pages works with. `passwords` are those of the demo's accounts, by e-mail."""

    url: str
    phones_url: str
    settings: Settings
    sandbox: Sandbox
    passwords: dict[str, str]

    def texts_to(self, phone: str | None = None) -> list[Message]:
        """Return the texts that reached a phone, or all phones, the oldest first."""
        known = self.sandbox.account.messages.after(0, phone, 10_000)
        return [each for each in known if each.direction != Direction.INBOUND]

    def transaction(self) -> contextlib.AbstractContextManager[Session]:
        """Return a transaction on the desk's database."""
        return transaction()


class Bells:
    """A waker without a Redis: a bell for each job, which the job's thread listens to."""

    def __init__(self) -> None:
        self.rung = {work.job: threading.Event() for work in WORK}

    def wake(self, job: str, rest: float = 0.0) -> bool:  # noqa: ARG002 - the waker's form
        if job in self.rung:
            self.rung[job].set()
        return job in self.rung

    def looking(self, job: str) -> None:
        self.rung[job].clear()


class Quiet(WSGIRequestHandler):
    """A request is worth no line."""

    def log_request(self, *_args: object) -> None: ...


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def seed_desk(database_url: str, var_dir: Path) -> None:
    """Put the flows and the demo's data into a migrated database, and its passwords into a folder."""
    engine = database.make_engine(database_url, 1)
    database.configure(engine)
    now = clock.now()
    with transaction() as session:
        seed_flows(session, shipped_flows(), now)
        seed_demo(session, _settings(database_url, var_dir), now)
    engine.dispose()


@contextlib.contextmanager
def running_desk(database_url: str, var_dir: Path) -> Iterator[Desk]:
    """Yield a desk on a seeded database; everything it started has ended afterwards."""
    settings = _settings(database_url, var_dir)
    bells = Bells()
    running = process.Process(settings, database.make_engine(database_url, 8), bells)  # type: ignore[arg-type]
    database.configure(running.engine)
    process._current = running
    for remembered in (drainer, versions._known):
        remembered.cache_clear()
    with contextlib.ExitStack() as stack:
        stack.callback(_end_engine, running.engine)
        sandbox = stack.enter_context(RunningSandbox(_sandbox_config(settings), port=settings.sandbox_port))
        stack.enter_context(_serving(running, settings.port))
        for job, bell in bells.rung.items():
            stack.enter_context(_repeating(partial(_do_here, job), bell))
        with transaction() as session:
            push_contacts(session, settings)
        passwords = dict(read_passwords(var_dir))
        yield Desk(settings.public_url, sandbox.url, settings, sandbox.sandbox, passwords)


def _end_engine(engine: Engine) -> None:
    """Close every connection, after the last request has given its own back: a server ends without waiting for them."""
    pool = engine.pool
    assert isinstance(pool, QueuePool)
    wait_for(lambda: not pool.checkedout())
    engine.dispose()


def _settings(database_url: str, var_dir: Path) -> Settings:
    return Settings.model_validate(
        {
            "database_url": database_url,
            "secret_key": "s" * 32,
            "suppression_key": "k" * 32,
            "port": free_port(),
            "sandbox_port": free_port(),
            "var_dir": var_dir,
        }
    )


def _sandbox_config(settings: Settings) -> SandboxConfig:
    return SandboxConfig(
        account_sid=SANDBOX_ACCOUNT_SID,
        auth_token=SANDBOX_AUTH_TOKEN,
        senders=(SANDBOX_SENDER,),
        inbound_url=f"{settings.public_url}/twilio/message",
        callback_delay=(0.01, 0.05),
        timezone=settings.org_timezone,
        clock_url=f"{settings.public_url}{PATH}",
        clock_token=clock_token(settings),
    )


@contextlib.contextmanager
def _serving(running: process.Process, port: int) -> Iterator[None]:
    server = make_server("127.0.0.1", port, create_app(running), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextlib.contextmanager
def _repeating(work: Callable[[], None], bell: threading.Event) -> Iterator[None]:
    ended = threading.Event()

    def repeat() -> None:
        while not ended.is_set():
            work()
            bell.wait(LOOK_SECONDS)

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        bell.set()
        thread.join()
