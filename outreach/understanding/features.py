"""What the second reader counts of a text: words, their neighbours, kinds of word, and what the rules say.

Whatever is counted has a number, and what always comes together (a word, its stems, the word under our question) has one
between them: so a text is some sixty looks into tables that remember words, never texts.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from itertools import count
from typing import NamedTuple, TypeVar

from outreach.understanding import artefact
from outreach.understanding.evidence import Evidence, Verdict
from outreach.understanding.normalise import Text

LONGEST_READ = 60
"""Words that are counted."""
STEMS = (4, 5)
NEAR = 5
"""Words within which two kinds of word make a pair."""
REACH = 4
"""Words after a "not" that it may belong to."""
ENDS = frozenset(".!?;")
"""Signs over which no kinds make a pair."""

Key = TypeVar("Key")
Value = TypeVar("Value")
Feature = str | tuple[str, ...]
"""What is counted: a word or what is told of the text; of words and kinds that stand together, all of them.

Two words beside each other are (one, other), two with any word between them (one, "", other), a kind is ("k", kind) and
a kind somewhere before another ("k", one, other).
"""
Number = int | None
"""The number of what is counted; None where nothing was learnt of it."""


_NOTHING: Callable[[str], Number] = dict[str, int]().get
"""Where nothing is found: before the first word there is none."""


class Memo(dict[Key, Value]):
    """What was made of each key, once."""

    def __init__(self, make: Callable[[Key], Value]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: Key) -> Value:
        """Make the value; where two threads make one, both get the first."""
        return self.setdefault(key, self._make(key))


class Word(NamedTuple):
    """What is known of a word: its numbers, plain and behind a "not", and where to look up the word behind it."""

    plain: int
    denied: int
    next_to: Callable[[str], Number]
    next_but_one: Callable[[str], Number]
    denies: bool


class Kinds:
    """The kinds that a word is of: their numbers, and those of the pairs that they make with the kinds behind them."""

    def __init__(self, kinds: Sequence[str], numbers: "Numbers") -> None:
        self.kinds = kinds
        self.numbers = [numbers.of(("k", kind)) for kind in kinds]
        self.before: Memo[Kinds, list[Number]] = Memo(
            lambda other: numbers.of_all([("k", one, two) for one in kinds for two in other.kinds])
        )


class Numbers:
    """The numbers of all that may be counted, and for each number the weights behind it, already added up."""

    def __init__(self, weights: Mapping[Feature, int]) -> None:
        self.weights = weights
        self.sums: dict[Number, int] = {None: 0}
        self._free = count()
        self._learnt = {feature: self.number((feature,)) for feature in weights if isinstance(feature, tuple)}
        self._next_to: dict[str, dict[str, int]] = {}
        self._next_but_one: dict[str, dict[str, int]] = {}
        for feature, number in self._learnt.items():
            pairs = self._next_to if len(feature) == 2 else self._next_but_one if not feature[1] else {}
            pairs.setdefault(feature[0], {})[feature[-1]] = number
        self._own = len(self.sums)
        self._kinds: Memo[tuple[str, ...], Kinds] = Memo(lambda names: Kinds(names, self))
        self.texts = Memo(self._of_text)
        self.words: Memo[str, Memo[str, Word]] = Memo(lambda context: Memo(lambda word: self._of_word(word, context)))
        self.kinds: Memo[str, Kinds | None] = Memo(self._kinds_of)
        self.emoji: Memo[str, int] = Memo(lambda meaning: self.number((f"emoji {meaning}",)))
        self.firsts = Memo(self._of_first)
        self.verdicts = Memo(self._of_verdicts)
        self.heard = Memo(self._of_heard)
        self.labels: Memo[str, int] = Memo(lambda label: self.number((f"#{label}",)))

    @property
    def remembered(self) -> int:
        """Give how much was remembered since it was made."""
        return len(self.sums) - self._own

    def number(self, features: Sequence[Feature]) -> int:
        """Give a number of their own to features that always come together."""
        number = next(self._free)
        self.sums[number] = sum(self.weights.get(feature, 0) for feature in features)
        return number

    def of(self, feature: tuple[str, ...]) -> Number:
        """Give the number of words or kinds that stand together."""
        return self._learnt.get(feature)

    def of_all(self, features: Sequence[tuple[str, ...]]) -> list[Number]:
        """Give the numbers of some of them, where something was learnt."""
        return [number for number in map(self.of, features) if number is not None]

    def next_to(self, word: str) -> Callable[[str], Number]:
        """Give where to look up what stands right behind a word."""
        return self._next_to.get(word, {}).get

    def next_but_one(self, word: str) -> Callable[[str], Number]:
        """Give where to look up what stands behind a word and another."""
        return self._next_but_one.get(word, {}).get

    def _of_word(self, word: str, context: str) -> Word:
        stems = (word[:length] + "*" for length in STEMS if len(word) > length)
        own = (word, f"{context}:{word}", *stems)
        denied = self.number((*own, "!" + word))
        return Word(self.number(own), denied, self.next_to(word), self.next_but_one(word), "neg" in kinds(word))

    def _kinds_of(self, token: str) -> Kinds | None:
        found = kinds(token)
        return self._kinds[found] if found or token in ENDS else None

    def _of_text(self, told: tuple[str, int, bool, bool]) -> int:
        context, length, asks, has_other_script = told
        asked = ("?", f"? {context}") if asks else ()
        return self.number((f"c={context}", f"len {length}", *asked, *(("script",) if has_other_script else ())))

    def _of_first(self, told: tuple[str, str, str, int]) -> int:
        intent, rule, context, length = told
        return self.number((f"first {intent}", f"first {intent} {context}", f"first {intent} {length}", f"rule {rule}"))

    def _of_verdicts(self, intents: tuple[str, ...]) -> int:
        first, *others = intents
        also = [f"also {intent}" for intent in dict.fromkeys(others)]
        then = [f"then {first} {intent}" for intent in others[:1]]
        return self.number((f"verdicts {min(len(intents), 4)}", *also, *then))

    def _of_heard(self, told: tuple[str, bool, str, str]) -> int:
        word, firm, wish, context = told
        answer = f"answer {word} {firm:d}"
        return self.number((answer, f"{answer} {context}", f"consent {wish}"))


@lru_cache(maxsize=20_000)
def kinds(word: str) -> tuple[str, ...]:
    """Give the kinds of word (lexicon/kin.yaml) that this one is of."""
    whole, stems = artefact.load().kin, artefact.load().kin_stems
    found = set(whole.get(word, ()))
    for end in range(3, len(word) + 1):
        found.update(stems.get(word[:end], ()))
    return tuple(sorted(found))


def of_words(text: Text, context: str, numbers: Numbers) -> list[Number]:
    """Count a text's words: themselves, their neighbours, and what stands behind a "not"."""
    words, known = text.words[:LONGEST_READ], numbers.words[context]
    length = min(len(words).bit_length(), 6)
    found: list[Number] = [numbers.texts[context, length, text.asks, text.has_other_script]]
    found += map(numbers.emoji.__getitem__, text.emoji)
    next_to, next_but_one, skipped = numbers.next_to("<"), numbers.next_but_one("<"), _NOTHING
    reached = 0
    for word in words:
        found.append(next_to(word))
        found.append(skipped(word))
        skipped = next_but_one
        plain, denied, next_to, next_but_one, denies = known[word]
        found.append(denied if reached > 0 else plain)
        reached = REACH if denies else reached - 1
    found.append(next_to(">"))
    return found


