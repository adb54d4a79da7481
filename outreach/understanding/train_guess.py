import argparse
import json
import random
from base64 import b85encode
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from outreach.understanding.compile_lexicon import entries, lexicon_files
from outreach.understanding.features import Feature, Memo, Number, Numbers, numbers_of, of_kinds, of_words
from outreach.understanding.guess import (
    ALARMS,
    INTENTS,
    OUTPUTS,
    PATH,
    SCALE,
    ZERO,
    Model,
    likelihood,
    likelihoods,
    unpack,
    written,
)
from outreach.understanding.ladder import gather, rules_say
from outreach.understanding.normalise import normalise
from outreach.understanding.quoted import unquote
from outreach.understanding.reading import MenuOption

NOW = datetime.fromisoformat("2026-03-10T10:00:00-07:00")
OFFERED = (
    MenuOption("1", "Sat 3/21 10am Boyle Heights", datetime.fromisoformat("2026-03-21T10:00:00-07:00")),
    MenuOption("2", "Tue 3/24 6:30pm Zoom", datetime.fromisoformat("2026-03-24T18:30:00-07:00")),
)
"""The world of the labelled replies; see tests/data/REPLIES.md."""
MENUS: Mapping[str, Sequence[MenuOption]] = {"inv": OFFERED[:1], "invm": OFFERED}
LABELLED = ("replies_own.jsonl", "replies_examples.jsonl", "replies_written.jsonl", "replies_paraphrased.jsonl")
SEEN = {
    "replies_own.jsonl": [(1, 99_999)],
    "replies_examples.jsonl": [(1, 99_999)],
    "replies_written.jsonl": [(1, 500), (3064, 5578), (7847, 10_918)],
}
"""The numbers of the lines, from and to, that lay at hand when rules were written: there the rules are right far more often than
elsewhere, so what they say of those lines teaches nothing."""
EPOCHS, RATES, ACCEPTED = 16, (0.1, 0.005), 0.3
DECAY = (5.0,) * len(INTENTS) + (2.0,) * len(ALARMS)
"""How strongly the weights of each output are held near nothing."""
RARE = 3
"""A feature is learnt when at least so many lines have it."""
LEAST = 0.1
"""A feature is kept when at least one of its weights is so great. With two lines and 0.06 the model is twice as large, and
understands a tenth of a percent more."""
INTENT_OF_LABEL = {
    "yes": "yes", "yes_word": "yes", "no": "no", "no_word": "no", "maybe": "maybe", "stop": "stop", "stop_likely": "stop", "start": "start",
    "wrong_number": "wrong_number", "who": "who", "deceased": "deceased", "moved": "moved", "sensitive": "sensitive",
    "hostile": "hostile", "snooze": "snooze", "reschedule": "reschedule", "callback": "callback", "help": "help",
    "attended": "attended", "language": "language", "thanks": "thanks", "feedback": "feedback", "childcare": "need",
    "ride": "need", "wheelchair": "need", "asl": "need", "captions": "need", "hearing": "need", "masks": "need",
    "interpretation": "need", "remote": "need", "fragrance_free": "need", "food": "need",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A labelled reply: its features, and what each output should say of it (None where the label does not tell)."""

    features: Sequence[Feature]
    wanted: tuple[float | None, ...]


class Named(Numbers):
    """The numbers of all that is met, learnt or not, with the names behind each."""

    def __init__(self) -> None:
        self.names: dict[Number, Sequence[Feature]] = {}
        self._together: Memo[tuple[str, ...], int] = Memo(lambda feature: self.number((feature,)))
        super().__init__({})

    def number(self, features: Sequence[Feature]) -> int:
        """Give a number of their own to features that always come together."""
        number = super().number(features)
        self.names[number] = features
        return number

    def of(self, feature: tuple[str, ...]) -> int:
        """Give the number of words or kinds that stand together."""
        return self._together[feature]

    def next_to(self, word: str) -> Callable[[str], int]:
        """Give the numbers of what stands right behind a word."""
        return lambda following: self.of((word, following))

    def next_but_one(self, word: str) -> Callable[[str], int]:
        """Give the numbers of what stands behind a word and another."""
        return lambda following: self.of((word, "", following))


NAMED = Named()


def features_of(text: str, context: str, *, with_rules: bool) -> Sequence[Feature]:
    """Give the features of a text, as often as each counts; none when nothing in it is the writer's own."""
    words = normalise(unquote(text).own)
    if not words.tokens and not words.emoji:
        return ()
    if with_rules:
        evidence = gather(words, context, MENUS.get(context, ()), NOW)
        found = numbers_of(evidence, rules_say(evidence), NAMED)
    else:
        found = {*of_words(words, context, NAMED), *of_kinds(words, NAMED)}
    return [feature for number in found - {None} for feature in NAMED.names[number]]


def wanted_of(row: Mapping[str, Any]) -> tuple[float | None, ...]:
    """Give what the outputs should say: the intent, to a lesser part the others a fair judge accepts, and the alarms."""
    weights = {row["intent"]: 1.0, **dict.fromkeys(row["accept"], ACCEPTED)}
    total = sum(weights.values())
    intents = (weights.get(intent, 0.0) / total for intent in INTENTS)
    alarms = (row["opt_out"], row["suppress"] == "hold", row["human_review"], row["intent"] == "sensitive")
    return (*intents, *(float(alarm) for alarm in alarms))


def labelled_lines(folder: Path) -> Iterator[Line]:
    """Read the labelled replies; the set kept aside is not among them."""
    for name in LABELLED:
        for row in map(json.loads, (folder / name).read_text(encoding="utf-8").splitlines()):
            if found := features_of(row["text"], row["context"], with_rules=not is_seen(name, row["id"])):
                yield Line(found, wanted_of(row))


def is_seen(file: str, line: str) -> bool:
    """Tell whether a line lay at hand when rules were written."""
    return any(first <= int(line[1:]) <= last for first, last in SEEN.get(file, ()))


def lexicon_lines() -> Iterator[Line]:
    """Give the examples of the lexicon as labelled lines; they do not tell whether a person must see them."""
    for label, _, text in entries(lexicon_files()):
        intent = INTENT_OF_LABEL.get(label, "question" if label.startswith("topic_") else "")
        found = features_of(text, "inv", with_rules=False)
        if intent and found:
            intents = (float(name == intent) for name in INTENTS)
            yield Line(found, (*intents, float(intent == "stop"), None, None, float(intent == "sensitive")))


class Learner:
    """A softmax over the intents and a logistic regression for each alarm, fitted together step by step."""

    def __init__(self, lines: Sequence[Line]) -> None:
        counts = Counter(feature for line in lines for feature in set(line.features))
        self.names = sorted((feature for feature, count in counts.items() if count >= RARE), key=written)
        numbers = {name: number for number, name in enumerate(self.names)}
        self.shares = [1 / counts[name] for name in self.names]
        self.weights = [[0.0] * len(OUTPUTS) for _ in self.names]
        self.lines = [
            ([numbers[f] for f in sorted(line.features, key=written) if f in numbers], line.wanted) for line in lines
        ]

    def fit(self, seed: int = 7) -> None:
        """Go over the lines again and again, in ever smaller steps; the same lines give the same weights."""
        chance = random.Random(seed)  # noqa: S311 - an order, not a secret
        first, last = RATES
        for epoch in range(EPOCHS):
            chance.shuffle(self.lines)
            for numbers, wanted in self.lines:
                self._step(numbers, wanted, first + (last - first) * epoch / (EPOCHS - 1))

    def _step(self, numbers: Sequence[int], wanted: Sequence[float | None], rate: float) -> None:
        scores = [sum(column) for column in zip(*(self.weights[n] for n in numbers), strict=True)]
        shares = likelihoods(scores[: len(INTENTS)]) + [likelihood(score) for score in scores[len(INTENTS) :]]
        for output, (share, want) in enumerate(zip(shares, wanted, strict=True)):
            if want is not None and abs(share - want) > 0.005:
                self._mend(numbers, output, share - want, rate)

    def _mend(self, numbers: Iterable[int], output: int, error: float, rate: float) -> None:
        held = DECAY[output]
        for number in numbers:
            weights = self.weights[number]
            weights[output] -= rate * (error + held * self.shares[number] * weights[output])

    def packed(self) -> tuple[list[Feature], bytes]:
        """Give the names of the features that matter, and their weights, a byte for each output."""
        kept = [(name, row) for name, row in zip(self.names, self.weights, strict=True) if max(map(abs, row)) >= LEAST]
        weights = (max(1, min(255, round(weight * SCALE) + ZERO)) for _, row in kept for weight in row)
        return [name for name, _ in kept], bytes(weights)


def train(lines: Sequence[Line]) -> Model:
    """Learn from these lines."""
    learner = Learner(lines)
    learner.fit()
    return unpack(*learner.packed())


def main() -> None:
    """Train on the labelled lines of a folder and write the weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path, help="where the labelled replies lie, such as tests/data")
    asked = parser.parse_args()
    learner = Learner([*labelled_lines(asked.folder), *lexicon_lines()])
    learner.fit()
    names, weights = learner.packed()
    kept = {"features": "\n".join(map(written, names)), "weights": b85encode(weights).decode("ascii")}
    PATH.write_text(json.dumps(kept, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
