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
    """Nothing came: a rung of the step's silence ladder, or the end of its wait, is due."""

    rung: int


@dataclass(frozen=True, slots=True)
class Resumed:
    """A conversation that another one, or a person, had taken the place of goes on."""


@dataclass(frozen=True, slots=True)
class FactChanged:
    """A session that this conversation counts from was moved."""


@dataclass(frozen=True, slots=True)
class Expired:
    """The conversation's time is over."""


@dataclass(frozen=True, slots=True)
class ActResult:
    """What an act came to, and values for the wording."""

    name: str
    values: Mapping[str, object] = field(default_factory=dict)

    def with_values(self, **values: object) -> "ActResult":
        """Return the result with these values too."""
        return ActResult(self.name, {**self.values, **values})


Signal = Started | Replied | Silence | Resumed | FactChanged | Expired | ActResult
