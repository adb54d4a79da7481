"""The engine: a pure function from a flow, a state, facts and a signal to a new state and effects (law 5).

An effect whose outcome decides the wording ends the turn: the runner executes it and calls `advance` again with its
result. Nothing here knows a database, a clock, the network or chance.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from outreach.conversations.answers import Answer, answers_of
from outreach.conversations.comparing import holds
from outreach.conversations.effects import Act, Effect, Finish, HandOff, Say, Wait
from outreach.conversations.facts import Facts
from outreach.conversations.flow import PERSON, End, Flow, Step, Target, Wording
from outreach.conversations.knowing import Known, anchors_of, facts_of_branch, options_text
from outreach.conversations.questions import ask_of
from outreach.conversations.signals import (
    ActResult,
    Expired,
    FactChanged,
    Replied,
    Resumed,
    Signal,
    Silence,
    Started,
)
from outreach.conversations.waits import Anchors, moment_due, moments_of, waits_at
from outreach.conversations.wording import fill, speaks_of_the_day
from outreach.understanding import Intent

STEPS_A_TURN = 20
TIMES_A_TEXT = 2
EXPIRED = "expired"
STUCK = "stuck"
HAND_OFF = "hand off"


@dataclass(frozen=True, slots=True)
class State:
    """Where a conversation stands: its step, and what it must remember. Small and JSON-ready."""

    step: str
    memory: dict[str, Any]

    def remember(self, **values: object) -> "State":
        """Return the state with these memories."""
        return replace(self, memory={**self.memory, **values})


@dataclass(frozen=True, slots=True)
class Move:
    """What a signal leads to. `unfinished`: the last effect is an act whose result the engine waits for."""

    state: State
    effects: tuple[Effect, ...]
    unfinished: bool = False


def advance(flow: Flow, state: State, facts: Facts, signal: Signal, now: datetime) -> Move:
    """Take one signal; return the new state and what is to be done."""
    return _Turn(flow, state, facts, now).take(signal)


class _Turn:
    """One turn under way: collects effects while it walks the steps."""

    def __init__(self, flow: Flow, state: State, facts: Facts, now: datetime) -> None:
        self._flow, self._state, self._facts, self._now = flow, state, facts, now
        self._effects: list[Effect] = []

    def take(self, signal: Signal) -> Move:
        if isinstance(signal, Started):
            self._state = self._state.remember(menu=[session.id for session in self._facts.open_sessions])
            return self._go(self._flow.start)
        if isinstance(signal, Expired):
            return self._go(End(EXPIRED))
        step = self._flow.steps[self._state.step]
        if isinstance(signal, Replied):
            return self._reply(step, signal)
        if isinstance(signal, Silence):
            return self._silence(step, signal.rung)
        if isinstance(signal, Resumed | FactChanged):
            return self._wait(step, self._state.memory.get("rung", 0))
        return self._result(step, signal)

    def _reply(self, step: Step, signal: Replied) -> Move:
        if signal.reading.intent is Intent.LANGUAGE and step.ask not in {None, "language"}:
            # Asked once more in the language they asked for; a person sees to one that we do not speak.
            return self._go(step.name if signal.reading.facts.get("language") == self._facts.language else PERSON)
        ask = ask_of(step)
        if ask is None:
            return self._go(PERSON)
        for answer in answers_of(ask, signal, self._menu(), self._free(), tuple(step.options)):
            if answer.kind in step.on:
                self._keep(answer, signal)
                return self._go(step.on[answer.kind])
        return self._unclear(step)

    def _keep(self, answer: Answer, signal: Replied) -> None:
        """Remember what the answer says, for the acts and wordings that follow."""
        memory: dict[str, object] = {"words": signal.words, **answer.said}
        if answer.sessions:
            memory["chosen"] = list(answer.sessions)
        if signal.reading.party_size is not None:
            memory["party_size"] = signal.reading.party_size
        if signal.reading.needs or answer.kind == "need":
            memory |= {"needs": list(signal.reading.needs or ["other"]), "need_words": signal.words}
        if signal.reading.availability is not None and answer.kind != "other":
            memory["availability"] = signal.reading.availability.as_dict()
        if answer.until:
            memory["until"] = answer.until
        self._state = self._state.remember(**memory)

    def _unclear(self, step: Step) -> Move:
        unclear = step.unclear
        if unclear is None:
            return self._go(PERSON)
        asked = dict(self._state.memory.get("asked_again", {}))
        if unclear.say is None or asked.get(step.name):
            return self._go(unclear.then)
        self._state = self._state.remember(asked_again={**asked, step.name: True})
        self._say(unclear.say)
        return self._wait(step)

    def _silence(self, step: Step, place: int) -> Move:
        moments = moments_of(step)
        if place < len(moments) and moments[place].anchor and self._due(step, place) > self._now:
            # What it is counted from has moved, and the timer with it.
            return self._wait(step, place)
        if step.kind == "wait":
            return self._go(step.then or PERSON)
        rung = step.silence[place] if place < len(step.silence) else None
        if rung is not None and rung.then is not None:
            return self._go(rung.then)
        if rung is not None and rung.say is not None and not self._too_late_to_choose(step):
            self._nudge(f"{step.name}:{place}", rung.say)
        return self._wait(step, place + 1)

    def _due(self, step: Step, place: int) -> datetime:
        return moment_due(moments_of(step)[place], self._anchors(), self._facts.zone, self._now)

    def _nudge(self, rung: str, wording: Wording) -> None:
        """Nudge once: a ladder that begins anew after an unclear answer says nothing a second time."""
        nudged = self._state.memory.get("nudged", [])
        if rung not in nudged:
            self._state = self._state.remember(nudged=[*nudged, rung])
            self._say(wording, nudge=True)

    def _too_late_to_choose(self, step: Step) -> bool:
        """Tell whether a question offers sessions of which none can be answered any more."""
        still_open = {session.id for session in self._facts.open_sessions}
        return step.ask == "choice of sessions" and not still_open.intersection(self._menu())

    def _result(self, step: Step, result: ActResult) -> Move:
        self._state = self._state.remember(**result.values)
        if result.name == "booked":
            self._state = self._state.remember(booked_at=self._now.isoformat())
        return self._go(step.on.get(result.name, PERSON))

    def _go(self, target: Target) -> Move:
        for _ in range(STEPS_A_TURN):
            if isinstance(target, End):
                self._effects.append(Finish(target.outcome))
                return self._done()
            if target == PERSON:
                self._effects.append(HandOff())
                return self._wait(self._flow.steps[self._state.step], rung=None)
            step = self._flow.steps[target]
            self._state = replace(self._state, step=step.name)
            if step.kind == "ask" and not self._told_before(step):
                return self._ask(step)
            if step.kind == "wait":
                return self._wait(step)
            if step.kind == "do" and step.do != HAND_OFF:
                self._effects.append(self._act(step))
                return self._done(unfinished=True)
            target = self._pass(step)
        self._effects.append(Finish(STUCK))
        return self._done()

    def _told_before(self, step: Step) -> bool:
        """Tell whether a question needs no asking: they named their need before."""
        return step.ask == "needs" and "need" in step.on and bool(self._state.memory.get("needs"))

    def _pass(self, step: Step) -> Target:
        """Go through a step that waits for nothing."""
        if step.kind == "ask":
            return step.on["need"]
        if step.kind == "branch":
            return self._choose(step)
        if step.do == HAND_OFF:
            self._effects.append(HandOff())
            return step.on["noted"]
        self._say(step.text or {})
        return step.then or End(STUCK)

    def _ask(self, step: Step) -> Move:
        said = dict(self._state.memory.get("said", {}))
        if said.get(step.name, 0) >= TIMES_A_TEXT:
            return self._go(PERSON)
        self._state = self._state.remember(said={**said, step.name: said.get(step.name, 0) + 1})
        if step.ask == "yes or no":
            # What is offered now is what their yes will mean, whatever fills up in between.
            self._state = self._state.remember(other=list(self._others()[:1]))
        self._say(step.text or {})
        if step.ask == "consent":
            # What they agree to is kept word for word.
            self._state = self._state.remember(consent_wording=self._words(step.text or {}))
        return self._wait(step)

    def _choose(self, step: Step) -> Target:
        known = facts_of_branch(self._facts, self._state.memory, self._known())
        for case in step.cases:
            if all(holds(known.get(fact), wanted) for fact, wanted in case.when.items()):
                return case.then
        return PERSON

    def _known(self) -> Known:
        return Known(self._menu(), self._chosen(), self._others())

    def _anchors(self) -> Anchors:
        return anchors_of(self._facts, self._state.memory, self._known())

    def _wait(self, step: Step, rung: int | None = 0) -> Move:
        if rung != self._state.memory.get("rung", 0):
            self._state = self._state.remember(rung=rung)
        self._effects.append(Wait(waits_at(self._flow, step, rung, self._facts, self._anchors(), self._now)))
        return self._done()

    def _done(self, *, unfinished: bool = False) -> Move:
        return Move(self._state, tuple(self._effects), unfinished)

    def _say(self, wording: Wording, *, nudge: bool = False) -> None:
        until = self._facts.day_ends_at if any(map(speaks_of_the_day, wording.values())) else None
        self._effects.append(Say(self._words(wording), nudge, until))

    def _words(self, wording: Wording) -> str:
        return fill(wording.get(self._facts.language) or wording["en"], self._values())

    def _menu(self) -> tuple[int, ...]:
        return tuple(self._state.memory.get("menu", ()))

    def _chosen(self) -> tuple[int, ...]:
        return tuple(self._state.memory.get("chosen", ()))

    def _others(self) -> tuple[int, ...]:
        """Return the sessions of the menu with seats left, the chosen ones aside."""
        return tuple(one for one in self._free() if one not in self._chosen())

    def _free(self) -> tuple[int, ...]:
        """Return the sessions of the menu with seats left."""
        free = {session.id for session in self._facts.open_sessions if session.has_seats}
        return tuple(one for one in self._menu() if one in free)

    def _other(self) -> tuple[int, ...]:
        """Return the other session that was offered, or could be."""
        return tuple(self._state.memory.get("other") or self._others()[:1])

    def _act(self, step: Step) -> Act:
        if step.do != "rsvp other":
            return Act(step.do or "", self._chosen() or self._menu(), given=step.given)
        others, waited_for = self._other(), self._chosen()
        self._state = self._state.remember(chosen=list(others))
        return Act(step.do, others, instead_of=waited_for)

    def _values(self) -> dict[str, str]:
        facts, memory = self._facts, self._state.memory
        chosen = self._chosen()
        values = {
            **facts.values,
            "menu": facts.menu(self._menu()),
            "options": options_text(self._flow.steps.get(self._state.step), facts.language),
            "session": facts.labels(chosen or self._menu()[:1]),
            "titles": facts.titles(chosen or self._menu()),
            "place": facts.place(chosen or self._menu()[:1]),
            "other_session": facts.labels(self._other()),
            "position": str(memory.get("position", "")),
            "deadline": facts.moment(memory.get("deadline")),
            "until": facts.day(memory.get("until")),
        }
        return {name: value or "" for name, value in values.items()}
