import re
from collections.abc import Mapping
from dataclasses import dataclass

from outreach.understanding.normalise import Text
from outreach.understanding.phrases import Found, longest, rule_of

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


def question_spans(text: Text, found: Mapping[str, list[Found]]) -> list[tuple[int, int]]:
    """Give where the text asks: from a question's opening, or from a sentence's start, to its question mark."""
    openings = [match.start for match in found.get("question_form", ())]
    spans = []
    for sentence in _SENTENCE.finditer(text.plain):
        start, end = sentence.span()
        inside = [opening for opening in openings if start <= opening < end]
        if inside:
            spans.append((min(inside) + 2, end))
        elif sentence[0].endswith("?"):
            comma = sentence[0].rfind(" , ")
            spans.append((start + max(comma, 0), end))
    return spans


def _asked(match: Found, spans: list[tuple[int, int]]) -> bool:
    return any(start <= match.start < end for start, end in spans)


def read_answer(text: Text, found: Mapping[str, list[Found]]) -> Answer:
    """Say whether a text answers yes, no or maybe; what it asks is no answer."""
    spans = question_spans(text, found)
    whole = len(text.words) <= 3
    kept = [
        match
        for match in longest(found, LABELS)
        if match.label != "neutral" and (not _asked(match, spans) or (whole and match.label != "yes"))
    ]
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
        return Answer()
    for word in ("no", "yes", "maybe"):
        if word in text.emoji:
            return Answer(word, 0.6, "answer: an emoji")
    return Answer()
