import json
import math
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

from outreach.understanding.normalise import Text

PATH = Path(__file__).with_name("guess.json")
"""Weights learnt by train_guess.py."""
SCALE = 100
"""Weights are kept as hundredths."""
STEM = 5
Weights = Mapping[str, Mapping[str, float]]


@cache
def weights() -> Weights:
    """Read the weights: for each feature, hundredths by intent."""
    loaded: dict[str, dict[str, float]] = json.loads(PATH.read_text(encoding="utf-8"))
    return loaded


def features(text: Text, labels: Iterable[str], context: str) -> Iterator[str]:
    """Give what is counted of a text: words, their stems, pairs of words, phrases found, and what we had asked."""
    yield "bias"
    yield f"context {context}"
    if text.asks:
        yield "asks"
    before = "<"
    for word in text.words[:40]:
        yield word
        yield f"{before} {word}"
        if len(word) > STEM:
            yield f"{word[:STEM]}*"
        before = word
    yield f"{before} >"
    for label in labels:
        yield f"#{label}"


def likelihoods(found: Iterable[str], by_feature: Weights, scale: float = 1.0) -> dict[str, float]:
    """Give how likely each intent is, all together 1."""
    scores = dict.fromkeys(by_feature["bias"], 0.0)
    for feature in found:
        by_intent = by_feature.get(feature)
        if by_intent:
            for intent, weight in by_intent.items():
                scores[intent] += weight
    highest = max(scores.values())
    powers = {intent: math.exp((score - highest) / scale) for intent, score in scores.items()}
    total = sum(powers.values())
    return {intent: power / total for intent, power in powers.items()}


def guess(text: Text, labels: Iterable[str], context: str) -> dict[str, float]:
    """Guess from what a text is made of how likely each intent is."""
    return likelihoods(features(text, labels, context), weights(), SCALE)
