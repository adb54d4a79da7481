import contextlib
import ipaddress
import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
import redis
from flask import Flask
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from outreach import database
from outreach.settings import Settings
from tests.servers import (
    Servers,
    admin,
    clone_database,
    database_on,
    empty_database,
    keep_as_it_is,
    keep_files_in_memory,
    keep_prepared,
    redis_database_on,
    running_servers,
)

SERVERS = pytest.StashKey[Servers]()
LONGEST = (
    "tests/faults/test_crashes",
    "tests/browser/",
    "tests/conversations/test_signal_orders",
    "tests/transcripts/",
    "tests/test_launcher",
)
TEMPLATE_LOCK = 7_301_202_612


class KeptTemplates(BytecodeCache):
    """Templates as they were compiled, for the next application that a test makes."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


def pytest_configure() -> None:
    keep_files_in_memory()
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": KeptTemplates()}
    # How long an example takes says more of what else the machine does than of the law.
    settings.register_profile("no_deadline", deadline=None)
    settings.load_profile("no_deadline")
    # Tests say themselves what is set.
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    for method in ("connect", "connect_ex"):
        setattr(socket.socket, method, _on_loopback_alone(getattr(socket.socket, method)))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files that take longest first: no worker is left with one of them when the others are done."""
    items.sort(
        key=lambda item: next((place for place, name in enumerate(LONGEST) if name in item.nodeid), len(LONGEST))
    )


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["servers"] = _servers(node.config).as_dict()


def _servers(config: pytest.Config) -> Servers:
    """Return this run's servers: the controller starts them for its workers, a single process on first use."""
    if SERVERS not in config.stash:
        given = getattr(config, "workerinput", {}).get("servers")
        if given:
            config.stash[SERVERS] = Servers(**given)
        else:
            until_the_end = contextlib.ExitStack()
            config.stash[SERVERS] = until_the_end.enter_context(running_servers())
            config.add_cleanup(until_the_end.close)
    return config.stash[SERVERS]


def _on_loopback_alone(connect: Any) -> Any:
    def guarded(self: socket.socket, address: Any) -> Any:
        if self.family in {socket.AF_INET, socket.AF_INET6} and not _is_loopback(address[0]):
            self.close()
            raise AssertionError(f"a test reaches for {address[0]}: nothing but loopback is allowed")
        return connect(self, address)

    return guarded


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def servers(request: pytest.FixtureRequest) -> Servers:
    return _servers(request.config)


@pytest.fixture(scope="session")
def worker_number(request: pytest.FixtureRequest) -> int:
    worker: str = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return int(worker.removeprefix("gw"))


@pytest.fixture(scope="session")
def template(servers: Servers) -> str:
    """The name of a migrated database that nobody connects to, made once for the whole run."""
    name, making = f"{servers.run}_template", f"{servers.run}_making"
    with admin(servers) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{making}"'.encode())
            database.migrate(database_on(servers.database_url, making))
            connection.execute(f'ALTER DATABASE "{making}" RENAME TO "{name}"'.encode())
    return name


@pytest.fixture(scope="session")
def engine(servers: Servers, template: str, worker_number: int) -> Iterator[Engine]:
    """An engine on this worker's own database; a test that commits for real takes `database_url` instead."""
    engine = database.make_engine(clone_database(servers, template, f"{servers.run}_gw{worker_number}"))
    keep_prepared(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session, and `database.transaction()`, on one connection whose transaction is rolled back after the test."""
    with engine.connect() as connection:
        outer = connection.begin()
        database.configure(connection)
        with database.open_session() as session:
            yield session
        outer.rollback()


@pytest.fixture(scope="session")
def committed(servers: Servers, template: str, worker_number: int) -> str:
    """The name of this worker's database for tests that commit."""
    name = f"{servers.run}_committed{worker_number}"
    keep_as_it_is(clone_database(servers, template, name))
    return name


@pytest.fixture
def database_url(servers: Servers, committed: str) -> Iterator[str]:
    """A migrated database that is a test's own while it runs, with real commits and as many connections as it likes."""
    yield database_on(servers.database_url, committed)
    empty_database(servers, committed)


@pytest.fixture
def redis_url(servers: Servers, worker_number: int) -> str:
    """An empty Redis database of this worker's own."""
    url = redis_database_on(servers.redis_url, worker_number)
    with redis.Redis.from_url(url) as client:
        client.flushdb()
    return url
