"""Staging: rows go into temporary tables by COPY, so that the rest is done by a few statements over all of them."""

from collections.abc import Iterable

from psycopg import Connection
from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.consent import number_hash
from outreach.people.importing.staged import (
    NUMBER_COLUMNS,
    ROW_COLUMNS,
    SEEN_COLUMNS,
    Identity,
    StagedRow,
)

BATCH = 2_000  # rows held in memory at once
TEMPORARY = (
    "staged_rows",
    "staged_numbers",
    "staged_seen",
    "touched",
    "planned_people",
    "planned_memberships",
    "new_attendance",
    "planned_activities",
    "missing",
)


def create_tables(session: Session) -> None:
    """Make the temporary tables; they are gone with the transaction, or with its next import."""
    session.execute(text("SELECT set_config('work_mem', '32MB', true)"))  # the sorts and joins ahead fit in that
    session.execute(text(f"DROP TABLE IF EXISTS {', '.join(f'pg_temp.{table}' for table in TEMPORARY)}"))
    for table, columns, more in (
        ("staged_rows", ROW_COLUMNS, ", person_id bigint, created boolean NOT NULL DEFAULT false"),
        ("staged_numbers", NUMBER_COLUMNS, ", number_id bigint"),
        ("staged_seen", SEEN_COLUMNS, ""),
        ("touched", {"person_id": "bigint"}, ""),
    ):
        stated = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        session.execute(text(f"CREATE TEMPORARY TABLE {table} ({stated}{more}) ON COMMIT DROP"))


class Staging:
    """Takes rows one by one and copies them to the temporary tables in batches; `finish` copies the rest."""

    def __init__(self, session: Session, key: str) -> None:
        self._session = session
        self._key = key
        self._rows: list[StagedRow] = []
        self._seen: list[Identity] = []

    def add(self, row: StagedRow) -> None:
        """Stage a row."""
        self._rows.append(row)
        if len(self._rows) >= BATCH:
            self._copy()

    def add_seen(self, identity: Identity) -> None:
        """Remember whom a rejected row was about."""
        self._seen.append(identity)
        if len(self._seen) >= BATCH:
            self._copy()

    def finish(self) -> None:
        """Copy what is left and let the planner know how much there is."""
        self._copy()
        for statement in (
            "CREATE INDEX ON staged_rows (row)",
            "CREATE INDEX ON staged_numbers (row)",
            "ANALYZE staged_rows",
            "ANALYZE staged_numbers",
        ):
            self._session.execute(text(statement))

    def _copy(self) -> None:
        self._copy_to("staged_rows", ROW_COLUMNS, (row.columns() for row in self._rows))
        numbers = ((*number, number_hash(number.phone, self._key)) for row in self._rows for number in row.numbers)
        self._copy_to("staged_numbers", NUMBER_COLUMNS, numbers)
        seen = ((who.row, who.id_system, who.external_id, who.email, who.name) for who in self._seen)
        self._copy_to("staged_seen", SEEN_COLUMNS, seen)
        self._rows.clear()
        self._seen.clear()

    def _copy_to(self, table: str, columns: Iterable[str], rows: Iterable[tuple[object, ...]]) -> None:
        connection = driver_connection(self._session)
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def driver_connection(session: Session) -> "Connection[tuple[object, ...]]":
    """Return psycopg's own connection of a session's transaction, for COPY."""
    connection = session.connection().connection.driver_connection
    if not isinstance(connection, Connection):
        raise TypeError("COPY needs psycopg")
    return connection
