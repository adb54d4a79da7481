"""From what a reply means to the answers that the open question knows: pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from outreach.conversations.flow import AskKind
from outreach.conversations.signals import Replied
from outreach.understanding import Intent, Reading

NOTHING = frozenset({"0", "zero", "cero", "o"})
# A no to "do you need anything?" that is about coming at all.
NOT_COMING = re.compile(
    r"(?:can['\u2019]?t|cannot|won['\u2019]?t) (?:come|make|go|be there|attend)|not (?:coming|going|able)"
    r"|no (?:voy|puedo|podr[eé]|ir[eé])\b",
    re.IGNORECASE,
)

# The answer that an intent is, where the question knows it; the order of a Reading's intents is kept.
KINDS = {
    Intent.YES: "yes",
    Intent.NO: "no",
    Intent.MAYBE: "maybe",
    Intent.AVAILABILITY: "availability",
    Intent.RESCHEDULE: "availability",
    Intent.SNOOZE: "snooze",
    Intent.NEED: "need",
    Intent.QUESTION: "question",
    Intent.WHO: "question",
    Intent.CALLBACK: "callback",
    Intent.THANKS: "thanks",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """One way to take a reply; `sessions` are the chosen ones, `until` the day (ISO 8601) before which not to ask."""

    kind: str
    sessions: tuple[int, ...] = ()
    until: str = ""


def answers_of(ask: AskKind, reply: Replied, menu: Sequence[int], free: Sequence[int]) -> Iterator[Answer]:
    """Yield the ways to take a reply to this kind of question, the likeliest first.

    `menu` holds the sessions by their numbers, `free` those of them with seats left.
    """
    if ask == "choice of sessions":
        yield from _choices(reply, menu, free)
    if ask == "yes or no":
        yield from _yes_or_no(reply)
    if ask == "coming":
        yield from _coming(reply)
    if ask == "needs":
        yield from _needs(reply)
    if ask == "free text" and _until(reply.reading):
        yield Answer("snooze", until=_until(reply.reading))
    for intent in (reply.reading.intent, *reply.reading.also):
        if intent in KINDS:
            yield Answer(KINDS[intent], until=_until(reply.reading) if intent is Intent.SNOOZE else "")
    yield Answer("other")


def _until(reading: Reading) -> str:
    """Return the day before which not to ask: said outright, or all that they say of when they can come."""
    if reading.suppress.startswith("until:"):
        return reading.suppress.removeprefix("until:")
    said = reading.availability
    if said is None or not said.not_before or said.available or said.windows or said.dates:
        return ""
    return said.not_before


def _choices(reply: Replied, menu: Sequence[int], free: Sequence[int]) -> Iterator[Answer]:
    chosen = _chosen(reply.reading.choice, menu, free)
    if chosen:
        yield Answer("choice", chosen)
    if reply.reading.intent is Intent.YES and len(menu) == 1:
        yield Answer("choice", (menu[0],))
    if reply.reading.choice == "2" and len(menu) == 1:
        yield Answer("no")


def _chosen(choice: str | None, menu: Sequence[int], free: Sequence[int]) -> tuple[int, ...]:
    """Return the sessions of `2`, `1,2` (both) or `1|2` (either: the first with a seat, else the first)."""
    if not choice:
        return ()
    places = [int(key) for key in choice.replace("|", ",").split(",") if key.isdecimal()]
    named = tuple(dict.fromkeys(menu[place - 1] for place in places if 0 < place <= len(menu)))
    if "|" not in choice:
        return named
    return (tuple(one for one in named if one in free) or named)[:1]


def _yes_or_no(reply: Replied) -> Iterator[Answer]:
    if reply.reading.choice in {"1", "2"}:
        yield Answer("yes" if reply.reading.choice == "1" else "no")


def _coming(reply: Replied) -> Iterator[Answer]:
    kind = {"1": "yes", "2": "no", "3": "other_date"}.get(reply.reading.choice or "")
    if kind:
        yield Answer(kind)
    if Intent.RESCHEDULE in {reply.reading.intent, *reply.reading.also}:
        yield Answer("other_date")


def _needs(reply: Replied) -> Iterator[Answer]:
    if reply.reading.intent is Intent.NO and NOT_COMING.search(reply.words):
        yield Answer("no")
    elif reply.reading.needs or reply.reading.intent is Intent.NEED:
        yield Answer("need")
    elif reply.words.strip().casefold().rstrip(".!") in NOTHING or reply.reading.intent in {Intent.NO, Intent.THANKS}:
        yield Answer("none")
