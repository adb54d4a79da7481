"""A campaign to many people: how long until its recipients are fixed, and until the first text leaves after that.

.venv/bin/python -m benchmarks.campaign [PEOPLE]
"""

import json
import sys
import threading
import time

from sqlalchemy import select

from benchmarks import program
from benchmarks.stub import listening_stub
from outreach import process
from outreach.campaigns.models import Campaign
from outreach.database import transaction

LONGEST = 120.0


def fixed(campaign_id: int) -> int | None:
    """Return how many recipients a campaign has; None before they are fixed."""
    with transaction() as session:
        row = session.execute(select(Campaign.frozen_at, Campaign.audience).where(Campaign.id == campaign_id)).one()
    return row.audience if row.frozen_at else None


def measure(first_text: threading.Event, sessions: tuple[int, ...], people: int) -> dict[str, float]:
    """Launch a campaign and return the figures."""
    began, audience = time.perf_counter(), None
    campaign = program.invite_everyone(sessions, program.now())
    while (audience := fixed(campaign)) is None:
        assert time.perf_counter() - began < LONGEST, "the recipients were not fixed"
        time.sleep(0.01)
    fixed_at = time.perf_counter()
    assert audience == people, f"{audience} recipients of {people}"
    assert first_text.wait(LONGEST), "no text left"
    return {
        f"{people:,} recipients fixed, s": round(fixed_at - began, 2),
        "then the first text left, s": round(time.perf_counter() - fixed_at, 2),
    }


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    first_text = threading.Event()
    with program.fresh_servers() as servers, listening_stub(lambda _form: first_text.set()) as stub:
        process.start(program.settings_for(stub, servers))
        program.add_people(people)
        sessions = program.add_sessions(program.now())
        environment = {**servers.environment, "TWILIO_API_URL": stub, "SENDER_RATE": "100000"}
        with program.running("worker", environment), program.running("cron", environment):
            time.sleep(3)  # both have started and rest
            print(json.dumps(measure(first_text, sessions, people)))


if __name__ == "__main__":
    main()
