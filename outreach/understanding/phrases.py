from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from outreach.understanding import artefact
from outreach.understanding.normalise import Text

SHORTEST_STEM = 3
"""Letters of the shortest stem that a phrase is looked up by."""


class Found(NamedTuple):
    """A phrase of the lexicon found in a text: its label, and where it stands in ``Text.plain``."""

    label: str
    start: int
    end: int

    @property
    def length(self) -> int:
        """Give how many characters it covers."""
        return self.end - self.start

    def overlaps(self, other: "Found") -> bool:
        """Tell whether both cover a common character beyond the space between words."""
        return self.start < other.end - 1 and other.start < self.end - 1


Way = tuple[int, tuple[frozenset[str], ...]]
"""The number of a phrase that a word makes possible, and sets of words of each of which one must stand in the text too."""


@lru_cache(maxsize=20_000)
def phrases_of(word: str) -> tuple[Way, ...]:
    """Give the phrases that a word makes possible."""
    lexicon = artefact.load()
    stems = (lexicon.by_stem.get(word[:end], ()) for end in range(SHORTEST_STEM, len(word) + 1))
    rows = chain(lexicon.by_word.get(word, ()), *stems)
    return tuple((number, tuple(sorted((lexicon.sets[s] for s in sets), key=len))) for number, *sets in rows)


def find(text: Text) -> Mapping[str, list[Found]]:
    """Find every phrase of the lexicon in a text, by label."""
    phrases, plain, words = artefact.load().phrases, text.plain, set(text.words)
    found: dict[str, list[Found]] = {}
    for number in _possible(words):
        label, regex, literal = phrases[number]
        places = _places_of_words(label, regex, plain) if literal else _places(label, regex, plain)
        if places:
            found[label] = found[label] + places if label in found else places
    return found


def _possible(words: AbstractSet[str]) -> set[int]:
    """Give the numbers of the phrases that these words make possible."""
    possible = set[int]()
    for number, besides in chain.from_iterable(map(phrases_of, words)):
        for one_of in besides:
            if one_of.isdisjoint(words):
                break
        else:
            possible.add(number)
    return possible


def _places(label: str, regex: str, plain: str) -> list[Found]:
    """Give where a regular expression matches; most do not, so that it is searched, not iterated."""
    search = artefact.pattern(regex).search
    places, match = [], search(plain)
    while match:
        start, end = match.span()
        places.append(Found(label, start, end))
        match = search(plain, end)
    return places


def _places_of_words(label: str, words: str, plain: str) -> list[Found]:
    """Give where these words stand."""
    places, at = [], plain.find(f"{words} ")
    while at >= 0:
        places.append(Found(label, at, at + len(words)))
        at = plain.find(f"{words} ", at + 1)
    return places


def without_overlaps(matches: Iterable[Found], rank: Sequence[str] = ()) -> list[Found]:
    """Keep, where matches overlap, the longest, of equal ones the label that ``rank`` names first; in the text's order."""
    matches = list(matches)
    if len(matches) < 2:
        return matches
    kept: list[Found] = []
    ranks = {label: place for place, label in enumerate(rank)}
    for match in sorted(matches, key=lambda m: (-m.length, m.start, ranks.get(m.label, len(ranks)), m.label)):
        if not any(match.overlaps(other) for other in kept):
            kept.append(match)
    return sorted(kept, key=lambda m: m.start)


def longest(found: Mapping[str, list[Found]], labels: Sequence[str]) -> list[Found]:
    """Keep, where phrases of these labels overlap, the longest, of equal ones the first label's; in the text's order."""
    return without_overlaps((match for label in labels for match in found.get(label, ())), labels)


def rule_of(label: str) -> str:
    """Give the rule behind a label, in words for organizers."""
    return artefact.load().rules[label]
