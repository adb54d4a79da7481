"""What a text costs among 10 thousand people, and among 1 million people with 10 million texts behind them.

.venv/bin/python -m benchmarks.growth [PEOPLE TEXTS]

Needs some 10 GB of disk under the temporary folder (TMPDIR), and a quarter of an hour.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from benchmarks import program
from benchmarks.stub import running_stub
from outreach import process
from outreach.campaigns.feeding import feed_slice, fix_recipients
from outreach.conversations.turn import receive_text
from outreach.database import transaction
from outreach.settings import SANDBOX_SENDER, Settings
from outreach.texting.delivery import apply_events, store_event
from outreach.texting.sending import Drainer
from outreach.texting.twilio import make_client

FEW_PEOPLE = 10_000
EACH = 600
# CPU time, ours and PostgreSQL's, in the best of some rounds: what else this machine does must not look like growth.
ROUNDS = 3
CHUNK = 500_000
# Everybody has had texts before, each in a conversation that is over, and Twilio's id of each is kept.
PAST = """
    WITH past AS (INSERT INTO texts (direction, number_id, person_id, sender, body, segments, status, created_at,
                       campaign_id,
                       conversation_id, kind, priority, turn, place_in_turn, first_of_campaign, due_at, sent_at,
                       final_at, exempt_from_opt_out, automated, attempts)
    SELECT CASE WHEN i % 10 = 9 THEN 'in' ELSE 'out' END, 1 + i % :people, 1 + i % :people, :sender,
           'Hi, a training is coming up near you: which day? 1) Sat 2) Mon STOP to opt out', 1,
           CASE WHEN i % 10 = 9 THEN 'handled' ELSE 'delivered' END, now() - interval '400 days', 1000000 + i / 100000,
           1000000000 + i / 2, CASE WHEN i % 10 <> 9 THEN 'bulk' END, 2, 1 + i % 2, 0, i % 2 = 0,
           now() - interval '400 days', now() - interval '400 days', now() - interval '400 days', false, true, 1
    FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) i
    RETURNING id)
    INSERT INTO provider_ids (sid, text_id) SELECT 'SM' || md5(id::text), id FROM past
