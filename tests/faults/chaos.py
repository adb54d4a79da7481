"""A campaign under faults that a seed chooses: parts killed at named steps, servers taken away, Twilio on a bad day."""

import contextlib
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis

from tests.faults.program import Program

WORKER_STEPS = ("claimed", "calling", "called", "recorded", "commit", "committed")
OTHER_STEPS = ("commit", "committed")
# Settling waits until no call can be under way any more: some 32 s after the claim.
QUIET_SECONDS = 100.0
STOP_SECONDS = 1.0
POLL = "outreach.conversations.jobs.poll_inbound"
# More opt-outs than that and the campaign's guard would pause it, and what is queued would wait for ever.
ASKED_A_STOP = 40

# Returns False when it came to nothing: nobody passed the step at which somebody was to be killed.
Fault = Callable[[Program, random.Random], bool | None]


def killed_at(part: str, step: str, whom: str) -> Fault:
    def kill(program: Program, _chance: random.Random) -> bool:
        program.kill_at(f"{part}.{step}", whom)
        end = time.monotonic() + 3
        while (program.failpoints / f"{part}.{step}").exists() and time.monotonic() < end:
            time.sleep(0.02)
        return program.was_killed_at(f"{part}.{step}")

    return kill


def killed(part: str, *, group: bool) -> Fault:
    return lambda program, _chance: program.kill(part, group=group)


def database_stopped(how: signal.Signals) -> Fault:
    def stop(program: Program, _chance: random.Random) -> None:
        program.signal_server("postgres", how)
        program.look("SELECT 1")

    return stop


def redis_emptied(program: Program, _chance: random.Random) -> None:
    with program.redis() as connection:
        connection.flushall()


def redis_hung(program: Program, chance: random.Random) -> None:
    with program.redis() as connection:
        connection.execute_command("CLIENT", "PAUSE", str(chance.randrange(500, 3000)), "ALL")


def redis_restarted(program: Program, _chance: random.Random) -> None:
    program.kill("valkey", group=False)


def twilio_does(**fault: Any) -> Fault:
    return lambda program, _chance: program.disturb(**fault)


def callbacks_rough(program: Program, _chance: random.Random) -> None:
    program.set_mode(shuffle=1, duplicate=1, early=1)


def only_webhooks(_program: Program, _chance: random.Random) -> None:
    """Do nothing else: what members write meanwhile comes in as `WEBHOOKS` says."""


# How what members write comes in while a fault of this name is in force; else each webhook is posted three times.
WEBHOOKS = {"webhooks lost": "lost", "webhooks doubled, reordered": "reordered"}

FAULTS: dict[str, Fault] = {
    **{f"worker killed, {step}": killed_at("worker", step, "alone") for step in WORKER_STEPS},
    **{f"worker's group killed, {step}": killed_at("worker", step, "group") for step in WORKER_STEPS},
    **{f"web process killed, {step}": killed_at("web", step, "alone") for step in OTHER_STEPS},
    **{f"web's group killed, {step}": killed_at("web", step, "group") for step in OTHER_STEPS},
    **{f"cron killed, {step}": killed_at("cron", step, "alone") for step in OTHER_STEPS},
    "web's parent killed": killed("web", group=False),
    "worker killed at any moment": killed("worker-1", group=True),
    "PostgreSQL restarted": database_stopped(signal.SIGINT),
    "PostgreSQL crashed": database_stopped(signal.SIGQUIT),
    "Redis emptied": redis_emptied,
    "Redis hung": redis_hung,
    "Redis killed": redis_restarted,
    "Twilio slow": twilio_does(kind="delay", seconds=0.7, count=30),
    "429": twilio_does(kind="status", status=429, code=20429, count=20),
    "5xx, not taken": twilio_does(kind="status", status=503, code=20503, count=4),
    "5xx by a proxy, taken": twilio_does(kind="status", status=502, plain=True, accept=True, count=4),
    "hung up before": twilio_does(kind="drop_before", count=4),
    "hung up after taking it": twilio_does(kind="drop", count=4),
    "timeout after taking it": twilio_does(kind="hang", seconds=10.5, count=2),
    "callbacks lost": twilio_does(kind="lose_callbacks", count=40),
    "callbacks doubled, shuffled, early": callbacks_rough,
    **dict.fromkeys(WEBHOOKS, only_webhooks),
}


