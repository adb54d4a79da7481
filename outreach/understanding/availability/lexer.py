from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from outreach.understanding import artefact
from outreach.understanding.availability.letters import LETTERS, with_letters_read
from outreach.understanding.pattern import COMMON
from outreach.understanding.reading import DAYS, PARTS

_MERIDIEM = {"am": "am", "pm": "pm"}
HALVES = {"am": ("morning",), "pm": ("afternoon", "evening")}
"""What "mon am" and "thu pm" mean where no clock time stands before."""
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_SHIFTS = {
    "nightwork": ("evening",),
    "nightshift": ("evening",),
    "eveshift": ("afternoon", "evening"),
    "dayshift": ("morning", "afternoon"),
    "daywork": ("morning", "afternoon"),
    "morningwork": ("morning",),
}
_LISTS = ("days", "nights", "whole", "parts", "marks", "months")
_WEEKLY_BEFORE = frozenset({"los", "every", "cada", "todos", "most", "all", "any", "a", "un", "algun"})
_NEVER_PLURAL = frozenset({"lunes", "martes", "miercoles", "jueves", "viernes", "tues", "thurs", "weds"})
"""Days that end in "s" and are no plural."""
_EVERYDAY = COMMON | frozenset(
    [
        "you", "what", "gracias", "time", "take", "tengo", "all", "going", "back", "just", "end", "make", "este",
        "work", "about", "estoy", "next", "cuando", "give", "name", "quit", "nothing", "leave", "aqui", "lost",
        "when", "todo", "fine", "hago", "anything", "else", "later", "trabajo", "ustedes", "works", "first", "otro",
        "job", "casa", "everything", "doesnt", "ahi", "esta", "good", "tell", "whatever", "them", "there", "always",
        "got", "put",
    ]
)  # fmt: skip
"""Words that stand in many texts which say nothing about when."""
TIME_KINDS = frozenset(
    {"day", "part", "after_part", "whole", "clock", "date", "month", "next_month", "next_week", "next_year", "season"}
    | {"feast", "in_month", "in_weeks", "this_month", "tomorrow", "tonight", "today", "overmorrow", "manana", "rest"}
    | {
        "rest_nights",
        "rest_weeknights",
        "last_day",
        "this_weekend",
        "next_weekend",
        "no_nights",
        "night_class",
        "school",
        "one_after",
        "noon",
        "sundown",
        "status",
        "shift",
        *_SHIFTS,
    }
)
"""Kinds of items that by themselves say something about when."""
_BECOME_TIMES = frozenset({"mar", "number", "word_number"})
"""Kinds of items that may turn out to be a time beside others."""
_DAYTIME = "days"
_BEFORE_DAYTIME = frozenset(
    {"", "do", "does", "work", "during", "only", "just", "prefer", "than", "or", "and", "but", "free", "no", "not", "i"}
    | {".", ",", "y", "o", "mostly", "usually", "better"}
)
"""Tokens behind which "days" means daytime: "i can do days", not "six days", "my busy days"."""
_AFTER = frozenset({"after", "despues", "saliendo", "ya", "once", "when"})
"""Words that begin a phrase such as "after church": an hour beside it is when the time begins."""
_OF_WORKDAYS = frozenset({"school", "escuela", "business", "office", "oficina"})
"""Words of a part of day that is one of working days: "during school hours"."""
_WE_DO = ("amos", "emos", "imos")
"""How verbs of doing end in "los domingos comemos en casa"."""
_NO_DEED = frozenset(
    {"podemos", "podremos", "podriamos", "estamos", "estaremos", "vemos", "veremos", "nos", "hablamos", "quedamos"}
    | {"hacemos", "ultimos", "proximos", "mismos", "primos", "somos", "seremos", "sabemos", "vamos", "veamos"}
)
_ITSELF: Mapping[bool, Sequence[int]] = {True: (1,), False: ()}
"""The lengths of phrases of one word, where the word is one and where it is none."""
_CENTURIES = range(1990, 2100)


class Item(NamedTuple):
    """One meaningful token of a sentence about time.

    ``kind`` is ``day``, ``part``, ``whole``, ``clock``, ``number``, ``date`` (month or None, day), ``month``, ``dash``,
    ``word`` (a word that says nothing about time) or a mark such as ``after`` or ``not``. ``value`` depends on it: days,
    parts, (hour, minute, "am"/"pm"/None), … ``weekly`` tells that a day was said as a habit: "mondays", "los lunes",
    "every monday".
    """

    kind: str
    value: tuple[object, ...] = ()
    weekly: bool = False


