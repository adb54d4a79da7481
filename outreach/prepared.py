"""Statements that every text runs, past SQLAlchemy: made into SQL once and run on psycopg's own cursor.

SQLAlchemy takes some 25 µs to run a statement that it has built already, and 80 µs to load an entity. For what is not
run for every text that is nothing, and `session.execute` is the way.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

import psycopg
from sqlalchemy import ClauseElement, Connection
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.orm.attributes import instance_state, set_committed_value
from sqlalchemy.orm.util import identity_key
from sqlalchemy.sql.compiler import SQLCompiler

from outreach.database import Base

E = TypeVar("E", bound=Base)

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call] # SQLAlchemy gives it no types


class Prepared:
    """A statement that never changes but for the values of its parameters.

    It belongs to the session's transaction and raises what SQLAlchemy would. It flushes nothing: whoever has changed
    what it reads flushes first.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement

    def run(self, session: Session, values: Mapping[str, Any]) -> None:
        """Run it for what it does."""
        self._execute(session, values)

    def rows(self, session: Session, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it and return its rows."""
        return self._execute(session, values).fetchall()

    def _execute(self, session: Session, values: Mapping[str, Any]) -> psycopg.Cursor[Any]:
        connection = session.connection()
        given = {**self._constants, **values}
        for name, convert in self._conversions:
            given[name] = convert(given[name])
        try:
            return _driver_of(connection).execute(self._sql, given, prepare=True)
        except psycopg.Error as error:
            raise _as_sqlalchemy_says(connection, error) from error

    @cached_property
    def _compiled(self) -> SQLCompiler:
        compiled: SQLCompiler = self._statement.compile(dialect=_DIALECT)  # type: ignore[assignment] # no DDL
        if compiled.insert_prefetch or compiled.update_prefetch:
            raise TypeError("a prepared statement fills in no defaults: give each of these columns a value")
        return compiled

    @cached_property
    def _sql(self) -> bytes:
        return str(self._compiled).encode()

    @cached_property
    def _constants(self) -> dict[str, Any]:
        return {name: bind.value for name, bind in self._compiled.binds.items() if not bind.required}

    @cached_property
    def _conversions(self) -> list[tuple[str, Any]]:
        """Return what makes the values of some types fit for psycopg: JSON, and lists."""
        types = {name: bind.type.dialect_impl(_DIALECT) for name, bind in self._compiled.binds.items()}
        found = {name: each.bind_processor(_DIALECT) for name, each in types.items()}
        return [(name, convert) for name, convert in found.items() if convert is not None]


def _driver_of(connection: Connection) -> psycopg.Connection[Any]:
    driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # psycopg's
    return driver


def _as_sqlalchemy_says(connection: Connection, error: psycopg.Error) -> BaseException:
    """Return SQLAlchemy's error for one of psycopg's; a connection that is lost is given up, as SQLAlchemy does."""
    lost = _driver_of(connection).closed
    if lost:
        connection.invalidate(error)
    return DBAPIError.instance(
        None, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=lost, dialect=_DIALECT
    )


class Part(Generic[E]):
    """The columns that a statement's rows have of one entity: all of them, the ones given, or all but some."""

    def __init__(
        self,
        entity: type[E],
        columns: Sequence[InstrumentedAttribute[Any]] = (),
        without: Sequence[InstrumentedAttribute[Any]] = (),
    ) -> None:
        left = {column.key for column in without}
        self.entity = entity
        self.names = [column.key for column in columns or entity.__table__.columns if column.key not in left]
        self.key = self.names.index("id")
        self._left_out = frozenset(entity.__table__.columns.keys()).difference(self.names)

    def columns(self, source: Any = None) -> list[Any]:  # noqa: ANN401 - the entity or an alias of it
        """Return what to select, of an alias of the entity where one is given."""
        return [getattr(source or self.entity, name) for name in self.names]

    def own(self, session: Session, values: Sequence[Any]) -> E:
        """Make what was read an object of the session; one that it has already becomes what was read."""
        key = identity_key(self.entity, values[self.key])
        known: E | None = session.identity_map.get(key)
        if known is None:
            return self._new(session, key, values)
        for name, value in zip(self.names, values, strict=True):
            set_committed_value(known, name, value)
        return known

    def _new(self, session: Session, key: Any, values: Sequence[Any]) -> E:  # noqa: ANN401 - SQLAlchemy's identity key
        """Return a new object as SQLAlchemy's own loading makes one; `Session.add` needs four times as long."""
        made: E = self.entity.__mapper__.class_manager.new_instance()
        state = instance_state(made)
        state.dict.update(zip(self.names, values, strict=True))
        # Read when it is asked for.
        state.expired_attributes.update(self._left_out)
        state.key, state.session_id = key, session.hash_key
        session.identity_map.add(state)
        return made


def entities(session: Session, rows: Iterable[Sequence[Any]], *parts: Part[Any]) -> Iterator[list[Any]]:
    """Yield the entities that each row is of: one for each part, or None where nothing was joined."""
    known = dict[tuple[Part[Any], Any], Any]()
    for row in rows:
        found, start = [], 0
        for part in parts:
            values = row[start : start + len(part.names)]
            start += len(part.names)
            which = (part, values[part.key])
            if which not in known:
                known[which] = None if values[part.key] is None else part.own(session, values)
            found.append(known[which])
        yield found
