import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

PATH = Path(__file__).with_name("lexicon.json")
"""The lexicon compiled by compile_lexicon.py: read at the first reply, so that importing costs nothing."""


class Phrase(NamedTuple):
    """A phrase: its label, and the words or the regular expression that it is sought by."""

    label: str
    regex: str
    literal: bool


@dataclass(frozen=True)
class Artefact:
    """The compiled lexicon: phrases with where to look them up, and what is known of single words.

    ``by_word`` and ``by_stem`` give rows: the number of a phrase, and those of the ``sets`` of which a text that holds
    the phrase by this word holds one word each.
    """

    phrases: tuple[Phrase, ...]
    sets: tuple[frozenset[str], ...]
    by_word: Mapping[str, Sequence[Sequence[int]]]
    by_stem: Mapping[str, Sequence[Sequence[int]]]
    rules: Mapping[str, str]
    rewrites: Mapping[str, str]
    vocabulary: frozenset[str]
    fuzzy: frozenset[str]
    spelled_out: frozenset[str]
    split_words: frozenset[str]
    lists: Mapping[str, Mapping[str, str]]
    kin: Mapping[str, Sequence[str]]
    kin_stems: Mapping[str, Sequence[str]]


def is_literal(regex: str) -> bool:
    """Tell whether a regular expression is only words, each after a space."""
    return regex.replace(" ", "").isalnum()


@cache
def load() -> Artefact:
    """Read the compiled lexicon, once."""
    raw = json.loads(PATH.read_text(encoding="utf-8"))
    return Artefact(
        phrases=tuple(Phrase(label, regex, is_literal(regex)) for label, regex in raw["phrases"]),
        sets=tuple(frozenset(words.split()) for words in raw["sets"]),
        by_word=raw["by_word"],
        by_stem=raw["by_stem"],
        rules=raw["rules"],
        rewrites=raw["rewrites"],
        vocabulary=frozenset(raw["vocabulary"]),
        fuzzy=frozenset(raw["fuzzy"]),
        spelled_out=frozenset(raw["spelled_out"]),
        split_words=frozenset(raw["split_words"]),
        lists=raw["lists"],
        kin=raw["kin"],
        kin_stems=raw["kin_stems"],
    )


@cache
def pattern(regex: str) -> re.Pattern[str]:
    """Give a phrase's regular expression, compiled when first wanted; a word follows it, or the end."""
    return re.compile(regex + "(?= )")


def _without_one_letter(word: str) -> Iterator[str]:
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]


@cache
def _by_missing_letter() -> Mapping[str, tuple[str, ...]]:
    index: dict[str, tuple[str, ...]] = {}
    for word in sorted(load().fuzzy):
        for shorter in set(_without_one_letter(word)):
            index[shorter] = (*index.get(shorter, ()), word)
    return index


def is_slip(written: str, meant: str) -> bool:
    """Tell whether one slip of the thumb makes ``written`` of ``meant``: a letter too many, too few, wrong or swapped.

    Short words are trusted more: four letters may only be swapped, five not be wrong, and the first letter holds.
    """
    if sorted(written) == sorted(meant):
        return len(meant) >= 4 and sum(a != b for a, b in zip(written, meant, strict=True)) == 2
    if written[0] != meant[0] or len(meant) < 5:
        return False
    return len(written) != len(meant) or len(meant) >= 6


@lru_cache(maxsize=20_000)
def nearest(word: str) -> str | None:
    """Give the one word of the vocabulary that a single slip turns into this one, or None."""
    if not 4 <= len(word) <= 16:
        return None
    index, fuzzy = _by_missing_letter(), load().fuzzy
    found = set(index.get(word, ()))
    for shorter in _without_one_letter(word):
        found.update(index.get(shorter, ()))
        if shorter in fuzzy:
            found.add(shorter)
    meant = sorted((m for m in found if is_slip(word, m)), key=lambda m: (sorted(m) != sorted(word), m))
    return meant[0] if meant else None
