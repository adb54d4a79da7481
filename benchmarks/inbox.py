"""How long the inbox takes to open with 10,000 waiting replies: server time of the whole page, and of the page after.

.venv/bin/python -m benchmarks.inbox [WAITING]
"""

import json
import sys
import time
from datetime import UTC, datetime

from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from benchmarks.program import Servers, settings_for
from outreach import database, process
from outreach.accounts.models import Role
from outreach.accounts.users import add_user
from outreach.app import create_app
from tests.accounts.factories import token_on
from tests.servers import admin, database_on, redis_database_on, running_servers

EMAIL, PASSWORD = "bench@example.org", "correct horse battery"
TURNS = 20
# A person each; one waiting text in fifty is sensitive, one in ten a possible opt-out; ten handled texts beside each.
ROWS = (
    """INSERT INTO people (id, first_name, last_name, folded_name, source, committees, tags, under_18, deceased,
           created_at, updated_at) OVERRIDING SYSTEM VALUE
       SELECT i, 'Ana', 'Prueba' || i, 'ana prueba' || i, 'bench', '[]', '[]', false, false, now(), now()
       FROM generate_series(1, :count) i""",
    """INSERT INTO phone_numbers (id, phone, kind, status, consented_at, owner, created_at) OVERRIDING SYSTEM VALUE
       SELECT i, '+1' || (2000000000 + i), 'mobile', 'ok', now(),
              CASE WHEN i % 7 = 0 THEN 'bench@example.org' END, now()
       FROM generate_series(1, :count) i""",
    """INSERT INTO person_numbers (person_id, number_id, kind, rank) SELECT i, i, 'mobile', 0
       FROM generate_series(1, :count) i""",
    """INSERT INTO texts (direction, number_id, person_id, sender, body, segments, status, created_at,
           first_of_campaign, exempt_from_opt_out, automated, is_change, attempts, reading)
       SELECT 'in', 1 + i % :count, 1 + i % :count, '+12135550100', 'is there parking, and can I bring my sister?', 1,
              CASE WHEN i < :count THEN 'needs_person' ELSE 'handled' END, now() - (i * interval '7 seconds'),
              false, false, true, false, 0,
              jsonb_build_object('intent', CASE WHEN i % 50 = 0 THEN 'sensitive' ELSE 'question' END,
                  'suppress', CASE WHEN i % 10 = 1 THEN 'hold' ELSE 'none' END, 'rule', 'question: parking',
                  'also', '[]'::jsonb, 'question_topics', '["parking"]'::jsonb, 'facts', '{}'::jsonb,
                  'needs', '[]'::jsonb, 'confidence', 0.85)
       FROM generate_series(0, :count * 11 - 1) i""",
)


def fill(engine: Engine, count: int) -> None:
    """Make people whose replies wait, and whoever looks at them."""
    with Session(engine) as session, session.begin():
        for statement in ROWS:
            session.execute(text(statement), {"count": count})
        add_user(session, EMAIL, PASSWORD, Role.CAMPAIGN_ORGANIZER, "bench", datetime.now(UTC))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def times_of(client: FlaskClient, address: str) -> list[float]:
    """Return how long a page took, in milliseconds, the shortest first."""
    took = []
    for _ in range(TURNS):
        begun = time.perf_counter()
        answer = client.get(address)
        took.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, answer.status_code
    return sorted(took)


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with running_servers() as servers:
        name = f"{servers.run}_inbox"
        with admin(servers) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        url = database_on(servers.database_url, name)
        database.migrate(url)
        running = process.start(
            settings_for("http://127.0.0.1:9", Servers(url, redis_database_on(servers.redis_url, 0)))
        )
        fill(running.engine, count)
        client = create_app(running).test_client()
        token = token_on(client.get("/login").text)
        client.post("/login", data={"email": EMAIL, "password": PASSWORD, "csrf_token": token})
        first = client.get("/replies").text
        onward = first.split('href="/replies?after=')[1].split('"')[0]
        pages = {"inbox": "/replies", "inbox, second page": f"/replies?after={onward}", "home": "/"}
        figures: dict[str, float] = {"waiting": count}
        for words, address in pages.items():
            took = times_of(client, address)
            figures[f"{words} p50, ms"] = round(took[TURNS // 2], 1)
            figures[f"{words} p95, ms"] = round(took[TURNS * 95 // 100 - 1], 1)
        print(json.dumps(figures))
        running.engine.dispose()


if __name__ == "__main__":
    main()
