"""A flow as the engine runs it: steps, answers, silence; plain values made from a flow file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

LANGUAGES = ("en", "es")
PERSON = "person"

Wording = Mapping[str, str]
StepKind = Literal["ask", "say", "do", "branch", "wait"]
AskKind = Literal[
    "choice of sessions",
    "choice",
    "yes or no",
    "coming",
    "needs",
    "availability",
    "rating",
    "name",
    "zip",
    "email",
    "language",
    "consent",
    "free text",
]
# A flow asks of itself, or speaks of a session that its person said yes to, or answers who wrote first: only the
# first must say how to stop.
Purpose = Literal["ask", "about a session", "answer"]
# What happened, or will, that a moment is counted from.
Anchor = Literal[
    "invitation",
    "rsvp",
    "session",
    "end of session",
    "attendance",
    "absence",
    "organizing conversation",
    "first sight",
]


@dataclass(frozen=True, slots=True)
class End:
    """Where a conversation ends, and what came of it."""

    outcome: str


# Where a conversation goes on: a step's name, a person, or its end.
Target = str | End


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a flow: so long after something (or before it, when negative); after the last text without anchor.

    `at` is the time of day on that day; outside `between` it waits for the next time that this opens.
    """

    offset: timedelta
    anchor: Anchor | None = None
    at: time | None = None
    between: tuple[time, time] | None = None


@dataclass(frozen=True, slots=True)
class Unclear:
    """What happens when an answer is not understood: other words once, then where it goes on."""

    say: Wording | None
    then: Target


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the silence ladder: a moment, and a nudge, another step or an end."""

    moment: Moment
    say: Wording | None = None
    then: Target | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """One case of a branch: the facts that must hold, and where it goes on."""

    when: Mapping[str, object]
    then: Target


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a flow. Which fields are filled depends on its kind."""

    name: str
    kind: StepKind
    ask: AskKind | None = None
    text: Wording | None = None
    options: Mapping[str, Wording] = field(default_factory=dict)
    do: str | None = None
    given: Mapping[str, object] = field(default_factory=dict)
    on: Mapping[str, Target] = field(default_factory=dict)
    then: Target | None = None
    unclear: Unclear | None = None
    silence: tuple[Rung, ...] = ()
    cases: tuple[Case, ...] = ()
    wait: Moment | None = None


@dataclass(frozen=True, slots=True)
class Keywords:
    """The words that start a flow, by language; who may; and whether a code follows the word."""

    words: Mapping[str, tuple[str, ...]]
    anyone: bool = False
    with_code: bool = False


@dataclass(frozen=True, slots=True)
class Begin:
    """A moment at which a flow begins by itself, and the name under which its branches know it."""

    moment: Moment
    name: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """A whole conversation, as one file holds it."""

    name: str
    title: str
    purpose: Purpose
    needs: Mapping[str, str]
    languages: tuple[str, ...]
    expires: timedelta
    start: str
    steps: Mapping[str, Step]
    goal: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    keywords: Keywords | None = None
    begins: tuple[Begin, ...] = ()
    once_in: timedelta | None = None

    @property
    def outcomes(self) -> frozenset[str]:
        """Return every outcome that a step of this flow ends with."""
        return frozenset(
            target.outcome for step in self.steps.values() for target in targets_of(step) if isinstance(target, End)
        )


def targets_of(step: Step) -> tuple[Target, ...]:
    """Return everywhere that a step may lead to."""
    found = [*step.on.values(), *(case.then for case in step.cases)]
    found += [step.then] if step.then is not None else []
    found += [step.unclear.then] if step.unclear is not None else []
    found += [rung.then for rung in step.silence if rung.then is not None]
    return tuple(found)
