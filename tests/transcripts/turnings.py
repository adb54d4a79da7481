"""What transcripts have been through: each turning of a flow, in each language."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

import pytest

from outreach.conversations import runner
from outreach.conversations.answers import answers_of
from outreach.conversations.engine import HAND_OFF, Move, State, advance
from outreach.conversations.facts import Facts
from outreach.conversations.flow import LANGUAGES, Flow, Step
from outreach.conversations.questions import ask_of
from outreach.conversations.signals import ActResult, Replied, Signal, Silence
from outreach.conversations.waits import moments_of
from tests.transcripts.scenes import FOLDER


class Turning(NamedTuple):
    """A step of a flow in a language, and the answer, the result or the rung of silence that it went on by."""

    language: str
    flow: str
    step: str
    by: str


@contextmanager
def watched(turnings: set[Turning]) -> Iterator[None]:
    """Note each turning that the engine takes."""

    def watching(flow: Flow, state: State, facts: Facts, signal: Signal, now: datetime) -> Move:
        step = flow.steps.get(state.step)
        if step is not None:
            turnings.update(
                Turning(facts.language, flow.name, step.name, by) for by in _taken_by(step, state, facts, signal)
            )
        return advance(flow, state, facts, signal, now)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runner, "advance", watching)
        yield


def _taken_by(step: Step, state: State, facts: Facts, signal: Signal) -> Iterator[str]:
    if isinstance(signal, ActResult):
        yield signal.name
    elif isinstance(signal, Silence):
        yield f"silence {signal.rung}"
    elif isinstance(signal, Replied) and (ask := ask_of(step)):
        menu = tuple(state.memory.get("menu", ()))
        free = tuple(session.id for session in facts.open_sessions if session.has_seats)
        kinds = [each.kind for each in answers_of(ask, signal, menu, free, tuple(step.options))]
        yield next((kind for kind in kinds if kind in step.on), "unclear")


def all_turnings(flow: Flow) -> set[Turning]:
    """Return every turning of a flow: each answer, each result, each rung of silence, and what nobody understands."""
    return {
        Turning(language, flow.name, step.name, by)
        for language in LANGUAGES
        for step in flow.steps.values()
        for by in _ways_on(step)
    }


def _ways_on(step: Step) -> Iterator[str]:
    # A hand-over is no act that comes to something: the engine passes it.
    if step.do != HAND_OFF:
        yield from step.on
    yield from (f"silence {rung}" for rung in range(len(moments_of(step))))
    # Where anything else is an answer, nothing is unclear.
    if step.unclear and "other" not in step.on:
        yield "unclear"


def left_out() -> tuple[set[str], dict[Turning, str]]:
    """Return what not_covered.txt leaves out: whole flows, and turnings with the reason why."""
    flows, turnings = set[str](), dict[Turning, str]()
    for line in (FOLDER / "not_covered.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        names, _, reason = line.partition(": ")
        if not reason:
            flows.add(line)
            continue
        first, *rest = names.split()
        languages, (flow, step, *by) = ((first,), rest) if first in LANGUAGES else (LANGUAGES, [first, *rest])
        turnings |= {Turning(language, flow, step, " ".join(by)): reason for language in languages}
    return flows, turnings
