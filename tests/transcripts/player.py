"""Plays transcripts against the real engine and database (README.md tells how they are written)."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from outreach.conversations import runner
from outreach.conversations.answers import answers_of
from outreach.conversations.engine import HAND_OFF, Move, State, advance
from outreach.conversations.facts import Facts
from outreach.conversations.flow import Flow, Step
from outreach.conversations.signals import ActResult, Replied, Signal, Silence
from outreach.conversations.waits import moments_of
from outreach.database import transaction
from outreach.texting.models import Direction, TextStatus
from tests.conversations.talk import Talk
from tests.factories import make_person, make_settings
from tests.transcripts.stage import ARRANGEMENTS, PHONE, Stage

FOLDER = Path(__file__).parent
FILES = sorted(path for path in FOLDER.glob("*.txt") if path.stem != "not_covered")
HOURS = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00"}
SPAN = re.compile(r"(\d+) (minute|hour|day)s?")

# What a transcript has been through: flow, step, and the answer, result or rung of silence.
Turning = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a transcript: its number, its mark and its words."""

    number: int
    mark: str
    words: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One transcript: a title and its lines."""

    title: str
    lines: tuple[Line, ...]


def read_file(path: Path) -> tuple[list[str], list[Scene]]:
    """Return what stands above the first scene of a file, and its scenes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("## "))
    return lines[:first], list(_scenes_of(lines))


def _scenes_of(lines: list[str]) -> Iterator[Scene]:
    title, found = "", list[Line]()
    for number, line in enumerate(lines, 1):
        if line.startswith("## "):
            if found:
                yield Scene(title, tuple(found))
            title, found = line.removeprefix("## "), []
        elif line.strip() and title:
            found.append(Line(number, line[0], line[1:].removeprefix(" ")))
    yield Scene(title, tuple(found))


@dataclass
class Player:
    """Plays one scene. `happened` is what was said and came out, as lines of a transcript."""

    talk: Talk = field(default_factory=lambda: Talk(make_settings(**HOURS)))
    sessions: list[int] = field(default_factory=list)
    happened: list[str] = field(default_factory=list)
    seen: set[int] = field(default_factory=set)

    def play(self, scene: Scene) -> None:
        """Do what the scene's members and organizers do, and note what is said to it."""
        with transaction() as session:
            make_person(session, phone=PHONE)
        for line in scene.lines:
            self._do(line)

    def _do(self, line: Line) -> None:
        if line.mark in "<=":
            return
        self.happened.append(f"{line.mark} {line.words}".rstrip())
        if line.mark == ">":
            self.talk.write(PHONE, line.words)
        elif line.mark == "+":
            amount, unit = SPAN.fullmatch(line.words).groups()  # type: ignore[union-attr] # a bad line should raise
            self.talk.wait(**{f"{unit}s": int(amount)})
        elif line.mark == "!":
            self._arrange(*line.words.split())
        else:
            raise ValueError(f"line {line.number} begins with none of > < + = !")
        came = [*(f"< {words}" for words in self.talk.heard(PHONE)), *self._ended()]
        if line.mark == ">" and not came and self._waits_for_a_person():
            came = ["= person"]
        self.happened += came

    def _waits_for_a_person(self) -> bool:
        return self.talk.newest(PHONE, Direction.IN).status == TextStatus.NEEDS_PERSON

    def _ended(self) -> Iterator[str]:
        """Yield the outcome of each conversation that has ended since the last look."""
        for conversation in self.talk.conversations(PHONE):
            if conversation.outcome and conversation.id not in self.seen:
                self.seen.add(conversation.id)
                yield f"= {conversation.outcome}"

    def _arrange(self, what: str, *more: str) -> None:
        if what == "invite":
            self.talk.invite(*self.sessions)
        else:
            with transaction() as session:
                ARRANGEMENTS[what](Stage(session, self.talk.now, self.sessions), *more)
        self.talk.work()


@contextmanager
def watched(turnings: set[Turning]) -> Iterator[None]:
    """Note each turning that the engine takes."""

    def watching(flow: Flow, state: State, facts: Facts, signal: Signal, now: datetime) -> Move:
        step = flow.steps.get(state.step)
        if step is not None:
            turnings.update((flow.name, step.name, turning) for turning in _turning(step, state, facts, signal))
        return advance(flow, state, facts, signal, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "advance", watching)
        yield


def _turning(step: Step, state: State, facts: Facts, signal: Signal) -> Iterator[str]:
    if isinstance(signal, ActResult):
        yield signal.name
    elif isinstance(signal, Silence):
        yield f"silence {signal.rung}"
    elif isinstance(signal, Replied) and (ask := step.ask or ("free text" if step.kind == "wait" else None)):
        menu = tuple(state.memory.get("menu", ()))
        free = tuple(session.id for session in facts.open_sessions if session.has_seats)
        kinds = [each.kind for each in answers_of(ask, signal, menu, free, tuple(step.options))]
        yield next((kind for kind in kinds if kind in step.on), "unclear")


def all_turnings(flow: Flow) -> set[Turning]:
    """Return every turning of a flow: each answer, each result, each rung of silence, and what nobody understands."""
    found = set[Turning]()
    for step in flow.steps.values():
        # A hand-over is no act that comes to something: the engine passes it.
        found |= {(flow.name, step.name, key) for key in step.on if step.do != HAND_OFF}
        found |= {(flow.name, step.name, f"silence {rung}") for rung in range(len(moments_of(step)))}
        found |= {(flow.name, step.name, "unclear")} if step.unclear else set()
    return found
