"""The database: engine, sessions and transactions, and bringing the schema up to date."""

import contextlib
import select
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg.pq import ExecStatus
from sqlalchemy import BigInteger, Connection, DateTime, Engine, Identity, MetaData, create_engine, event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column, sessionmaker

from outreach import failpoints

MIGRATIONS = Path(__file__).parent.parent / "migrations"
# Any number will do; it must only be the same in every process that migrates.
MIGRATION_LOCK = 7_301_202_611

# How a row is locked that is read by its key: all but the key, as `with_for_update(key_share=True)` does. A foreign key
# that names the row waits for a whole lock, and who waits there holds locks that others wait for.
ROW: Final = {"key_share": True}

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The base of every table: aware times, 64-bit keys, named constraints."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: DateTime(timezone=True), int: BigInteger}  # noqa: RUF012 - SQLAlchemy reads it once


def identity_key() -> Any:  # noqa: ANN401 - the type comes from the annotation beside each use
    """Return the column of a 64-bit key that the database counts up."""
    return mapped_column(BigInteger, Identity(), primary_key=True)


_sessions: sessionmaker[Session] = sessionmaker()


class TerseCursor(psycopg.Cursor[Any]):
    """A cursor that gives a column's name and type alone: SQLAlchemy asks for the columns after each statement.

    psycopg's own answer is an object a column, a twentieth of the CPU time of an inbound text's turn.
    """

    @property
    def description(self) -> Any:  # noqa: ANN401 - plain tuples, as PEP 249 has them, in place of psycopg's Column
        """Return the columns of the result, or None where there is none."""
        found = self.pgresult
        if found is None or found.status != ExecStatus.TUPLES_OK:
            return super().description
        names = ((found.fname(place) or b"").decode() for place in range(found.nfields))
        return [(name, found.ftype(place), None, None, None, None, None) for place, name in enumerate(names)]


def make_engine(url: str, pool_size: int = 5, lock_timeout: str | None = None) -> Engine:
    """Return an engine for a `postgresql://` URL: psycopg 3, UTC, no values in error messages.

    `lock_timeout` (such as `5s`) bounds every wait for a lock.
    """
    options = "-c timezone=UTC" + (f" -c lock_timeout={lock_timeout}" if lock_timeout else "")
    engine = create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        hide_parameters=True,
        connect_args={
            "options": options,
            "connect_timeout": 5,
            "application_name": "outreach",
            "cursor_factory": TerseCursor,
        },
    )
    event.listen(engine, "checkout", _replace_dead)
    # SQLAlchemy would compile these two anew each time: every inbound text says both.
    engine.dialect.do_savepoint = _say("SAVEPOINT")  # type: ignore[assignment]
    engine.dialect.do_release_savepoint = _say("RELEASE SAVEPOINT")  # type: ignore[assignment]
    return engine


def _say(command: str) -> Callable[[Connection, str], None]:
    def say(connection: Connection, name: str) -> None:
        connection.exec_driver_sql(f"{command} {name}")

    return say


def _replace_dead(connection: psycopg.Connection, _record: object, _proxy: object) -> None:
    """Have a pooled connection replaced that the server has closed; unlike a ping this costs no round trip.

    A server that stops says so and hangs up: an idle connection with something to read is no good any more.
    """
    if connection.closed:
        raise DisconnectionError
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):
        raise DisconnectionError


def configure(bind: Engine | Connection) -> None:
    """Make `transaction()` use this engine, or, in tests, one connection with an outer transaction."""
    mode = "create_savepoint" if isinstance(bind, Connection) else "conditional_savepoint"
    _sessions.configure(bind=bind, expire_on_commit=False, join_transaction_mode=mode)


@contextlib.contextmanager
def transaction(lock_timeout: str | None = None) -> Iterator[Session]:
    """Yield a session; commit when the block returns, roll back when it raises.

    `lock_timeout` (such as `5s`) bounds the wait for a lock, so that a web thread never waits for ever.
    """
    with _sessions() as session, session.begin():
        if lock_timeout:
            session.execute(text("SELECT set_config('lock_timeout', :timeout, true)"), {"timeout": lock_timeout})
        yield session
        failpoints.reach("commit")
    failpoints.reach("committed")


def open_session() -> Session:
    """Return a new session, for whoever ends it themselves (a web request)."""
    return _sessions()


def migrate(url: str) -> None:
    """Bring the schema to the newest version; safe to run twice and at the same time."""
    from alembic import command  # noqa: PLC0415 - Alembic is slow to import and only needed here
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = make_engine(url, pool_size=1)
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": MIGRATION_LOCK})
            connection.commit()
    finally:
        engine.dispose()


def is_current(session: Session) -> bool:
    """Tell whether the schema is at the newest version that this program knows."""
    from alembic.config import Config  # noqa: PLC0415 - as above
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    head = ScriptDirectory.from_config(config).get_current_head()
    return bool(session.scalar(text("SELECT version_num FROM alembic_version")) == head)
