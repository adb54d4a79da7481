"""The sandbox's own small database: one SQLite connection that all threads share."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL UNIQUE, direction TEXT NOT NULL, sender TEXT,
    recipient TEXT NOT NULL, member TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL, error_code INTEGER,
    segments INTEGER NOT NULL, media TEXT NOT NULL, service TEXT, callback TEXT, created REAL NOT NULL,
    updated REAL NOT NULL, sent REAL, form TEXT NOT NULL, webhook TEXT);
CREATE INDEX IF NOT EXISTS messages_member ON messages (member, id);
CREATE INDEX IF NOT EXISTS messages_recipient ON messages (recipient, id);
CREATE TABLE IF NOT EXISTS steps (
    id INTEGER PRIMARY KEY AUTOINCREMENT, sid TEXT NOT NULL, due REAL NOT NULL, status TEXT NOT NULL,
    error_code INTEGER, applies INTEGER NOT NULL, posts INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS opt_outs (
    scope TEXT NOT NULL, phone TEXT NOT NULL, since REAL NOT NULL, PRIMARY KEY (scope, phone));
CREATE TABLE IF NOT EXISTS members (
    id INTEGER PRIMARY KEY AUTOINCREMENT, phone TEXT NOT NULL UNIQUE, name TEXT NOT NULL DEFAULT '',
    language TEXT NOT NULL DEFAULT '', last_message INTEGER NOT NULL DEFAULT 0, unanswered INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS clock (since REAL PRIMARY KEY, ahead REAL NOT NULL);
CREATE INDEX IF NOT EXISTS members_latest ON members (last_message DESC, name, id);
"""

Row = tuple[Any, ...]


class Database:
    """SQLite in a file or in memory; safe to use from any thread.

    A commit reaches the operating system before the call returns, so that `kill -9` loses nothing; it is not
    flushed to the disk each time, since a sandbox need not survive a power cut.
    """

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the statements inside one commit; one inside another belongs to the outer."""
        with self._lock:
            if self._connection.in_transaction:
                yield
                return
            # Leaving the connection as a context commits, or rolls back when an exception leaves.
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield

    def execute(self, statement: str, values: Sequence[object] = ()) -> int:
        """Run a statement; return the id of the row that it inserted."""
        with self._lock:
            return self._connection.execute(statement, values).lastrowid or 0

    def rows(self, query: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        with self._lock:
            return self._connection.execute(query, values).fetchall()

    def row(self, query: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query, if there is one."""
        with self._lock:
            row: Row | None = self._connection.execute(query, values).fetchone()
            return row

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()