class Chaos:
    """One campaign to everybody while so many faults strike, and members answer; then what became of it."""

    def __init__(self, program: Program, seed: int, faults: int, members: Sequence[str]) -> None:
        self._program, self._chance, self._members = program, random.Random(seed), frozenset(members)
        self._seed, self.faults = seed, self._chance.sample(sorted(FAULTS), faults)
        self._before = 0
        self.session, self.campaign = "", ""
        self.struck = 0
        self._answered: dict[str, str] = {}
        self._stopped: dict[str, float] = {}

    def run(self) -> None:
        # A round that failed must not spoil the next one: its texts and its campaign come to rest first.
        self._program.calm()
        self._await_quiet()
        self._before = len(self._program.sent())
        self.session = self._program.add_session(days=9 + self._seed % 300)
        self.campaign = self._program.launch(self.session)
        for name in self.faults:
            self._await_progress()
            with ThreadPoolExecutor(4) as pool:
                posts = [pool.submit(self._answer_some, WEBHOOKS.get(name, "tripled"))]
                self.struck += FAULTS[name](self._program, self._chance) is not False
                for post in posts:
                    post.result()
        self._await_quiet()
        self._program.calm()

    def _await_progress(self) -> None:
        """Let some texts leave between two faults, or some time pass where none are left."""
        seen, end = len(self._program.sent()), time.monotonic() + 1.5
        while time.monotonic() < end and len(self._program.sent()) < seen + 15:
            time.sleep(0.05)

    def _answer_some(self, webhooks: str) -> None:
        """Let some members answer, and now and then one say STOP; the webhooks come in tripled, reordered or not."""
        reached = [text["to"] for text in self._program.sent()[self._before :]]
        silent = sorted((self._members & set(reached)) - set(self._answered) - set(self._stopped))
        for place, phone in enumerate(self._chance.sample(silent, min(3, len(silent)))):
            stops = place == 2 and self._asked() >= ASKED_A_STOP * (len(self._stopped) + 1)
            sid = self._write(phone, "STOP" if stops else "1", "tripled" if stops else webhooks)
            if stops:
                self._stopped[phone] = time.time()
            else:
                self._answered[phone] = sid

    def _write(self, phone: str, body: str, webhooks: str) -> str:
        """Let a member write; return Twilio's id of the text that is to be answered."""
        if webhooks == "lost":
            return self._program.text_lost(phone, body)
        sid = f"SM{self._chance.getrandbits(128):032x}"
        posts = [(body, sid)] * 2
        if webhooks == "reordered":
            # What they wrote next comes in first, and once more at the end.
            next_sid = f"SM{self._chance.getrandbits(128):032x}"
            self._program.text_in_until_taken(phone, "hello", next_sid)
            posts.append(("hello", next_sid))
        doubled = [threading.Thread(target=self._post_quietly, args=(phone, *post)) for post in posts]
        for thread in doubled:
            thread.start()
        self._program.text_in_until_taken(phone, body, sid)
        for thread in doubled:
            thread.join()
        return sid

    def _asked(self) -> int:
        """Count whom the campaign has asked, as its guard counts them: what Twilio took may not be recorded yet."""
        [(asked,)] = self._program.look(
            "SELECT count(*) FROM texts WHERE campaign_id = %s AND first_of_campaign"
            " AND status IN ('sending', 'sent', 'delivered', 'undelivered', 'unknown')",
            int(self.campaign),
        )
        return int(asked)

    def _post_quietly(self, phone: str, body: str, sid: str) -> None:
        try:
            self._program.text_in(phone, body, sid)
        except OSError:
            return  # the web was killed under it: Twilio's own repetition is the post that counts

    def _await_quiet(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            self._program.wake(POLL)  # as cron does every minute
        end = time.monotonic() + QUIET_SECONDS
        while any((waiting := self._waiting()).values()):
            assert time.monotonic() < end, f"not settled after {QUIET_SECONDS} s: {waiting}, {self._stuck()}"
            time.sleep(0.2)

    def _waiting(self) -> dict[str, int]:
        [counts] = self._program.look(
            "SELECT (SELECT count(*) FROM texts WHERE status IN ('queued', 'sending', 'unknown', 'received')),"
            " (SELECT count(*) FROM delivery_events WHERE applied_at IS NULL),"
            " (SELECT count(*) FROM campaigns WHERE state <> 'done')"
        )
        waiting = dict(zip(("texts", "callbacks", "campaign"), counts, strict=True))
        return {**waiting, "webhooks": self._unheard()}

    def _unheard(self) -> int:
        """Count the answers that have not come to us yet."""
        sids = list(self._answered.values())
        [(heard,)] = self._program.look("SELECT count(*) FROM provider_ids WHERE sid = ANY(%s)", sids)
        return len(sids) - int(heard)

    def _stuck(self) -> str:
        """Say what waits, and whether it may."""
        texts = self._program.look(
            "SELECT status, count(*), min(claimed_at)::text, max(settle_at)::text, min(due_at)::text, max(attempts),"
            " now()::text FROM texts WHERE status IN ('queued', 'sending', 'unknown', 'received') GROUP BY 1"
        )
        gates = self._program.look("SELECT name, because FROM gates WHERE closed_at IS NOT NULL")
        beats = self._program.look("SELECT name, at::text FROM heartbeats")
        return f"texts {texts}, closed gates {gates}, heartbeats {beats}"

    def figures(self) -> dict[str, int]:
        """Count what was played and what it cost, as a soak adds it up."""
        complaints = self.complaints()
        return {
            "seed": self._seed,
            "faults": len(self.faults),
            "struck": self.struck,
            "texts": len(self._program.sent()) - self._before,
            "doubled": sum("times" in one for one in complaints),
            "lost": sum("was taken" not in one for one in complaints),
        }

    def complaints(self) -> list[str]:
        """Return what went wrong, a line each."""
        taken = self._program.sent()
        owners = Counter(text_id(text) for text in taken)
        rows = self._program.look("SELECT id, status FROM texts WHERE direction = 'out'")
        left = {row[0] for row in rows if row[1] in {"sent", "delivered"}}
        return [
            *(f"text {one} was taken {times} times" for one, times in owners.items() if times > 1),
            *(f"text {one} counts as sent and never was" for one in sorted(left - set(owners))),
            *(f"text {one} was sent and does not count so" for one in sorted(set(owners) - left)),
            *self._first_texts(),
            *self._answers(),
            *self._after_stop(taken),
            *self._deadlocks(),
        ]

    def _deadlocks(self) -> list[str]:
        """Nobody gave way in the database: there is one order of locks."""
        [(times,)] = self._program.look("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return [f"{times} deadlocks"] if times else []

    def _first_texts(self) -> list[str]:
        """Everybody whom the campaign asks has one first text, unless they said STOP before it left."""
        recipients = self._program.look(
            "SELECT r.person_id, r.state, count(t.id), coalesce(max(t.status), '') FROM recipients r"
            " LEFT JOIN texts t ON t.campaign_id = r.campaign_id AND t.person_id = r.person_id AND t.first_of_campaign"
            " WHERE r.campaign_id = %s GROUP BY 1, 2",
            int(self.campaign),
        )
        good = {("started", 1, "sent"), ("started", 1, "delivered"), ("started", 1, "suppressed"), ("skipped", 0, "")}
        return [f"recipient {person}: {rest}" for person, *rest in recipients if tuple(rest) not in good]

    def _answers(self) -> list[str]:
        """Whoever answered has a seat, once, and one answer."""
        found = []
        [(seats,)] = self._program.look(
            "SELECT count(*) FROM rsvps WHERE status = 'yes' AND session_id = %s", int(self.session)
        )
        if seats != len(self._answered):
            found.append(f"{len(self._answered)} said yes and {seats} have a seat")
        for sid in self._answered.values():
            [(count,)] = self._program.look(
                "SELECT count(*) FROM texts a JOIN provider_ids p ON p.sid = %s JOIN texts i ON i.id = p.text_id"
                " WHERE a.direction = 'out' AND a.number_id = i.number_id AND a.answers_at = i.created_at"
                " AND a.status IN ('sent', 'delivered')",
                sid,
            )
            if count != 1:
                found.append(f"the inbound text {sid} has {count} answers")
        return found

    def _after_stop(self, taken: list[dict[str, Any]]) -> list[str]:
        return [
            f"text {text_id(text)} began after a STOP"
            for text in taken
            if text["to"] in self._stopped
            and datetime.fromisoformat(text["at"]).timestamp() > self._stopped[text["to"]] + STOP_SECONDS
        ]


def text_id(text: dict[str, Any]) -> int:
    """Return our id of a text that Twilio took, from the address that its callbacks go to."""
    return int(parse_qs(urlsplit(text["form"]["StatusCallback"]).query)["text"][0])
