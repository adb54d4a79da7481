"""Wordings that were changed in the web, laid over those of a flow's file. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import NamedTuple

from outreach.conversations.flow import Flow, Wording
from outreach.conversations.flow_reading import Complaint, PartReader, Path
from outreach.conversations.text_checks import check_texts, wordings_of
from outreach.conversations.vocabulary import WORDS

TEXT, UNCLEAR, SILENCE = "text", "unclear", "silence"
LONGEST = 1000


class TextPlace(NamedTuple):
    """Which text of a flow: the step, and of its texts `text`, `unclear` or, by its rung, `silence-1`."""

    step: str
    part: str


class FlowText(NamedTuple):
    """One text of a flow: its path in the file and its words."""

    path: Path
    wording: Wording


@dataclass(frozen=True, slots=True)
class Edit:
    """Words that somebody wrote in the web, and the words of the file that they stand in place of."""

    place: TextPlace
    words: Wording
    instead_of: Wording


def texts_of(flow: Flow) -> dict[TextPlace, FlowText]:
    """Return every text of a flow by its place, in the order of the file."""
    return {TextPlace(step.name, _part(path)): FlowText(path, wording) for step, path, wording in wordings_of(flow)}


def _part(path: Path) -> str:
    kind = path[2]
    if kind == SILENCE:
        return f"{SILENCE}-{int(path[3]) + 1}"
    return UNCLEAR if kind == UNCLEAR else TEXT


def with_words(flow: Flow, place: TextPlace, words: Wording) -> Flow:
    """Return a flow that says these words at this place, which it has."""
    step = flow.steps[place.step]
    if place.part == TEXT:
        step = replace(step, text=words)
    elif step.unclear is not None and place.part == UNCLEAR:
        step = replace(step, unclear=replace(step.unclear, say=words))
    else:
        rung = int(place.part.removeprefix(f"{SILENCE}-")) - 1
        ladder = [replace(each, say=words) if at == rung else each for at, each in enumerate(step.silence)]
        step = replace(step, silence=tuple(ladder))
    return replace(flow, steps={**flow.steps, step.name: step})


def complaints_about(flow: Flow, place: TextPlace, words: Wording) -> list[Complaint]:
    """Return what the checker of flow files says of these words at this place, which the flow has."""
    path = texts_of(flow)[place].path
    too_long = [language for language, each in words.items() if len(each) > LONGEST]
    if too_long:
        what, mend = f"the wording is longer than {LONGEST} characters", "Shorten it to two segments"
        return [Complaint((*path, language), what, mend) for language in too_long]
    empty = [language for language, each in words.items() if not each.strip()]
    if empty:
        return [Complaint((*path, each), "the wording is missing", "Write it in both languages") for each in empty]
    reader = PartReader()
    reader.placeholders |= {field for field, kind in flow.needs.items() if kind == WORDS}
    reader.wording(path, words)
    if reader.complaints:
        return reader.complaints
    return [each for each in check_texts(with_words(flow, place, words)) if each.path[: len(path)] == path]


def holds(flow: Flow, edit: Edit) -> bool:
    """Tell whether an edit wins here: the file still says what it was written in place of, and it is a good text."""
    text = texts_of(flow).get(edit.place)
    return text is not None and text.wording == edit.instead_of and not complaints_about(flow, edit.place, edit.words)


def in_edited_words(flow: Flow, edits: Iterable[Edit]) -> Flow:
    """Return a flow in the words of the web, wherever they win over those of its file."""
    worded = flow
    for edit in edits:
        if holds(flow, edit):
            worded = with_words(worded, edit.place, edit.words)
    return worded
