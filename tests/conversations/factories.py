"""Plain values for tests of the engine: readings, facts, flows."""

import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from ruamel.yaml import YAML

from outreach.conversations.effects import Act, Effect, Finish, HandOff, Say, Wait
from outreach.conversations.engine import Move, State, advance
from outreach.conversations.facts import Facts, OfferedSession
from outreach.conversations.flow import Flow
from outreach.conversations.flow_files import SHIPPED, load_flow
from outreach.conversations.flow_form import read_flow
from outreach.conversations.signals import ActResult, Replied, Signal, Started
from outreach.understanding import Availability, Intent, Reading

NOW = datetime(2026, 12, 4, 18, 0, tzinfo=UTC)
ZONE = "America/Los_Angeles"
SHIPPED_FLOWS = tuple(sorted(path.stem for path in SHIPPED.glob("*.yaml")))
BEGUN = State("", {})


def reading(intent: Intent | str = Intent.OTHER, **parts: Any) -> Reading:
    return Reading(Intent(intent), "a test says so", 1.0, **parts)


def replied(intent: Intent | str = Intent.OTHER, words: str = "…", **parts: Any) -> Replied:
    return Replied(reading(intent, **parts), words)


def chosen(choice: str) -> Replied:
    return replied("choice", choice, choice=choice)


SATURDAYS = Availability(available=("sat_morning",))


def offered(
    id: int = 1, *, is_open: bool = True, has_seats: bool = True, place: str = "Boyle Heights"
) -> OfferedSession:
    starts_at = NOW + timedelta(days=7 + id)
    return OfferedSession(id, f"Sat Dec {11 + id} 10am", place, starts_at, is_open, has_seats)


def make_facts(*sessions: OfferedSession, language: str = "en", reminder: str = "", **values: str) -> Facts:
    known = {"first_name": "Ana", "sender": "Luz", "who": "Luz from DSA-LA", "org": "DSA-LA", **values}
    return Facts(language, ZONE, NOW, sessions or (offered(1), offered(2)), known, reminder)


def shipped(name: str) -> Flow:
    return load_flow(SHIPPED / f"{name}.yaml").flow


def flow_from(source: str, name: str = "test") -> Flow:
    """Read a flow from YAML; `expires` and `title` may be left out."""
    definition: dict[str, Any] = {"title": "Test", "expires": "14 days", **_yaml(source)}
    return read_flow(name, definition)


def _yaml(source: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = YAML(typ="safe", pure=True).load(textwrap.dedent(source))
    return loaded


def start(flow: Flow, facts: Facts) -> Move:
    return advance(flow, BEGUN, facts, Started(), NOW)


def play(flow: Flow, facts: Facts, *signals: Signal) -> list[Move]:
    """Play signals one after the other, from the start; acts are answered by the signals that are results."""
    moves = [start(flow, facts)]
    for signal in signals:
        moves.append(advance(flow, moves[-1].state, facts, signal, NOW))
    return moves


def result(name: str, **values: object) -> ActResult:
    return ActResult(name, values)


def said(move: Move) -> list[str]:
    return [effect.body for effect in move.effects if isinstance(effect, Say)]


def act_of(move: Move) -> Act:
    (act,) = [effect for effect in move.effects if isinstance(effect, Act)]
    return act


def ended(move: Move) -> str | None:
    return next((effect.outcome for effect in move.effects if isinstance(effect, Finish)), None)


def handed_off(move: Move) -> bool:
    return any(isinstance(effect, HandOff) for effect in move.effects)


def waits(move: Move) -> dict[str, datetime]:
    timers = [timer for effect in move.effects if isinstance(effect, Wait) for timer in effect.timers]
    return {timer.name: timer.due_at for timer in timers}


def kinds(move: Move) -> list[type[Effect]]:
    return [type(effect) for effect in move.effects]
