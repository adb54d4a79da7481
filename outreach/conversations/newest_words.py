"""A conversation keeps the steps that it began with, in the newest words that still fit them. Pure."""

from dataclasses import replace

from outreach.conversations.flow import Flow, Rung, Step


def in_newest_words(flow: Flow, newest: Flow) -> Flow:
    """Return a flow's own steps with the wording of the newest version, wherever a step still asks the same.

    A step that hears other answers by now keeps its words: they promise what it does.
    """
    steps = {name: _reworded(step, newest.steps.get(name)) for name, step in flow.steps.items()}
    return replace(flow, steps=steps)


def _reworded(step: Step, newest: Step | None) -> Step:
    if newest is None or _promises(step) != _promises(newest):
        return step
    unclear = step.unclear
    if unclear is not None and unclear.say and newest.unclear is not None and newest.unclear.say:
        unclear = replace(unclear, say=newest.unclear.say)
    return replace(
        step,
        text=newest.text or step.text,
        options=newest.options,
        unclear=unclear,
        silence=tuple(_rung(rung, newest.silence[place : place + 1]) for place, rung in enumerate(step.silence)),
    )


def _promises(step: Step) -> tuple[object, ...]:
    """Return what the words of a step hang on: what it is, what it asks, and which answers lead on."""
    return step.kind, step.ask, tuple(step.options), frozenset(step.on)


def _rung(rung: Rung, newest: tuple[Rung, ...]) -> Rung:
    return replace(rung, say=newest[0].say) if rung.say and newest and newest[0].say else rung
