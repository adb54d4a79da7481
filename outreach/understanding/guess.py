import json
import math
from base64 import b85decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain, pairwise, repeat
from pathlib import Path
from struct import Struct
from typing import NamedTuple

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
FLOOR = 1 << 31
"""What is added to each output's sum before it is read, so that none is negative."""
FLOORS = int.from_bytes(LANES.pack(*[FLOOR] * len(OUTPUTS)), "little")
ZEROS = int.from_bytes(LANES.pack(*[ZERO] * len(OUTPUTS)), "little")
BESIDE = "\t"
"""What stands in the file between words or kinds that are counted together."""
KEPT = 20_000
"""Groups of features whose sums are kept."""
LONGEST_READ = 60
"""Words that are counted."""
STEMS = (4, 5)
NEAR = 5
"""Words within which two kinds of word make a pair."""
REACH = 4
"""Words after a "not" that it may belong to."""


Feature = str | tuple[str, ...]
"""What is counted: a word or what is told of the text; of words and kinds that stand together, all of them."""


class Features(NamedTuple):
    """What is counted of a text: features that stand for themselves, and groups of those that always come together."""

    single: set[Feature]
    groups: list[tuple[str, ...]]

    def names(self) -> list[Feature]:
        """Give every feature, as often as it counts."""
        return [*self.single, *chain.from_iterable(self.groups)]


@dataclass(frozen=True)
class Model:
    """What was learnt: for each feature the weights of all outputs, side by side in one number of 32 bits a piece."""

    weights: Mapping[Feature, int]
    _sums: dict[tuple[str, ...], int] = field(default_factory=dict, repr=False, compare=False)

    def scores(self, features: Features) -> Sequence[float]:
        """Add up the weights of these features, for each output: one sum adds them all at once."""
        total = sum(filter(None, map(self.weights.get, features.single))) + sum(map(self._sum_of, features.groups))
        return [(lane - FLOOR) / SCALE for lane in LANES.unpack((total + FLOORS).to_bytes(LANES.size, "little"))]

    def _sum_of(self, group: tuple[str, ...]) -> int:
        """Add up a group, once: words come again and again."""
        total = self._sums.get(group)
        if total is None:
            if len(self._sums) >= KEPT:
                self._sums.clear()
            total = self._sums[group] = sum(self.weights.get(feature, 0) for feature in group)
        return total


@dataclass(frozen=True)
class Guess:
    """How likely each intent is, all together 1, and how likely each alarm."""

    shares: Mapping[str, float]
    alarms: Mapping[str, float]


def written(feature: Feature) -> str:
    """Give a feature as it stands in the file."""
    return feature if isinstance(feature, str) else BESIDE.join(feature)


def from_written(name: str) -> Feature:
    """Read a feature as it stands in the file."""
    return tuple(name.split(BESIDE)) if BESIDE in name else name


def unpack(names: Sequence[Feature], packed: bytes) -> Model:
    """Make a model of its features' names and their weights, a byte for each output."""
    spread = bytearray(4 * len(packed))
    spread[::4] = packed
    numbers = (int.from_bytes(spread[at : at + LANES.size], "little") for at in range(0, len(spread), LANES.size))
    return Model({name: number - ZEROS for name, number in zip(names, numbers, strict=True)})


@cache
def model() -> Model:
    """Read what was learnt, once."""
    raw = json.loads(PATH.read_text(encoding="utf-8"))
    return unpack([from_written(name) for name in raw["features"].split("\n")], b85decode(raw["weights"]))


@lru_cache(maxsize=20_000)
def kinds(word: str) -> tuple[str, ...]:
    """Give the kinds of word (lexicon/kin.yaml) that this one is of."""
    whole, stems = artefact.load().kin, artefact.load().kin_stems
    found = set(whole.get(word, ()))
    for end in range(3, len(word) + 1):
        found.update(stems.get(word[:end], ()))
    return tuple(sorted(found))


@lru_cache(maxsize=KEPT)
def of_word(word: str, context: str, *, denied: bool) -> tuple[str, ...]:
    """Give what is counted of a word alone: itself, its stems, what we had asked, and whether a "not" stands before it."""
    stems = (word[:length] + "*" for length in STEMS if len(word) > length)
    return (word, f"{context}:{word}", *stems, *(("!" + word,) if denied else ()))


def word_features(text: Text, context: str) -> Features:
    """Give what is counted of a text's words: themselves, their neighbours, and what stands behind a "not"."""
    words = text.words[:LONGEST_READ]
    single: set[Feature] = {f"c={context}", f"len {min(len(words).bit_length(), 6)}"}
    single.update([f"emoji {meaning}" for meaning in text.emoji])
    if text.asks:
        single |= {"?", f"? {context}"}
    if text.has_other_script:
        single.add("script")
    single.update(pairwise(("<", *words, ">")))
    single.update(zip(("<", *words), repeat(""), words[1:], strict=False))
    reached = 0
    groups: dict[tuple[str, ...], None] = {}
    for word in words:
        groups[of_word(word, context, denied=reached > 0)] = None
        reached = REACH if "neg" in kinds(word) else reached - 1
    return Features(single, list(groups))


def kind_features(text: Text) -> set[Feature]:
    """Give the kinds of word in a text, and which kind follows which within a sentence."""
    found: set[Feature] = set()
    recent: list[tuple[int, str]] = []
    for place, token in enumerate(text.tokens[: 2 * LONGEST_READ]):
        if token in ".!?;":
            recent = []
            continue
        own = kinds(token)
        if not own:
            continue
        recent = [each for each in recent if place - each[0] <= NEAR]
        for kind in own:
            found.add(("k", kind))
            found.update([("k", before, kind) for _, before in recent])
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


def features(evidence: Evidence, verdicts: Sequence[Verdict]) -> Features:
    """Give all that the second reader counts."""
    words = word_features(evidence.text, evidence.context)
    words.single.update(kind_features(evidence.text), rule_features(evidence, verdicts))
    return words


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
