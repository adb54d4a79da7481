"""One PostgreSQL and one Valkey for a whole test run, shared by its xdist workers."""

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, event

from outreach import embedded
from outreach.run_file import is_locked

FAST = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_connections": "300"}
FOLDER_PREFIX = "outreach-tests-"
MEMORY, MEMORY_NEEDED = Path("/dev/shm"), 3 * 2**30  # noqa: S108 - a folder of its own is made in it, as in /tmp
STALE_SECONDS = 60
SEEDED = "seeded"
"""The schema in which a test's database keeps the rows that it begins with."""


class Servers:
    """The two servers' addresses; sent to workers as a dictionary of strings."""

    def __init__(self, database_url: str, redis_url: str, run: str) -> None:
        self.database_url = database_url
        self.redis_url = redis_url
        self.run = run

    def as_dict(self) -> dict[str, str]:
        return {"database_url": self.database_url, "redis_url": self.redis_url, "run": self.run}


@contextlib.contextmanager
def running_servers() -> Iterator[Servers]:
    """Yield servers: those of TEST_DATABASE_URL and TEST_REDIS_URL, or embedded ones in a temporary folder."""
    given_database, given_redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    with contextlib.ExitStack() as stack:
        var_dir = stack.enter_context(temporary_var_dir())
        postgres = None if given_database else embedded.Postgres(var_dir, FAST)
        valkey = None if given_redis else embedded.Valkey(var_dir)
        stack.enter_context(embedded.start(*(server for server in (valkey, postgres) if server)))
        database_url = postgres.url if postgres else given_database
        redis_url = valkey.url if valkey else given_redis
        servers = Servers(database_url or "", redis_url or "", f"outreach_test_{secrets.token_hex(4)}")
        if given_database:
            stack.callback(drop_databases, servers)
        yield servers


def keep_files_in_memory() -> None:
    """Let temporary files lie in memory where it has room: a disk takes a third of a server's CPU time to make tables.

    Whoever sets TMPDIR has chosen; the processes that tests start get the same place.
    """
    with contextlib.suppress(OSError):
        if "TMPDIR" not in os.environ and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED and os.access(MEMORY, os.W_OK):
            os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


@contextlib.contextmanager
def temporary_var_dir() -> Iterator[Path]:
    """Yield a folder, locked while it is in use, removed afterwards."""
    _remove_stale_folders()
    folder = Path(tempfile.mkdtemp(prefix=FOLDER_PREFIX))
    try:
        with embedded.own(folder):
            yield folder
    finally:
        shutil.rmtree(folder)


def _remove_stale_folders() -> None:
    """Remove what runs that were killed left behind."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - folder.stat().st_mtime > STALE_SECONDS and not is_locked(folder):
                shutil.rmtree(folder)


def database_on(server_url: str, name: str) -> str:
    return urlunsplit(urlsplit(server_url)._replace(path=f"/{name}"))


def redis_database_on(server_url: str, number: int) -> str:
    parts = urlsplit(server_url)
    return urlunsplit(parts._replace(path=f"/{int(parts.path.strip('/') or 0) + number}"))


def clone_database(servers: Servers, template: str, name: str) -> str:
    """Copy a database that nobody is connected to and return the copy's address."""
    with admin(servers) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return database_on(servers.database_url, name)


def keep_prepared(engine: Engine) -> None:
    """Let what the database has planned outlast a test: psycopg forgets all it has prepared at each rollback."""

    def keep_all(connection: psycopg.Connection, _record: object) -> None:
        connection.prepared_max = None

    def roll_back(connection: psycopg.Connection) -> None:
        if connection.pgconn.transaction_status != TransactionStatus.IDLE:
            connection.pgconn.exec_(b"ROLLBACK")

    def roll_back_to(connection: Connection, name: str) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.pgconn.exec_(f"ROLLBACK TO SAVEPOINT {name}".encode())

    event.listen(engine, "connect", keep_all)
    engine.dialect.do_rollback = roll_back  # type: ignore[method-assign, assignment]
    engine.dialect.do_rollback_to_savepoint = roll_back_to  # type: ignore[method-assign]


def keep_as_it_is(url: str) -> None:
    """Remember the rows of a database that nobody has used yet, for `empty_database`."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {SEEDED}".encode())
        for name in _tables(connection):
            connection.execute(f'CREATE TABLE {SEEDED}."{name}" AS TABLE "{name}"'.encode())


def empty_database(servers: Servers, name: str) -> None:
    """Bring a used database back to how it was: a quarter of the work of copying the template anew."""
    with admin(servers) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    with psycopg.connect(database_on(servers.database_url, name), autocommit=True) as connection:
        # Append-only tables refuse to be emptied but by their own.
        connection.execute("SET session_replication_role = replica")
        kept = _tables(connection, SEEDED)
        for added in set(_tables(connection)) - set(kept):
            connection.execute(f'DROP TABLE "{added}" CASCADE'.encode())
        names = ", ".join(f'"{each}"' for each in kept)
        connection.execute(f"TRUNCATE {names} RESTART IDENTITY CASCADE".encode())
        for each in kept:
            connection.execute(f'INSERT INTO "{each}" OVERRIDING SYSTEM VALUE TABLE {SEEDED}."{each}"'.encode())


def _tables(connection: psycopg.Connection, schema: str = "public") -> list[str]:
    found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema]).fetchall()
    return [name for (name,) in found]


def drop_database(servers: Servers, name: str) -> None:
    with admin(servers) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


def drop_databases(servers: Servers) -> None:
    with admin(servers) as connection:
        names = connection.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [servers.run])
        for (name,) in names.fetchall():
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())


@contextlib.contextmanager
def admin(servers: Servers) -> Iterator[psycopg.Connection]:
    with psycopg.connect(servers.database_url, autocommit=True) as connection:
        yield connection