_NIGHT = Item("part", ("evening",))
_SEVERAL = {
    "rest_nights": (Item("rest", (7,)), _NIGHT),
    "rest_weeknights": (Item("rest", (5,)), _NIGHT),
    "no_nights": (Item(","), Item("busy"), Item("day", DAYS, weekly=True), _NIGHT, Item(",")),
    "night_class": (Item("to_do"), _NIGHT),
    "free_hours": (Item("word", ("hours",)), Item("free")),
    "this_weekend": (Item("this"), Item("day", DAYS[5:])),
    "next_weekend": (Item("next"), Item("day", DAYS[5:])),
}
"""Marks that stand for several items."""


@cache
def _telling_words() -> frozenset[str]:
    """Give of every phrase about time its rarest word: a text without any of them says nothing about when."""
    return frozenset(HALVES) | frozenset(
        max(phrase.split(), key=lambda word: (word not in _EVERYDAY, len(word)))
        for name in _LISTS
        for phrase, value in artefact.load().lists[name].items()
        if name != "marks" or not TIME_KINDS.isdisjoint(value.split())
    )


@cache
def _times() -> tuple[frozenset[str], Mapping[str, Sequence[str]]]:
    """Give the words that may be a time by themselves, and the longer phrases that may, by their first word."""
    alone, longer = {*LETTERS, *artefact.load().lists["numbers"]}, dict[str, list[str]]()
    for first, phrases in _phrases().items():
        for phrase, items in phrases.items.items():
            if any(item.kind in TIME_KINDS or item.kind in _BECOME_TIMES for item in items):
                if phrase == first:
                    alone.add(phrase)
                else:
                    longer.setdefault(first, []).append(f" {phrase} ")
    return frozenset(alone), longer


def speaks_of_time(tokens: Sequence[str]) -> bool:
    """Tell whether a text may say something about when: a number is in it, or words that may be a time.

    What it lets pass may still say nothing; it spares most texts the grammar.
    """
    if any(map(str.isdecimal, tokens)):
        return True
    if _telling_words().isdisjoint(tokens):
        return False
    alone, longer = _times()
    if not alone.isdisjoint(tokens) or (not longer.keys().isdisjoint(tokens) and _any_in(longer, tokens)):
        return True
    return any(token in HALVES and _is_half_of_day(tokens, place) for place, token in enumerate(tokens))


def _any_in(phrases: Mapping[str, Sequence[str]], tokens: Sequence[str]) -> bool:
    """Tell whether one of these phrases is in the text."""
    text = f" {' '.join(tokens)} "
    return any(phrase in text for token in tokens if token in phrases for phrase in phrases[token])


def _is_half_of_day(tokens: Sequence[str], place: int) -> bool:
    """Tell "sunday am" from "i am"."""
    return place == 0 or tokens[place - 1] not in {"i", "we"}


class Phrases(NamedTuple):
    """The phrases that begin with one word: their lengths by the word that follows, longest first, and their items."""

    lengths: Mapping[str, Sequence[int]]
    is_one_itself: bool
    items: Mapping[str, tuple[Item, ...]]


@cache
def _phrases() -> Mapping[str, Phrases]:
    by_first: dict[str, dict[str, tuple[Item, ...]]] = {}
    for name in _LISTS:
        for phrase, value in artefact.load().lists[name].items():
            words = tuple(phrase.split())
            by_first.setdefault(words[0], {}).setdefault(phrase, tuple(_item(words, name, value)))
    return {first: Phrases(_lengths(items), first in items, items) for first, items in by_first.items()}


def _lengths(phrases: Iterable[str]) -> Mapping[str, Sequence[int]]:
    """Give the lengths in words of the phrases by their second word, longest first."""
    found: dict[str, set[int]] = {}
    for words in (phrase.split() for phrase in phrases):
        if len(words) > 1:
            found.setdefault(words[1], set()).add(len(words))
    return {second: sorted(lengths, reverse=True) for second, lengths in found.items()}


def _days(value: str) -> tuple[str, ...]:
    return DAYS if value == "all" else tuple(value.split())


def _item(words: tuple[str, ...], name: str, value: str) -> Iterator[Item]:
    if name in {"days", "nights"}:
        weekly = len(words) > 1 or (words[0].endswith("s") and words[0] not in _NEVER_PLURAL)
        yield Item("day", _days(value), weekly=weekly)
        if name == "nights":
            yield Item("part", ("evening",), weekly=True)
    elif name == "whole":
        yield Item("whole", PARTS)
    elif name == "parts":
        after = words[0] in _AFTER and value.endswith(PARTS[-1])
        if not _OF_WORKDAYS.isdisjoint(words):
            yield Item("of_workdays")
        yield Item("after_part" if after else "part", tuple(value.split()), weekly=words[-1].endswith("s"))
    elif name == "months":
        yield Item("month", (int(value),))
    else:
        yield from _marks(value.split())


