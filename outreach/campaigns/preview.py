"""What a campaign would say first, to whom, and what that costs: worded by the engine itself, sent by nobody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from outreach.campaigns.audience import Audience, Member
from outreach.campaigns.given_words import faults_of, missing_words
from outreach.conversations.effects import Say
from outreach.conversations.engine import State, advance
from outreach.conversations.facts import Facts
from outreach.conversations.flow import LANGUAGES, Flow, Step, Wording
from outreach.conversations.gathering import gather_facts
from outreach.conversations.models import Conversation
from outreach.conversations.signals import Started
from outreach.conversations.wording import placeholders_in
from outreach.people.models import Person
from outreach.settings import Settings
from outreach.texting.segments import Encoding, count_segments

LANGUAGE_NAMES = {"en": "English", "es": "Spanish"}


class Offer(NamedTuple):
    """What the first texts speak of: the sessions, who signs, and the words that the campaign gives them."""

    sessions: tuple[int, ...]
    sender: str
    words: Mapping[str, Wording] = {}


class Missing(NamedTuple):
    """A value that the texts speak of and nobody gave, or gave badly; `field` is where the form asks for it."""

    what: str
    mend: str
    field: str = ""
    given_badly: bool = False

    @property
    def sentence(self) -> str:
        """Return what is missing or wrong, and the mend."""
        return f"{'' if self.given_badly else 'Missing: '}{self.what}. {self.mend}."

    @property
    def beside_field(self) -> str:
        """Return what stands beside the field that is meant."""
        return self.sentence if self.given_badly else f"{self.mend}."


@dataclass(frozen=True, slots=True)
class FirstText:
    """The first text in one language, as `to` would get it, and what all texts of that language take and cost.

    `borrowed`: nobody of the audience reads this language; the text is worded for somebody who reads another.
    """

    language: str
    to: str
    borrowed: bool
    body: str
    encoding: Encoding
    units: int
    segments: int
    people: int
    all_segments: int
    cost_millionths: int

    @property
    def language_name(self) -> str:
        """Return the language's name in English."""
        return LANGUAGE_NAMES[self.language]


@dataclass(frozen=True, slots=True)
class Preview:
    """The first text in each language; `missing` names every value that the flow speaks of and nobody gave."""

    texts: tuple[FirstText, ...]
    missing: tuple[Missing, ...]

    @property
    def segments(self) -> int:
        """Return what all first texts take."""
        return sum(text.all_segments for text in self.texts)

    @property
    def cost_millionths(self) -> int:
        """Return what all first texts cost, in millionths of a dollar."""
        return sum(text.cost_millionths for text in self.texts)


def preview_campaign(  # noqa: PLR0913, PLR0917 - a campaign has these parts
    session: Session, settings: Settings, flow: Flow, offer: Offer, audience: Audience, now: datetime
) -> Preview:
    """Word the first texts for people of the audience; nothing is written down or sent."""
    gathered = [facts_for(session, settings, offer, language, now) for language in LANGUAGES]
    texts = (_first_text(flow, facts, audience, settings, now) for facts in gathered)
    missing = (*missing_values(flow, gathered[0]), *_words_to_give(flow, offer))
    return Preview(tuple(text for text in texts if text), missing)


def facts_for(session: Session, settings: Settings, offer: Offer, language: str, now: datetime) -> Facts:
    """Gather what a text of this offer may speak of, for somebody without a name who reads this language."""
    nobody = Person(first_name="", language=language)
    fields = {name: {**dict.fromkeys(LANGUAGES, ""), **words} for name, words in offer.words.items()}
    opening = Conversation(
        offer={"sessions": list(offer.sessions), "sender": offer.sender, "fields": fields}, started_at=now
    )
    return gather_facts(session, opening, nobody, settings, now, shared=False)


def first_body(flow: Flow, facts: Facts, first_name: str, now: datetime) -> str | None:
    """Return the text that a conversation begins with, or None when the flow ends without one."""
    named = replace(facts, values={**facts.values, "first_name": first_name})
    move = advance(flow, State("", {}), named, Started(), now)
    return next((effect.body for effect in move.effects if isinstance(effect, Say)), None)


def _first_text(flow: Flow, facts: Facts, audience: Audience, settings: Settings, now: datetime) -> FirstText | None:
    readers = [member for member in audience.members if member.language == facts.language]
    shown = _whom_to_show(readers or audience.members)
    body = first_body(flow, facts, shown.greeted_as if shown else "", now)
    if body is None:
        return None
    counted = count_segments(body)
    all_segments = _all_segments(flow, facts, readers, audience.by_language[facts.language], now)
    return FirstText(
        language=facts.language,
        to=shown.shown_as if shown else "nobody yet",
        borrowed=not readers,
        body=body,
        encoding=counted.encoding,
        units=counted.units,
        segments=counted.segments,
        people=audience.by_language[facts.language],
        all_segments=all_segments,
        cost_millionths=all_segments * settings.segment_out_millionths,
    )


def _whom_to_show(members: Sequence[Member]) -> Member | None:
    """Choose somebody who is greeted by name, where there is such a one."""
    named = (member for member in members if member.greeted_as)
    return next(named, members[0] if members else None)


def _all_segments(flow: Flow, facts: Facts, readers: Sequence[Member], people: int, now: datetime) -> int:
    """Count the segments of everybody's text: of those who were looked at, and in proportion for the rest."""
    names = [member.greeted_as for member in readers]
    sizes = {name: count_segments(first_body(flow, facts, name, now) or "").segments for name in set(names)}
    counted = sum(sizes[name] for name in names)
    return -(-counted * people // len(names)) if names else 0


# What a campaign's texts may speak of besides the person and the sessions, and what to do where nobody gave it.
GIVEN = {
    "sender": Missing("who signs", "Give a first name", "sender"),
    "org": Missing("the chapter's name", "Set ORG_NAME"),
    "contact": Missing("how to reach the chapter", "Set ORG_CONTACT"),
}


def missing_values(flow: Flow, facts: Facts) -> Iterator[Missing]:
    """Name what the flow's texts speak of and nobody gave, each with where to give it."""
    spoken = {name for words in _wordings(flow) for name in placeholders_in(words)}
    if flow.needs.get("sessions") and not facts.open_sessions:
        yield Missing("the sessions", "Choose at least one that is to come", "sessions")
    for name, missing in GIVEN.items():
        if name in spoken and not facts.values.get(name):
            yield missing
    if "place" in spoken:
        for session in facts.open_sessions:
            if not session.place:
                yield Missing(f"the place of {session.label}", "Give it on the session's page", "sessions")


def _words_to_give(flow: Flow, offer: Offer) -> Iterator[Missing]:
    """Name the words that the texts take from their campaign: those that are missing, and those that read badly."""
    for wish in missing_words(flow, offer.words):
        yield Missing(wish.label, "Write it: the texts hold it", wish.field)
    for fault in faults_of(flow, offer.words):
        yield Missing(f"{fault.wish.label}: {fault.what}", fault.mend, fault.wish.field, given_badly=True)


def _wordings(flow: Flow) -> Iterator[str]:
    for step in flow.steps.values():
        for wording in _wordings_of(step):
            yield from wording.values()


def _wordings_of(step: Step) -> Iterator[Wording]:
    if step.text:
        yield step.text
    if step.unclear and step.unclear.say:
        yield step.unclear.say
    yield from (rung.say for rung in step.silence if rung.say)
