"""A flow as the engine runs it: steps, answers, silence; plain values made from a flow file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Literal

LANGUAGES = ("en", "es")
PERSON = "person"

Wording = Mapping[str, str]
StepKind = Literal["ask", "say", "do", "branch"]
AskKind = Literal["choice of sessions", "yes or no", "coming", "needs", "free text"]
# A flow asks of itself, or speaks of a session that its person said yes to: then it need not say how to stop.
Purpose = Literal["ask", "about a session"]


@dataclass(frozen=True, slots=True)
class End:
    """Where a conversation ends, and what came of it."""

    outcome: str


# Where a conversation goes on: a step's name, a person, or its end.
Target = str | End


@dataclass(frozen=True, slots=True)
class Unclear:
    """What happens when an answer is not understood: other words once, then where it goes on."""

    say: Wording | None
    then: Target


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the silence ladder: so long after the last text, at that time of day, a nudge or an end."""

    after: timedelta
    at: time | None
    say: Wording | None
    end: End | None


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
    do: str | None = None
    on: Mapping[str, Target] = field(default_factory=dict)
    then: Target | None = None
    unclear: Unclear | None = None
    silence: tuple[Rung, ...] = ()
    cases: tuple[Case, ...] = ()


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