def _marks(kinds: Sequence[str]) -> Iterator[Item]:
    """Give the items of a mark: one or more kinds, the numbers behind a kind its value."""
    if kinds[0] in _SEVERAL:
        yield from _SEVERAL[kinds[0]]
        return
    if kinds[0] in _SHIFTS:
        yield Item("shift", _SHIFTS[kinds[0]])
        return
    places = [place for place, kind in enumerate(kinds) if not kind.lstrip("-").isdecimal()]
    for place, end in zip(places, [*places[1:], len(kinds)], strict=True):
        yield Item(kinds[place], tuple(int(number) for number in kinds[place + 1 : end]))


def _numeric(tokens: Sequence[str], place: int) -> tuple[Item, int]:
    """Read the number at ``place``: a slash date, an ordinal, a clock time or a bare number; and how many tokens."""
    number = int(tokens[place][:6])
    after = list(tokens[place + 1 : place + 6]) + [""] * 5
    if after[0] == "/" and after[1].isdigit() and 1 <= number <= 12 and 1 <= int(after[1][:6]) <= 31:
        long = 5 if after[2] == "/" and after[3].isdigit() else 3
        return Item("date", (number, int(after[1][:6]))), long
    if after[0] in _ORDINAL:
        return Item("date", (None, number)), 2
    minute, used = 0, 1
    if after[0] in {":", "."} and after[1].isdigit() and len(after[1]) == 2 and number <= 24:
        minute, used = int(after[1]), 3
        after = after[2:]
    if not minute and after[0] in _MERIDIEM and _is_run_together(tokens[place], number):
        return Item("clock", (number // 100, number % 100, _MERIDIEM[after[0]])), used + 1
    if after[0] == "ish":
        return Item("clock", (number, minute, None)), used + 1
    if after[0] in _MERIDIEM and after[0]:
        return Item("clock", (number, minute, _MERIDIEM[after[0]])), used + 1
    if used == 3 or after[0] == "oclock":
        return Item("clock", (number, minute, None)), used + (used == 1)
    if _is_run_together(tokens[place], number):
        return Item("clock", (number // 100, number % 100, None)), used
    return Item("number", (number,)), used


def _is_run_together(token: str, number: int) -> bool:
    """Tell whether a number is hours and minutes without a colon: "630"."""
    return len(token) in {3, 4} and number % 100 < 60 and 1 <= number // 100 <= 23 and number not in _CENTURIES


def _single(tokens: Sequence[str], place: int) -> Item | None:
    """Give the item of one token that is in no list."""
    token = tokens[place]
    if token == "la" and tokens[place + 1 : place + 2] in (("1",), ("una",), ["1"], ["una"]):
        return Item("las")
    if token == "-":
        return Item("dash")
    if token in artefact.load().lists["numbers"]:
        return Item("word_number", (int(artefact.load().lists["numbers"][token]),))
    if token in HALVES and _is_half_of_day(tokens, place):
        return Item("part", HALVES[token])
    if token in {"de", "of", "/"}:
        return None
    return _word(token)


@lru_cache(maxsize=20_000)
def _word(token: str) -> Item:
    """Give the item of a word that says nothing about time, or tells of something done."""
    done = token.endswith(_WE_DO) and token not in _NO_DEED
    return Item("to_do") if done else Item("word", (token,))


def _unlisted(tokens: Sequence[str], place: int) -> tuple[tuple[Item, ...], int]:
    """Give the items of what no list holds, a number or one token, and how many tokens they take."""
    if tokens[place].isdecimal() and tokens[place].isascii():
        item, used = _numeric(tokens, place)
        return (item,), used
    single = _single(tokens, place)
    return ((single,) if single is not None else ()), 1


def _listed(tokens: Sequence[str], place: int, phrases: Phrases) -> tuple[tuple[Item, ...], int]:
    """Give the items of the longest phrase at a place, and how many tokens it takes; none where no phrase is."""
    before = tokens[place - 1] if place else ""
    following = tokens[place + 1] if place + 1 < len(tokens) else ""
    for length in (*phrases.lengths.get(following, ()), *_ITSELF[phrases.is_one_itself]):
        phrase = tokens[place] if length == 1 else " ".join(tokens[place : place + length])
        items = phrases.items.get(phrase)
        if items is None or (phrase == _DAYTIME and before not in _BEFORE_DAYTIME and not _is_day(before)):
            continue
        if before in _WEEKLY_BEFORE and items[0].kind == "day":
            items = (items[0]._replace(weekly=True), *items[1:])
        return items, length
    return (), 0


def _is_day(token: str) -> bool:
    return artefact.load().lists["days"].get(token, "") in DAYS


def raw_items(tokens: Sequence[str]) -> list[Item]:
    """Give the items of a text in order, longest phrase first."""
    tokens = with_letters_read(tokens)
    phrases, place, found = _phrases(), 0, list[Item]()
    while place < len(tokens):
        known = phrases.get(tokens[place])
        items, used = _listed(tokens, place, known) if known is not None else ((), 0)
        if not used:
            items, used = _unlisted(tokens, place)
        found += items
        place += used
    return found
