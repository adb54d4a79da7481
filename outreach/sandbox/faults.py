"""Faults on demand: Twilio as it is on its bad days."""

import itertools
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong."""

    STATUS = "status"
    """Answer with `status` and `code`; with `accept` the text is accepted all the same."""
    CODE = "code"
    """Refuse with this error code, or (30000 and above) accept and fail with it later."""
    DELAY = "delay"
    """Wait `seconds`, then go on as usual."""
    HANG = "hang"
    """Accept, wait `seconds`, then answer."""
    DROP = "drop"
    """Accept, wait `seconds`, then close the connection without an answer."""
    DROP_BEFORE = "drop_before"
    """Close the connection without an answer; nothing is accepted."""
    LOSE_CALLBACKS = "lose_callbacks"
    """Post no status callback."""
    CROWD = "crowd"
    """Answer 429 to a create while more than `at_once` of them are under way."""


class Door(StrEnum):
    """Which requests a fault meets."""

    CREATE = "create"
    READ = "read"
    ANY = "any"


@dataclass
class Fault:
    """A fault for the next `count` requests (None: until cleared), for everyone or for one `to` alone."""

    kind: FaultKind
    count: int | None = None
    to: str | None = None
    door: Door = Door.CREATE
    status: int = 503
    code: int | None = None
    seconds: float = 0.0
    accept: bool = False
    plain: bool = False
    """Answer with text instead of Twilio's JSON, as a proxy in between would."""
    at_once: int = 1
    id: int = field(default=0)

    def meets(self, door: Door, to: str | None) -> bool:
        """Say whether this fault is for a request of this kind and recipient."""
        return self.door in (door, Door.ANY) and self.to in (None, to) and self.count != 0


def read_fault(given: dict[str, Any]) -> Fault:
    """Make a fault of JSON; raises ValueError that says what is wrong."""
    numbers = [given[name] for name in ("count", "status", "code", "seconds", "at_once") if given.get(name) is not None]
    if not all(isinstance(number, int | float) for number in numbers):
        raise ValueError("count, status, code, seconds and at_once are numbers")
    unknown = set(given) - {"kind", "count", "to", "door", "status", "code", "seconds", "accept", "plain", "at_once"}
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    try:
        kind = FaultKind(given.get("kind", ""))
    except ValueError:
        raise ValueError(f"kind must be one of {', '.join(FaultKind)}") from None
    if kind is FaultKind.CODE and not isinstance(given.get("code"), int):
        raise ValueError("kind code needs a whole number as code")
    door = Door(given.get("door", Door.CREATE))
    return Fault(**{**given, "kind": kind, "door": door})


class FaultTable:
    """The faults that are in force, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._under_way = 0
        self._ids = itertools.count(1)
        self._lock = threading.Lock()

    def add(self, fault: Fault) -> Fault:
        """Put a fault in force."""
        with self._lock:
            fault.id = next(self._ids)
            self._faults.append(fault)
            return fault

    def take(self, door: Door, to: str | None, *kinds: FaultKind) -> Fault | None:
        """Return the first fault of these kinds that meets a request, and count it."""
        if not self._faults:
            return None
        with self._lock:
            found = next((fault for fault in self._faults if fault.kind in kinds and fault.meets(door, to)), None)
            if found is not None and found.count is not None:
                found.count -= 1
                if found.count == 0:
                    self._faults.remove(found)
            return found

    def enter(self, to: str | None) -> bool:
        """Count a create that begins, to be followed by `leave`; True when there are too many."""
        with self._lock:
            self._under_way += 1
            crowds = (fault for fault in self._faults if fault.kind is FaultKind.CROWD and fault.meets(Door.CREATE, to))
            return any(self._under_way > fault.at_once for fault in crowds)

    def leave(self) -> None:
        """Count a create that has been answered."""
        with self._lock:
            self._under_way -= 1

    def clear(self, fault_id: int | None = None) -> None:
        """End one fault, or all."""
        with self._lock:
            self._faults = [] if fault_id is None else [fault for fault in self._faults if fault.id != fault_id]

    def in_force(self) -> list[Fault]:
        """Return the faults in force."""
        with self._lock:
            return list(self._faults)
