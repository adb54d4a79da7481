from collections.abc import Mapping
from dataclasses import dataclass

from outreach.understanding import artefact
from outreach.understanding.normalise import Text
from outreach.understanding.phrases import Found, longest, rule_of

CONSENT = ("stop", "unambiguous_word", "hold", "shield", "start", "keep")
LEANING = (*CONSENT, "stop_likely")
WISHES = {
    "start": "start",
    "stop": "stop",
    "unambiguous_word": "stop",
    "stop_likely": "lean",
    "keep": "keep",
    "hold": "hold",
}
"""What each label wishes, the label that counts most first."""

LONGEST_FOREIGN = 12
"""Words up to which a word of a language that we do not read may ask us to stop."""


@dataclass(frozen=True)
class Consent:
    """What a text says of being texted: ``stop``, ``lean`` (stop, likely), ``start``, ``keep``, ``hold`` or nothing; ``rule`` says why."""

    wish: str = ""
    rule: str = ""


NO_WISH = Consent()


def is_opt_out_word(text: Text) -> bool:
    """Tell whether the whole text is an opt-out word, politeness, repetition and emoji aside."""
    lists = artefact.load().lists
    words, polite = lists["opt_out_words"], lists["polite_words"]
    if text.bare in words:
        return True
    kept = [word for word in text.words if word not in polite]
    return bool(kept) and (" ".join(kept) in words or all(word in words for word in kept))


def read_consent(text: Text, found: Mapping[str, list[Found]]) -> Consent:
    """Say whether a text asks us to stop, to start again, or stands between."""
    if is_opt_out_word(text):
        return Consent("stop", "consent: writes an opt-out word")
    if not text.words and "stop" in text.emoji:
        return Consent("stop", "consent: sends a stop sign")
    if text.has_other_script and (wish := _in_another_script(text)):
        return Consent(wish, "consent: asks us to stop, in another language")
    if _in_another_language(text):
        return Consent("stop", "consent: asks us to stop, in another language")
    if found.keys().isdisjoint(LEANING):
        return NO_WISH
    kept = {match.label for match in longest(found, CONSENT)}
    leans = any(match.label == "stop_likely" for match in longest(found, LEANING))
    heard = [label for label in WISHES if label in kept or (label == "stop_likely" and leans)]
    return Consent(WISHES[heard[0]], rule_of(heard[0])) if heard else NO_WISH


def _in_another_script(text: Text) -> str:
    phrases = artefact.load().lists["other_languages"]
    original = text.original.casefold()
    return "stop" if any(value == "stop" and phrase in original for phrase, value in phrases.items()) else ""


def _in_another_language(text: Text) -> bool:
    if len(text.words) > LONGEST_FOREIGN:
        return False
    words = artefact.load().lists["foreign_words"]
    return not words.keys().isdisjoint(text.words) and any(words.get(word) == "stop" for word in text.words)


def answers_stop_question(text: Text, found: Mapping[str, list[Found]], answer: str) -> str:
    """Say what an answer to "Want us to stop texting?" wishes: a yes is an opt-out, a no is none."""
    if "optq_no" in found or (
        answer == "no" and "optq_yes" not in found and text.words[:1] not in {("yes",), ("yeah",), ("si",)}
    ):
        return "stay"
    if answer == "yes" or "optq_yes" in found or (not text.words and {"yes", "stop"} & set(text.emoji)):
        return "stop"
    return ""
