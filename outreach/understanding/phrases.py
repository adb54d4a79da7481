from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from outreach.understanding import artefact
from outreach.understanding.normalise import Text


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


def candidates(words: Iterable[str]) -> set[int]:
    """Give the numbers of the phrases that these words make possible."""
    lexicon = artefact.load()
    numbers: set[int] = set()
    for word in words:
        if word in lexicon.by_word:
            numbers.update(lexicon.by_word[word])
        if word[:3] in lexicon.by_stem:
            numbers.update(lexicon.by_stem[word[:3]])
    return numbers


def find(text: Text) -> Mapping[str, list[Found]]:
    """Find every phrase of the lexicon in a text, by label."""
    phrases, besides, plain, pattern = artefact.load().phrases, artefact.load().besides, text.plain, artefact.pattern
    found: dict[str, list[Found]] = {}
    words = set(text.words)
    for number in candidates(words):
        if besides[number] and besides[number].isdisjoint(words):
            continue
        if pattern(number).search(plain):
            label = phrases[number][0]
            places = found.setdefault(label, [])
            places.extend(Found(label, match.start(), match.end()) for match in pattern(number).finditer(plain))
    return found


def without_overlaps(matches: Iterable[Found], rank: Sequence[str] = ()) -> list[Found]:
    """Keep, where matches overlap, the longest, of equal ones the label that ``rank`` names first; in the text's order."""
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
