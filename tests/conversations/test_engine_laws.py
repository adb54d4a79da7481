"""What holds for every shipped flow, whatever comes in whatever order."""

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.conversations.effects import Act, Finish, HandOff, Say, Wait
from outreach.conversations.engine import TIMES_A_TEXT, Move, advance
from outreach.conversations.flow import Flow
from outreach.conversations.signals import ActResult, Expired, Signal, Silence
from outreach.conversations.vocabulary import ACTS
from outreach.understanding import Intent
from tests.conversations.factories import (
    BEGUN,
    NOW,
    SATURDAYS,
    SHIPPED_FLOWS,
    ended,
    make_facts,
    offered,
    replied,
    shipped,
    start,
    waits,
)
from tests.laws import laws

FLOWS = {name: shipped(name) for name in SHIPPED_FLOWS}
STATE_AT_MOST = 4000
ORDERS = 1100

intents = st.sampled_from(list(Intent))
replies = st.builds(
    replied,
    intents,
    st.text(max_size=20),
    also=st.lists(intents, max_size=2).map(tuple),
    choice=st.sampled_from([None, "0", "1", "2", "3", "9", "1,2", "1|2", "2|9"]),
    needs=st.lists(st.sampled_from(["childcare", "ride", "asl"]), max_size=2).map(tuple),
    availability=st.sampled_from([None, SATURDAYS]),
    party_size=st.sampled_from([None, 1, 2, 50]),
    suppress=st.sampled_from(["none", "until:2027-02-01"]),
    facts=st.sampled_from([{}, {"language": "en"}, {"language": "es"}, {"language": "ko"}]),
)
signals: st.SearchStrategy[Signal] = replies | st.builds(Silence, st.integers(0, 3)) | st.just(Expired())
names = st.text(st.characters(exclude_characters="{}", exclude_categories=["Cs", "Cc"]), max_size=12)


@st.composite
def facts_of_a_turn(draw: st.DrawFn) -> Any:
    sessions = [offered(n, is_open=draw(st.booleans()), has_seats=draw(st.booleans())) for n in (1, 2, 3)]
    return make_facts(
        *sessions[: draw(st.integers(1, 3))],
        language=draw(st.sampled_from(["en", "es"])),
        reminder=draw(st.sampled_from(["", "day_before", "evening_before", "today"])),
        first_name=draw(names),
        sender=draw(names),
    )


@pytest.mark.parametrize("name", SHIPPED_FLOWS)
@laws(max(1, ORDERS // len(SHIPPED_FLOWS)))
@given(data=st.data(), facts=st.lists(facts_of_a_turn(), min_size=2, max_size=2), order=st.lists(signals, max_size=8))
def test_every_order_of_signals_is_taken(name: str, data: st.DataObject, facts: list[Any], order: list[Signal]) -> None:
    flow, texts = FLOWS[name], Counter[str]()
    move = settle(flow, start(flow, facts[0]), facts[0], data, texts)
    for place, signal in enumerate(order):
        if ended(move) is not None:
            return
        now_true = facts[place % 2]
        move = settle(flow, advance(flow, move.state, now_true, signal, NOW), now_true, data, texts)
    if ended(move) is None:
        assert ended(advance(flow, move.state, facts[0], Expired(), NOW)) == "expired"


def settle(flow: Flow, move: Move, facts: Any, data: st.DataObject, texts: Counter[str]) -> Move:
    """Answer acts with any of their results until the turn is over; every move on the way is well-formed."""
    check(move, texts)
    for _ in range(8):
        if not move.unfinished:
            return move
        act = move.effects[-1]
        assert isinstance(act, Act)
        result = ActResult(data.draw(st.sampled_from(ACTS[act.name])), {"position": 2})
        move = advance(flow, move.state, facts, result, NOW)
        check(move, texts)
    raise AssertionError("a turn that never ends")


def check(move: Move, texts: Counter[str]) -> None:
    *before, last = move.effects
    assert isinstance(last, Act if move.unfinished else Wait | Finish)
    assert all(isinstance(effect, Say | HandOff) for effect in before)
    if isinstance(last, Wait):
        assert any(timer.name == "expired" for timer in last.timers)
        assert all(timer.due_at >= NOW for timer in last.timers)
    assert len(json.dumps(move.state.memory)) < STATE_AT_MOST
    for effect in before:
        if isinstance(effect, Say):
            assert effect.body.strip()
            assert "{" not in effect.body
            texts[effect.body] += 1
            assert texts[effect.body] <= TIMES_A_TEXT


@pytest.mark.parametrize("name", SHIPPED_FLOWS)
@laws(30)
@given(data=st.data(), facts=facts_of_a_turn())
def test_silence_alone_ends_every_conversation(name: str, data: st.DataObject, facts: Any) -> None:
    flow, texts = FLOWS[name], Counter[str]()
    move = settle(flow, start(flow, facts), facts, data, texts)
    for _ in range(8):
        if ended(move) is not None:
            return
        # What is due first: a rung of silence, or the conversation's own end.
        timer, due_at = min(waits(move).items(), key=lambda named: (named[1], named[0] == "expired"))
        signal = Expired() if timer == "expired" else Silence(int(timer.partition(":")[2]))
        move = settle(flow, advance(flow, move.state, facts, signal, due_at), facts, data, texts)
    raise AssertionError("silence that never ends")


@pytest.mark.parametrize("name", SHIPPED_FLOWS)
def test_every_step_can_be_reached_and_left(name: str) -> None:
    flow = FLOWS[name]
    for step in flow.steps.values():
        if step.kind == "ask":
            assert step.on
            assert step.silence[-1].then is not None
            assert step.unclear is not None
    assert BEGUN.step not in flow.steps
