"""What the page of a flow shows: each text in both languages, side by side, with what it takes."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from outreach.conversations.edited_words import TEXT, UNCLEAR, TextPlace, texts_of
from outreach.conversations.flow import LANGUAGES, Flow, Step
from outreach.conversations.knowing import options_text
from outreach.conversations.models import FlowVersion
from outreach.conversations.samples import Sample, sample_values
from outreach.conversations.versions import flow_of
from outreach.conversations.vocabulary import WORDS
from outreach.conversations.wording import fill
from outreach.texting.segments import Segments, count_segments

LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}
COUNTED: tuple[Sample, ...] = ("plain", "hard")


@dataclass(frozen=True, slots=True)
class Told:
    """One text in one language: its wording, how it reads, and its segments with plain and with hard values."""

    language: str
    wording: str
    example: str
    plain: Segments
    hard: Segments


@dataclass(frozen=True, slots=True)
class Line:
    """One text of a flow in its languages: the step, which of its texts it is, and who says it when."""

    place: TextPlace
    part: str
    told: tuple[Told, ...]


def newest_flows(session: Session) -> list[Flow]:
    """Return every flow as new conversations run it, by name."""
    newest = (
        select(FlowVersion.id)
        .ext(distinct_on(FlowVersion.flow))
        .order_by(FlowVersion.flow, FlowVersion.created_at.desc(), FlowVersion.id.desc())
    )
    return [flow_of(session, version_id) for version_id in session.scalars(newest).all()]


def lines_of(flow: Flow) -> Iterator[Line]:
    """Yield the texts of a flow, in the order of its file."""
    for place in texts_of(flow):
        yield line_of(flow, place)


def line_of(flow: Flow, place: TextPlace) -> Line:
    """Return one text of a flow, in its languages."""
    step, wording = flow.steps[place.step], texts_of(flow)[place].wording
    told = tuple(_told(flow, step, language, wording[language]) for language in LANGUAGES)
    return Line(place, part_words(place.part), told)


def part_words(part: str) -> str:
    """Word which of a step's texts one is."""
    if part == TEXT:
        return "what it says"
    return "not understood" if part == UNCLEAR else f"after silence, {part.rpartition('-')[2]}"


def _told(flow: Flow, step: Step, language: str, wording: str) -> Told:
    plain, hard = (_example(flow, step, language, wording, sample) for sample in COUNTED)
    return Told(language, wording, hard, count_segments(plain), count_segments(hard))


def _example(flow: Flow, step: Step, language: str, wording: str, sample: Sample) -> str:
    options = options_text(step, language) if step.options else ""
    fields = [field for field, kind in flow.needs.items() if kind == WORDS]
    sessions = 1 if step.ask in {"choice", "needs"} or "one" in step.name.split("_") else 2
    return fill(wording, sample_values(language, sample, sessions=sessions, options=options, fields=fields))


def how_it_starts(flow: Flow) -> str:
    """Word what starts a flow: a campaign, words that people text, a moment, another flow."""
    ways = []
    if flow.keywords is not None:
        words = ", ".join(word.upper() for words in flow.keywords.words.values() for word in words)
        ways.append(f"by {words}, from {'anyone' if flow.keywords.anyone else 'members'}")
    if flow.begins:
        ways.append("by itself")
    if flow.purpose == "ask":
        ways.append(f"by a campaign to {', '.join(flow.segments) or 'any segment'}")
    return "; ".join(ways) or "from another conversation"
