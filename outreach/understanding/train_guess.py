import argparse
import json
import math
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from outreach.understanding.compile_lexicon import entries, lexicon_files
from outreach.understanding.guess import PATH, SCALE, features, likelihoods
from outreach.understanding.normalise import normalise
from outreach.understanding.phrases import find
from outreach.understanding.quoted import unquote
from outreach.understanding.reading import Intent

Weights = dict[str, dict[str, float]]
Line = tuple[list[str], str]
EPOCHS, RATE, DECAY = 30, 0.3, 2e-5
INTENTS = tuple(str(intent) for intent in Intent)
LABELLED = ("replies_own.jsonl", "replies_written.jsonl")
INTENT_OF_LABEL = {
    "yes": "yes", "yes_word": "yes", "no": "no", "no_word": "no", "maybe": "maybe", "stop": "stop", "start": "start",
    "wrong_number": "wrong_number", "who": "who", "deceased": "deceased", "moved": "moved", "sensitive": "sensitive",
    "hostile": "hostile", "snooze": "snooze", "reschedule": "reschedule", "callback": "callback", "help": "help",
    "attended": "attended", "language": "language", "thanks": "thanks", "feedback": "feedback", "childcare": "need",
    "ride": "need", "wheelchair": "need", "asl": "need", "captions": "need", "hearing": "need", "masks": "need",
    "interpretation": "need", "remote": "need", "fragrance_free": "need", "food": "need",
}  # fmt: skip


def line(text: str, context: str, intent: str) -> Line:
    """Give a labelled text as its features and its intent."""
    words = normalise(unquote(text).own)
    return list(features(words, sorted(find(words)), context)), intent


def labelled_lines(folder: Path) -> list[Line]:
    """Read our own labelled replies; the set kept aside is not among them."""
    rows = [json.loads(row) for name in LABELLED for row in (folder / name).read_text(encoding="utf-8").splitlines()]
    return [line(row["text"], row["context"], row["intent"]) for row in rows]


def lexicon_lines() -> list[Line]:
    """Give the examples of the lexicon as labelled lines."""
    found = entries(lexicon_files())
    examples = [
        (INTENT_OF_LABEL.get(label, "question" if label.startswith("topic_") else ""), text) for label, _, text in found
    ]
    return [line(text, "inv", intent) for intent, text in examples if intent]


def train(lines: Sequence[Line], seed: int = 7) -> Weights:
    """Fit a softmax regression by AdaGrad; the same lines give the same weights."""
    weights: Weights = defaultdict(lambda: defaultdict(float))
    weights["bias"].update(dict.fromkeys(INTENTS, 0.0))
    squares: Weights = defaultdict(lambda: defaultdict(lambda: 1e-6))
    order, chance = list(lines), random.Random(seed)  # noqa: S311 - an order, not a secret
    for _ in range(EPOCHS):
        chance.shuffle(order)
        for found, intent in order:
            _step(weights, squares, found, intent)
    return weights


def _step(weights: Weights, squares: Weights, found: Iterable[str], intent: str) -> None:
    shares = likelihoods(list(found), weights)
    for name, share in shares.items():
        error = share - (name == intent)
        if abs(error) < 0.01:
            continue
        for feature in found:
            slope = error + DECAY * weights[feature][name]
            squares[feature][name] += slope * slope
            weights[feature][name] -= RATE * slope / math.sqrt(squares[feature][name] + 1)


def cross_validated(lines: Sequence[Line], always: Sequence[Line], folds: int = 5) -> float:
    """Give the share of lines that a model trained on the others reads right."""
    hits = 0
    for fold in range(folds):
        weights = train([x for n, x in enumerate(lines) if n % folds != fold] + list(always))
        for found, intent in lines[fold::folds]:
            shares = likelihoods([f for f in found if f in weights], weights)
            hits += max(shares, key=lambda name: shares[name]) == intent
    return hits / len(lines)


def as_text(weights: Weights, least: float = 0.2) -> str:
    """Give the weights as they are kept: hundredths, the small ones left out."""
    kept = {
        feature: {i: round(w * SCALE) for i, w in sorted(by.items()) if abs(w) >= least or feature == "bias"}
        for feature, by in sorted(weights.items())
    }
    return json.dumps({f: by for f, by in kept.items() if by}, ensure_ascii=False, separators=(",", ":")) + "\n"


def main() -> None:
    """Train on the labelled lines of a folder and write the weights; or, with --check, cross-validate."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where the labelled replies lie, such as tests/data")
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    lines, examples = labelled_lines(asked.folder), lexicon_lines()
    if asked.check:
        print(f"{cross_validated(lines, examples):.1%} of {len(lines)}")  # noqa: T201 - what the script is for
        return
    PATH.write_text(as_text(train([*lines, *examples])), encoding="utf-8")


if __name__ == "__main__":
    main()