"""
# So that the same people can be asked anew, with nothing open and nothing answered.
FORGET = (
    "DELETE FROM timers",
    "DELETE FROM rsvps",
    "UPDATE training_sessions SET taken = 0",
    "UPDATE conversations SET state = 'ended'",
    "UPDATE texts SET status = 'delivered', created_at = now() - interval '60 days' WHERE direction = 'out'",
    "UPDATE campaigns SET state = 'done'",
)


def fill_past(people: int, texts: int) -> None:
    """Add texts of the past; the indexes but the unique ones are made afterwards, which is faster by half."""
    with transaction() as session:
        indexes = session.execute(
            text(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('texts', 'provider_ids')"
                " AND indexdef NOT LIKE '%UNIQUE%'"
            )
        ).all()
        for name, _ in indexes:
            session.execute(text(f'DROP INDEX "{name}"'))
    for first in range(1, texts + 1, CHUNK):
        given = {"first": first, "last": min(texts, first + CHUNK - 1)}
        with transaction() as session:
            session.execute(text(PAST), {**given, "people": people, "sender": SANDBOX_SENDER})
    with transaction() as session:
        for _, definition in indexes:
            session.execute(text(definition))
    with process.current().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


class Costs:
    """The steps of a text's way, run in this process on whatever database there is."""

    def __init__(self, settings: Settings, sessions: tuple[int, ...], replies_from: int) -> None:
        self._settings, self._drainer = settings, Drainer(settings, make_client(settings))
        self._sessions, self._next_sid = sessions, replies_from
        self.campaign = 0

    def measure(self) -> dict[str, float]:
        """Return milliseconds a text of each step."""
        now = program.now()
        self.campaign = program.invite_everyone(self._sessions, now)
        with transaction() as session:
            fix_recipients(session, self._settings, self.campaign, now)
        return {
            "starting": self._best(self._start),
            "sending": self._best(self._send, before=self._start),
            "callbacks": self._best(self._call_back, before=self._store_callbacks),
            "replies": self._best(self._reply),
        }

    def _best(self, step: Callable[[], object], before: Callable[[], object] | None = None) -> float:
        rounds = []
        for _ in range(ROUNDS):
            if before is not None:
                before()
            began = _cpu_seconds()
            step()
            rounds.append(_cpu_seconds() - began)
        return round(min(rounds) / EACH * 1000, 3)

    def _start(self) -> None:
        done = 0
        while done < EACH:
            with transaction() as session:
                done += feed_slice(session, self._settings, self.campaign, program.now())

    def _send(self) -> None:
        while self._drainer.run_slice():
            pass

    def _rows(self, status: str, limit: int = EACH) -> list[tuple[int, str, str]]:
        found = (
            "SELECT t.id, p.sid, n.phone FROM texts t JOIN provider_ids p ON p.text_id = t.id"
            " JOIN phone_numbers n ON n.id = t.number_id"
            " WHERE t.campaign_id = :campaign AND t.first_of_campaign AND t.status = :status ORDER BY t.id LIMIT :limit"
        )
        with transaction() as session:
            rows = session.execute(text(found), {"campaign": self.campaign, "status": status, "limit": limit})
            return [(row.id, row.sid, row.phone) for row in rows]

    def _store_callbacks(self) -> None:
        for text_id, sid, _ in self._rows("sent"):
            with transaction() as session:
                form = {"MessageSid": sid, "MessageStatus": "delivered"}
                store_event(session, str(text_id), form, program.now())

    def _call_back(self) -> None:
        taken = 1
        while taken:
            with transaction() as session:
                taken = apply_events(session, program.now())

    def _reply(self) -> None:
        for _, _, phone in self._repliers():
            self._next_sid += 1
            form = {"MessageSid": f"SM{self._next_sid:032x}", "From": phone, "To": SANDBOX_SENDER, "Body": "2"}
            receive_text(self._settings, form, program.now())

    def _repliers(self) -> list[tuple[int, str, str]]:
        """Return as many people with an open question as there are to be replies."""
        found = (
            "SELECT c.id, c.step, n.phone FROM conversations c JOIN phone_numbers n ON n.id = c.number_id"
            " WHERE c.campaign_id = :campaign AND c.state = 'live' AND c.turn = 1 ORDER BY c.id LIMIT :limit"
        )
        with transaction() as session:
            rows = session.execute(text(found), {"campaign": self.campaign, "limit": EACH})
            return [(row.id, row.step, row.phone) for row in rows]


def _cpu_seconds() -> float:
    """Return the CPU seconds that this process and its connections' backends have used."""
    with transaction() as session:
        backends = session.scalars(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).all()
    return time.process_time() + program.cpu_seconds(*(pid for pid in backends if Path(f"/proc/{pid}").exists()))


def main() -> None:
    """Run on servers of our own and print the figures as JSON."""
    people, texts = (int(each) for each in (sys.argv[1:] or (1_000_000, 10_000_000)))
    with program.fresh_servers() as servers, running_stub() as stub:
        settings = program.settings_for(stub, servers)
        running = process.start(settings)
        program.add_people(FEW_PEOPLE)
        sessions = program.add_sessions(program.now())
        small = Costs(settings, sessions, 10**30).measure()
        with transaction() as session:
            for statement in FORGET:
                session.execute(text(statement))
        began = time.perf_counter()
        program.add_people(people - FEW_PEOPLE, FEW_PEOPLE)
        fill_past(people, texts)
        print(f"filled in {time.perf_counter() - began:.0f} s", file=sys.stderr)
        large = Costs(settings, sessions, 10**31).measure()
        running.engine.dispose()
    figures = {f"{step} among few and many, CPU ms a text": f"{small[step]} {large[step]}" for step in small}
    ratio = sum(large.values()) / sum(small.values())
    print(json.dumps({**figures, "cost of a text, many to few": round(ratio, 2)}))


if __name__ == "__main__":
    main()