def of_kinds(text: Text, numbers: Numbers) -> list[Number]:
    """Count the kinds of word in a text, and which kind follows which within a sentence."""
    found: list[Number] = []
    known = numbers.kinds
    recent: deque[tuple[int, Kinds]] = deque(maxlen=NEAR)
    for place, token in enumerate(text.tokens[: 2 * LONGEST_READ]):
        own = known[token]
        if own is None:
            continue
        if not own.kinds:
            recent.clear()
            continue
        found += own.numbers
        for at, before in recent:
            if place - at <= NEAR:
                found += before.before[own]
        recent.append((place, own))
    return found


def of_rules(evidence: Evidence, verdicts: Sequence[Verdict], numbers: Numbers) -> list[Number]:
    """Count what the rules make of a text: the verdicts in their order, the answer heard, and the phrases found.

    Days, needs and topics are left out: their rules change often, and nothing was gained by them.
    """
    first, answer, context = verdicts[0], evidence.answer, evidence.context
    return [
        numbers.firsts[first.intent, first.rule, context, min(len(evidence.text.words) // 4, 5)],
        numbers.verdicts[tuple([verdict.intent for verdict in verdicts])],
        numbers.heard[answer.word, answer.firm, evidence.consent.wish, context],
        *map(numbers.labels.__getitem__, evidence.found),
    ]


def numbers_of(evidence: Evidence, verdicts: Sequence[Verdict], numbers: Numbers) -> set[Number]:
    """Count all that the second reader counts, each thing once."""
    found = of_words(evidence.text, evidence.context, numbers)
    found += of_kinds(evidence.text, numbers)
    found += of_rules(evidence, verdicts, numbers)
    return set(found)
