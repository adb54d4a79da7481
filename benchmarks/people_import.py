"""How fast a large list is imported, how much memory that takes, and that a second time changes nothing.

    .venv/bin/python -m benchmarks.people_import [ROWS]

50,000 invented rows by default, with the columns of the national list of 2023. Starts a PostgreSQL of its own, or
uses TEST_DATABASE_URL.
"""

import csv
import json
import random
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from outreach import database
from outreach.people.importing.run import Request, import_list
from tests.servers import admin, database_on, running_servers

HEADERS = Path(__file__).parent.parent / "tests" / "data" / "people" / "headers.json"
NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)


def invent(path: Path, rows: int) -> None:
    """Write a list of invented members."""
    chance = random.Random(7)
    names = json.loads(HEADERS.read_text())["dsa_national_2023"]
    with path.open("w", newline="") as file:
        out = csv.DictWriter(file, names, restval="")
        out.writeheader()
        for i in range(rows):
            out.writerow(_row(i, chance))


def _row(i: int, chance: random.Random) -> dict[str, object]:
    mobile = f"({201 + i % 700:03d}) {200 + i // 700 % 700:03d}-{1000 + i % 9000:04d}"
    return {
        "first_name": chance.choice(["Ana", "Beto", "Carla", "Dani", "José", "Mei"]),
        "middle_name": "Q.",
        "last_name": f"Prueba-{i}",
        "email": f"m{i}@example.org",
        "do_not_call": chance.choice(["TRUE"] + ["FALSE"] * 11),
        "p2ptext_optout": chance.choice(["TRUE"] + ["FALSE"] * 5),
        "mobile_phone": mobile if chance.random() < 0.7 else "",
        "home_phone": f"323-{200 + i % 700}-{i % 10000:04d}" if chance.random() < 0.2 else "",
        "best_phone": mobile if chance.random() < 0.9 else "5550101",
        "join_date": f"{2015 + i % 11}-{1 + i % 12:02d}-{1 + i % 28:02d}",
        "xdate": "2099-11-01" if i % 50 == 0 else f"{2024 + i % 4}-{1 + i % 12:02d}-01",
        "membership_status": chance.choice(["Member in Good Standing"] * 4 + ["Member", "Lapsed"]),
        "membership_type": chance.choice(["monthly", "yearly", "income-based"]),
        "monthly_dues_status": chance.choice(["active", "past_due", "never"]),
        "union_member": "No",
        "race": "…",
        "actionkit_id": 100_000 + i,
        "address1": f'{i} "Main" St, Apt 3',
        "city": "Los Angeles",
        "state": "CA",
        "zip": 90001 + i % 90,
        "country": "United States",
    }


def measure(url: str, rows: int) -> dict[str, float | dict[str, int]]:
    """Import an invented list twice and return figures by name; rates in rows per second, memory in MB."""
    database.configure(database.make_engine(url))
    figures: dict[str, float | dict[str, int]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "members.csv"
        invent(path, rows)
        request = Request(path=path, now=NOW, today=NOW.date(), key="k" * 32, consent="agreed when joining")
        for time_ in ("first", "second"):
            begun = time.perf_counter()
            with database.transaction() as session:
                report = import_list(session, request)
            figures[f"{time_}_rows_per_second"] = round(rows / (time.perf_counter() - begun))
            figures[f"{time_}_counts"] = report.counts()
    figures["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return figures


def main() -> None:
    """Run on a database of our own and print the figures as JSON."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    with running_servers() as servers:
        name = f"{servers.run}_import"
        with admin(servers) as connection:
            connection.execute(f'CREATE DATABASE "{name}"'.encode())
        url = database_on(servers.database_url, name)
        database.migrate(url)
        print(json.dumps(measure(url, rows), indent=1))


if __name__ == "__main__":
    main()
