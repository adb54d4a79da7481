"""What becomes of a text after it was accepted: the statuses it takes and the callbacks that tell of them."""

import itertools
import random
from dataclasses import dataclass

from outreach.sandbox import magic
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.database import Database
from outreach.sandbox.messages import Status


@dataclass(frozen=True)
class Step:
    """A moment in a text's life: `after` seconds it takes the status (`applies`), a callback says so (`posts`)."""

    after: float
    status: str
    error_code: int | None
    applies: bool = True
    posts: bool = True


@dataclass(frozen=True)
class DueStep:
    """A step that lies in the database until it is done; `due` is in seconds since 1970."""

    id: int
    sid: str
    due: float
    step: Step


def statuses_of(recipient: str, code: int | None, *, with_service: bool) -> list[tuple[str, int | None]]:
    """Return the statuses that Twilio calls back for, in their true order."""
    queued: list[tuple[str, int | None]] = [(Status.QUEUED, None)] if with_service else []
    if code in magic.NEVER_LEFT:
        return [*queued, (Status.FAILED, code)]
    if code is not None:
        return [*queued, (Status.SENT, None), (Status.UNDELIVERED, code)]
    if recipient == magic.SILENT_RECIPIENT:
        return [*queued, (Status.SENT, None)]
    return [*queued, (Status.SENT, None), (Status.DELIVERED, None)]


def plan_steps(statuses: list[tuple[str, int | None]], config: SandboxConfig, chance: random.Random) -> list[Step]:
    """Spread the statuses over time, then disturb their callbacks as the config asks.

    A disturbed callback only ever comes later than its status, except the early one, which comes before the
    create request is answered (`after` is 0).
    """
    times = list(itertools.accumulate(chance.uniform(*config.callback_delay) for _ in statuses))
    steps = [Step(after, status, code) for after, (status, code) in zip(times, statuses, strict=True)]
    if chance.random() < config.early:
        steps[0] = Step(0.0, *statuses[0])
    if len(steps) > 1 and chance.random() < config.shuffle:
        steps = _shuffled(steps, config, chance)
    doubled = [step for step in steps if step.posts and chance.random() < config.duplicate]
    again = [
        Step(step.after + chance.uniform(*config.callback_delay), step.status, step.error_code, applies=False)
        for step in doubled
    ]
    return steps + again


def _shuffled(steps: list[Step], config: SandboxConfig, chance: random.Random) -> list[Step]:
    silent = [Step(step.after, step.status, step.error_code, posts=False) for step in steps]
    order = list(reversed(steps)) if len(steps) == 2 else chance.sample(steps, len(steps))
    after = steps[-1].after
    late: list[Step] = []
    for step in order:
        late.append(Step(after, step.status, step.error_code, applies=False))
        after += chance.uniform(*config.callback_delay)
    return silent + late


class StepTable:
    """The steps that are still to come."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def insert(self, sid: str, created: float, step: Step) -> DueStep:
        """Keep a step until it is done."""
        due = created + step.after
        step_id = self._database.execute(
            "INSERT INTO steps (sid, due, status, error_code, applies, posts) VALUES (?, ?, ?, ?, ?, ?)",
            (sid, due, step.status, step.error_code, step.applies, step.posts),
        )
        return DueStep(step_id, sid, due, step)

    def pending(self) -> list[DueStep]:
        """Return all steps that are not done yet, in the order in which they were planned."""
        rows = self._database.rows("SELECT id, sid, due, status, error_code, applies, posts FROM steps ORDER BY id")
        return [
            DueStep(id_, sid, due, Step(0.0, status, code, applies=bool(applies), posts=bool(posts)))
            for id_, sid, due, status, code, applies, posts in rows
        ]

    def delete(self, step_id: int) -> None:
        """Forget a step that is done."""
        self._database.execute("DELETE FROM steps WHERE id = ?", (step_id,))

    def count(self) -> int:
        """Return how many steps are still to come."""
        row = self._database.row("SELECT count(*) FROM steps")
        return int(row[0]) if row else 0
