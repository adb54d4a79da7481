import json
import math
from base64 import b85decode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from struct import Struct

from outreach.understanding import artefact
from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.normalise import Text
from outreach.understanding.reading import Intent

PATH = Path(__file__).with_name("guess.json")
"""Weights learnt by train_guess.py."""
INTENTS = tuple(str(intent) for intent in Intent)
ALARMS = ("out", "hold", "person", "distress")
"""What is weighed beside the intents, each for itself: an opt-out, a wish to be left for now, whether a person must look."""
OUTPUTS = (*INTENTS, *ALARMS)
LANES = Struct(f"<{len(OUTPUTS)}I")
SCALE = 50
"""Weights are kept as fiftieths, one byte each."""
ZERO = 128
"""The byte that stands for no weight."""
LONGEST_READ = 60
"""Words that are counted."""
STEMS = (4, 5)
NEAR = 5
"""Words within which two kinds of word make a pair."""
REACH = 4
"""Words after a "not" that it may belong to."""


@dataclass(frozen=True)
class Model:
    """What was learnt: for each feature the weights of all outputs, side by side in one number of 32 bits a piece."""

    weights: Mapping[str, int]

    def scores(self, features: Iterable[str]) -> Sequence[float]:
        """Add up the weights of these features, for each output: one sum adds them all at once."""
        known = [weight for feature in features if (weight := self.weights.get(feature)) is not None]
        base = ZERO * len(known)
        sums = LANES.unpack(sum(known).to_bytes(LANES.size, "little"))
        return [(lane - base) / SCALE for lane in sums]


@dataclass(frozen=True)
class Guess:
    """How likely each intent is, all together 1, and how likely each alarm."""

    shares: Mapping[str, float]
    alarms: Mapping[str, float]


def unpack(names: Sequence[str], packed: bytes) -> Model:
    """Make a model of its features' names and their weights, a byte for each output."""
    spread = bytearray(4 * len(packed))
    spread[::4] = packed
    numbers = (int.from_bytes(spread[at : at + LANES.size], "little") for at in range(0, len(spread), LANES.size))
    return Model(dict(zip(names, numbers, strict=True)))


@cache
def model() -> Model:
    """Read what was learnt, once."""
    raw = json.loads(PATH.read_text(encoding="utf-8"))
    return unpack(raw["features"].split("\n"), b85decode(raw["weights"]))


@lru_cache(maxsize=20_000)
def kinds(word: str) -> tuple[str, ...]:
    """Give the kinds of word (lexicon/kin.yaml) that this one is of."""
    whole, stems = artefact.load().kin, artefact.load().kin_stems
    found = set(whole.get(word, ()))
    for end in range(3, len(word) + 1):
        found.update(stems.get(word[:end], ()))
    return tuple(sorted(found))


def word_features(text: Text, context: str) -> set[str]:
    """Give what is counted of a text's words: themselves, their stems, neighbours, and what stands behind a "not"."""
    words = text.words[:LONGEST_READ]
    found = {f"c={context}", f"len {min(len(words).bit_length(), 6)}", *(f"emoji {meaning}" for meaning in text.emoji)}
    if text.asks:
        found |= {"?", f"? {context}"}
    if text.has_other_script:
        found.add("script")
    last, before_last, denied = "<", "", 0
    for word in words:
        found |= {word, f"{last} {word}", f"{context}:{word}", f"{before_last} _ {word}"}
        for length in STEMS:
            if len(word) > length:
                found.add(word[:length] + "*")
        if denied:
            found.add("!" + word)
            denied -= 1
        if "neg" in kinds(word):
            denied = REACH
        before_last, last = last, word
    found.add(f"{last} >")
    return found


def kind_features(text: Text) -> set[str]:
    """Give the kinds of word in a text, and which kind follows which within a sentence."""
    found: set[str] = set()
    recent: list[tuple[int, str]] = []
    for place, token in enumerate(text.tokens[: 2 * LONGEST_READ]):
        if token in ".!?;":
            recent = []
            continue
        recent = [(at, kind) for at, kind in recent if place - at <= NEAR]
        own = kinds(token)
        for kind in own:
            found.add("k " + kind)
            found.update([f"k {before} {kind}" for _, before in recent])
        recent += [(place, kind) for kind in own]
    return found


def rule_features(evidence: Evidence, verdicts: Sequence[Verdict]) -> set[str]:
    """Give what the rules make of a text: the verdicts in their order, the answer heard, and the phrases found.

    Days, needs and topics are left out: their rules change often, and nothing was gained by them.
    """
    first, *others = verdicts
    context, answer = evidence.context, f"answer {evidence.answer.word} {evidence.answer.firm:d}"
    length = min(len(evidence.text.words) // 4, 5)
    return {
        f"first {first.intent}",
        f"first {first.intent} {context}",
        f"first {first.intent} {length}",
        f"rule {first.rule}",
        f"verdicts {min(len(verdicts), 4)}",
        answer,
        f"{answer} {context}",
        f"consent {evidence.consent.wish}",
        *(f"also {verdict.intent}" for verdict in others),
        *(f"then {first.intent} {verdict.intent}" for verdict in others[:1]),
        *("#" + label for label in evidence.found),
    }


def features(evidence: Evidence, verdicts: Sequence[Verdict]) -> set[str]:
    """Give all that the second reader counts."""
    return (
        word_features(evidence.text, evidence.context)
        | kind_features(evidence.text)
        | rule_features(evidence, verdicts)
    )


def likelihoods(scores: Sequence[float]) -> list[float]:
    """Turn scores into likelihoods that together are 1."""
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def likelihood(score: float) -> float:
    """Turn one score into the likelihood of one thing."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def guess(evidence: Evidence, verdicts: Sequence[Verdict], learnt: Model | None = None) -> Guess:
    """Guess, from the words and from what the rules make of them, how likely each intent and each alarm is."""
    scores = (learnt or model()).scores(features(evidence, verdicts))
    shares = likelihoods(scores[: len(INTENTS)])
    alarms = [likelihood(score) for score in scores[len(INTENTS) :]]
    return Guess(dict(zip(INTENTS, shares, strict=True)), dict(zip(ALARMS, alarms, strict=True)))
