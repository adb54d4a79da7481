"""What the engine asks to be done. The runner does it, in the transaction of the turn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Say:
    """Send these words. A nudge is sent at text hours, as the campaign's own; anything else answers a text.

    `until`: when the words stop being true, where they speak of today or tomorrow.
    """

    body: str
    nudge: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Act:
    """Do something whose result decides what is said.

    `sessions` are those that are meant; `instead_of` those that are given up once it is done; `given` is what the step
    says under `with`.
    """

    name: str
    sessions: tuple[int, ...] = ()
    instead_of: tuple[int, ...] = ()
    given: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HandOff:
    """Give the last text to a person; the conversation waits where it stands."""


@dataclass(frozen=True, slots=True)
class TimerSpec:
    """When to go on by itself, and with which signal: `silence:0`, `expired`."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Wait:
    """Wait for an answer, with these timers."""

    timers: tuple[TimerSpec, ...]


@dataclass(frozen=True, slots=True)
class Finish:
    """End the conversation with an outcome."""

    outcome: str


Effect = Say | Act | HandOff | Wait | Finish
