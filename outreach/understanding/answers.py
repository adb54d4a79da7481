import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from outreach.understanding.normalise import Text
from outreach.understanding.phrases import Found, rule_of, without_overlaps

Spans = Sequence[tuple[int, int]]
"""Where a text asks: places in ``Text.plain``, from and to."""
LABELS = ("yes", "yes_word", "yes_es_word", "no", "no_word", "maybe", "neutral")
YES, NO = frozenset({"yes", "yes_word", "yes_es_word"}), frozenset({"no", "no_word"})
_SENTENCE = re.compile(r"[^.!?;]*[.!?;>]?")


@dataclass(frozen=True)
class Answer:
    """A yes, no, maybe or nothing (""), how sure we are of it, and the rule that said so."""

    word: str = ""
    confidence: float = 0.0
    rule: str = ""
    firm: bool = False


NO_ANSWER = Answer()


def question_spans(text: Text, found: Mapping[str, list[Found]]) -> Spans:
    """Give where the text asks: from a question's opening, or from a sentence's last comma, to its question mark.

    Some openings ("puedo …") ask only where a question mark follows. An idiom that holds the opening ("why not",
    "who knows") asks nothing.
    """
    if not text.asks and "question_form" not in found:
        return ()
    idioms = [match for label in ("yes", "yes_word", "no", "maybe") for match in found.get(label, ())]
    spans: list[tuple[int, int]] = []
    for sentence in _SENTENCE.finditer(text.plain):
        start, end = sentence.span()
        marked = sentence[0].endswith("?")
        openings = _openings(text, found.get("question_form", ()), start, end)
        openings = [
            (at, to) for at, to in openings if not any(i.start <= at < i.end - 1 and i.end > to for i in idioms)
        ]
        if not openings and marked:
            openings = _openings(text, found.get("question_maybe", ()), start, end)
            openings = openings or [(start + max(sentence[0].rfind(" , "), 0), end)]
        if openings:
            spans.append((min(openings)[0], end))
    return spans


def _openings(text: Text, matches: Sequence[Found], start: int, end: int) -> list[tuple[int, int]]:
    """Give where questions open between two places, behind the word or sign that leads to them."""
    places = [(text.plain.find(" ", match.start + 1), match.end) for match in matches]
    return [(at, to) for at, to in places if start <= at < end]


def _asked(match: Found, spans: Spans) -> bool:
    return any(match.start < end and start < match.end - 1 for start, end in spans)


_DENYING = frozenset({"no", "not", "dont", "nunca", "tampoco", "ni", "never", "jamas"})


def _denied(text: Text, match: Found) -> bool:
    """Tell whether the word before a yes denies it: "no me interesa"."""
    before = text.plain[: match.start].rsplit(" ", 1)[-1]
    return before in _DENYING


def _without_overlaps(text: Text, found: Mapping[str, list[Found]]) -> list[Found]:
    """Keep the longest phrases; a no, maybe or idiom that begins before a yes and reaches into it wins over it."""
    every = [
        match._replace(label="no") if match.label == "yes" and _denied(text, match) else match
        for label in LABELS
        for match in found.get(label, ())
    ]
    doubting = [match for match in every if match.label not in YES]
    sure = [
        match
        for match in every
        if match.label not in YES or not any(d.start < match.start < d.end - 1 and d.length > MEANT for d in doubting)
    ]
    return without_overlaps(sure)


MEANT = 3
"""Characters above which a doubting phrase weighs more than a yes that it reaches into."""


def read_answer(text: Text, found: Mapping[str, list[Found]], spans: Spans) -> Answer:
    """Say whether a text answers yes, no or maybe; what it asks (``spans``) is no answer."""
    if found.keys().isdisjoint(LABELS):
        return _from_emoji(text)
    kept = [match for match in _without_overlaps(text, found) if match.label != "neutral" and not _asked(match, spans)]
    if not kept:
        return _from_emoji(text)
    return _weigh(kept)


def _weigh(kept: list[Found]) -> Answer:
    firm_yes = [match for match in kept if match.label == "yes"]
    firm_no = [match for match in kept if match.label == "no"]
    maybe = [match for match in kept if match.label == "maybe"]
    if maybe and not (firm_no and firm_no[0].start < maybe[0].start):
        return Answer("maybe", 0.85, rule_of("maybe"), firm=True)
    if firm_yes or firm_no:
        last = max(firm_yes + firm_no, key=lambda match: match.start)
        return Answer(last.label, 0.9, rule_of(last.label), firm=True)
    last = kept[-1]
    word = "yes" if last.label in YES else "no" if last.label in NO else "maybe"
    return Answer(word, 0.85, rule_of(last.label))


def _from_emoji(text: Text) -> Answer:
    if text.words:
        return NO_ANSWER
    for word in ("no", "yes", "maybe"):
        if word in text.emoji:
            return Answer(word, 0.6, "answer: an emoji")
    return NO_ANSWER
