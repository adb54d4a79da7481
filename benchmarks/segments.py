"""How long segments take to count, on as many invented people as asked for (1,000,000 by default).

    .venv/bin/python -m benchmarks.segments [PEOPLE]

Starts a PostgreSQL of its own, or uses TEST_DATABASE_URL. Times are in milliseconds, the best of five.
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from outreach import database
from outreach.people.segments import (
    SEGMENTS,
    Segment,
    SegmentLimits,
    count_textable,
    partition_counts,
    textable_people,
    why_left_out,
)
from outreach.people.standings import postponed_standings, refresh_standings
from tests.servers import admin, database_on, running_servers

LIMITS = SegmentLimits(attendance_since=date(2025, 1, 1))
TODAY = date(2026, 12, 1)

# One person in twenty shares a number; three in four have a mobile that may be texted; half never came to anything.
PEOPLE = (
    """INSERT INTO people (id, first_name, last_name, folded_name, source, committees, tags, under_18, deceased,
           held_because, snoozed_until, created_at, updated_at) OVERRIDING SYSTEM VALUE
       SELECT i, 'Ana', 'Prueba' || i, 'ana prueba' || i, 'bench', '[]', '[]', i % 500 = 0, i % 900 = 0,
              CASE WHEN i % 100 = 1 THEN 'gone' END, CASE WHEN i % 70 = 2 THEN DATE '2027-01-01' END, now(), now()
       FROM generate_series(1, :count) i""",
    """INSERT INTO phone_numbers (id, phone, kind, status, consented_at, texts_opted_out_at, created_at)
           OVERRIDING SYSTEM VALUE
       SELECT i, '+1' || (2000000000 + i), CASE WHEN i % 5 = 0 THEN 'home' ELSE 'mobile' END,
              CASE WHEN i % 40 = 0 THEN 'bad' ELSE 'ok' END, CASE WHEN i % 10 <> 3 THEN now() END,
              CASE WHEN i % 12 = 5 THEN now() END, now()
       FROM generate_series(1, :count) i""",
    """INSERT INTO person_numbers (person_id, number_id, kind, rank)
       SELECT i, CASE WHEN i % 20 = 7 THEN i - 1 ELSE i END, n.kind, 0
       FROM generate_series(1, :count) i JOIN phone_numbers n ON n.id = CASE WHEN i % 20 = 7 THEN i - 1 ELSE i END""",
    """INSERT INTO memberships (person_id, standing, joined_on, lifetime)
       SELECT i, (ARRAY['good_standing', 'good_standing', 'good_standing', 'member', 'lapsed'])[1 + i % 5],
              DATE '2026-12-01' - (i * 37 % 3000)::int, false
       FROM generate_series(1, :count) i WHERE i % 9 <> 0""",
    """INSERT INTO activities (person_id, last_active_on, attended_count)
       SELECT i, DATE '2026-12-01' - (i * 13 % 500)::int, 1 FROM generate_series(1, :count) i WHERE i % 2 = 0""",
)


def fill(engine: Engine, count: int) -> float:
    """Invent people and return the seconds that their standings took."""
    with Session(engine) as session, session.begin():
        with postponed_standings(session):
            for statement in PEOPLE:
                session.execute(text(statement), {"count": count})
        begun = time.perf_counter()
        refresh_standings(session)
        taken = time.perf_counter() - begun
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE standings"))
    return taken


def best(call: Callable[[], object]) -> float:
    """Return the shortest of five runs, in milliseconds."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return round(min(times) * 1000, 1)


def measure(engine: Engine, count: int) -> dict[str, float]:
    """Return figures by name."""
    figures = {"people": float(count), "refresh_all_seconds": round(fill(engine, count), 1)}
    with Session(engine) as session:
        for segment in SEGMENTS:
            figures[f"count_{segment}_ms"] = best(partial(count_textable, session, segment, LIMITS, TODAY))
        figures["partition_counts_ms"] = best(lambda: partition_counts(session, LIMITS, TODAY))
        figures["why_left_out_ms"] = best(lambda: why_left_out(session, Segment.EVERYONE, LIMITS, TODAY))
        everyone = textable_people(Segment.EVERYONE, LIMITS, TODAY)
        figures["select_everyone_ms"] = best(lambda: session.execute(everyone).all())
    return figures


def main() -> None:
    """Run on a database of our own and print the figures as JSON."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with running_servers() as servers:
        name = f"{servers.run}_segments"
        with admin(servers) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        database.migrate(database_on(servers.database_url, name))
        engine = database.make_engine(database_on(servers.database_url, name))
        try:
            print(json.dumps(measure(engine, count), indent=1))
        finally:
            engine.dispose()


if __name__ == "__main__":
    main()
