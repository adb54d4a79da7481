"""What can happen to a conversation."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from outreach.understanding import Reading


@dataclass(frozen=True, slots=True)
class Started:
    """The conversation begins."""


@dataclass(frozen=True, slots=True)
class Replied:
    """The member wrote: what was understood, and their words as they stand."""

    reading: Reading
    words: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing came: a rung of the step's silence ladder is due."""

    rung: int


@dataclass(frozen=True, slots=True)
class Expired:
    """The conversation's time is over."""


@dataclass(frozen=True, slots=True)
class ActResult:
    """What an act came to, and values for the wording."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict)


Signal = Started | Replied | Silence | Expired | ActResult
