import json
import math
from base64 import b85decode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.features import Feature, Number, Numbers, numbers_of
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
"""Numbers beyond those of the file that are kept: of words, and of what rules say together."""


class Model:
    """What was learnt: for each feature the weights of all outputs, side by side in one number of 32 bits a piece."""

    def __init__(self, weights: Mapping[Feature, int]) -> None:
        self.weights = weights
        self._numbers = Numbers(weights)

    @property
    def numbers(self) -> Numbers:
        """Give the numbers of what is counted; they are forgotten when words of too many kinds came by."""
        if self._numbers.remembered > KEPT:
            self._numbers = Numbers(self.weights)
        return self._numbers

    @staticmethod
    def scores(found: Iterable[Number], numbers: Numbers) -> list[int]:
        """Add up the weights of what was counted, in fiftieths for each output: one sum adds them all at once."""
        total = sum(map(numbers.sums.__getitem__, found), FLOORS)
        return [lane - FLOOR for lane in LANES.unpack(total.to_bytes(LANES.size, "little"))]


class Guess(NamedTuple):
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


def likelihoods(scores: Sequence[float], scale: float = 1) -> list[float]:
    """Turn scores, so many to a whole one, into likelihoods that together are 1."""
    highest = max(scores)
    powers = [math.exp((score - highest) / scale) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def likelihood(score: float) -> float:
    """Turn one score into the likelihood of one thing."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def guess(evidence: Evidence, verdicts: Sequence[Verdict], learnt: Model | None = None) -> Guess:
    """Guess, from the words and from what the rules make of them, how likely each intent and each alarm is."""
    learned = learnt or model()
    numbers = learned.numbers
    scores = learned.scores(numbers_of(evidence, verdicts, numbers), numbers)
    shares = likelihoods(scores[: len(INTENTS)], SCALE)
    alarms = [likelihood(score / SCALE) for score in scores[len(INTENTS) :]]
    return Guess(dict(zip(INTENTS, shares, strict=True)), dict(zip(ALARMS, alarms, strict=True)))
