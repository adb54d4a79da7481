from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from outreach.understanding import artefact
from outreach.understanding.reading import DAYS, PARTS

TIME_MARKS = frozenset({"after", "before", "until", "busy_until", "from", "at", "las", "between"})
"""Marks after which a bare number is a clock time."""
DATE_MARKS = TIME_MARKS | {"in", "the", "this", "next"}
_MERIDIEM = {"am": "am", "pm": "pm"}
_ORDINAL = frozenset({"st", "nd", "rd", "th"})
_SHIFTS = {"nightwork": ("evening",), "daywork": ("morning", "afternoon"), "morningwork": ("morning",)}
_LISTS = ("days", "nights", "whole", "parts", "marks", "months")


@dataclass(frozen=True)
class Item:
    """One meaningful token of a sentence about time.

    ``kind`` is ``day``, ``part``, ``whole``, ``clock``, ``number``, ``date`` (month or None, day), ``month``, ``dash`` or
    a mark such as ``after`` or ``not``. ``value`` depends on it: days, parts, (hour, minute, "am"/"pm"/None), …
    ``weekly`` tells that a day was said as a habit: "mondays", "los lunes", "every monday".
    """

    kind: str
    value: tuple[object, ...] = ()
    weekly: bool = False


@cache
def _entries() -> dict[str, list[tuple[tuple[str, ...], str, str]]]:
    by_first: dict[str, list[tuple[tuple[str, ...], str, str]]] = {}
    for name in _LISTS:
        for phrase, value in artefact.load().lists[name].items():
            words = tuple(phrase.split())
            by_first.setdefault(words[0], []).append((words, name, value))
    for entries in by_first.values():
        entries.sort(key=lambda entry: -len(entry[0]))
    return by_first


def _days(value: str) -> tuple[str, ...]:
    return DAYS if value == "all" else tuple(value.split())


_WEEKLY_BEFORE = frozenset({"los", "every", "cada", "todos", "most", "all", "any"})


def _is_weekly(words: tuple[str, ...], before: str) -> bool:
    if before in _WEEKLY_BEFORE or len(words) > 1:
        return True
    return words[0].endswith("s") and words[0] not in {
        "lunes",
        "martes",
        "miercoles",
        "jueves",
        "viernes",
        "tues",
        "thurs",
    }


def _item(words: tuple[str, ...], name: str, value: str, before: str) -> Iterator[Item]:
    if name in {"days", "nights"}:
        yield Item("day", _days(value), weekly=_is_weekly(words, before))
        if name == "nights":
            yield Item("part", ("evening",), weekly=True)
    elif name == "whole":
        yield Item("whole", PARTS)
    elif name == "parts":
        yield Item("part", tuple(value.split()), weekly=words[-1].endswith("s"))
    elif name == "months":
        yield Item("month", (int(value),))
    else:
        kind, *rest = value.split()
        if kind in _SHIFTS:
            yield Item("busy")
            yield Item("part", _SHIFTS[kind])
        else:
            yield Item(kind, tuple(int(number) for number in rest))


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
    if after[0] == ":" and after[1].isdigit() and len(after[1]) == 2:
        minute, used = int(after[1]), 3
        after = after[2:]
    if after[0] == "ish":
        return Item("clock", (number, minute, None)), used + 1
    if after[0] in _MERIDIEM:
        return Item("clock", (number, minute, _MERIDIEM[after[0]])), used + 1
    if used == 3 or after[0] == "oclock":
        return Item("clock", (number, minute, None)), used + (after[0] == "oclock")
    if (
        len(tokens[place]) in {3, 4}
        and number % 100 < 60
        and 1 <= number // 100 <= 23
        and number not in range(1990, 2100)
    ):
        return Item("clock", (number // 100, number % 100, None)), used
    return Item("number", (number,)), used


def raw_items(tokens: Sequence[str]) -> Iterator[Item]:
    """Give the meaningful tokens in order; what says nothing about time is passed over as ``other``."""
    entries, numbers, place = _entries(), artefact.load().lists["numbers"], 0
    while place < len(tokens):
        token = tokens[place]
        if token.isdecimal() and token.isascii():
            item, used = _numeric(tokens, place)
            yield item
            place += used
            continue
        for words, name, value in entries.get(token, ()):
            if tuple(tokens[place : place + len(words)]) == words:
                yield from _item(words, name, value, tokens[place - 1] if place else "")
                place += len(words)
                break
        else:
            if token == "-":
                yield Item("dash")
            elif token in numbers:
                yield Item("word_number", (int(numbers[token]),))
            elif token not in {"de", "of", "/"}:
                yield Item("other", (token,))
            place += 1


def _kind(items: Sequence[Item], place: int) -> str:
    return items[place].kind if 0 <= place < len(items) else ""


_RANGE = frozenset({"dash", "to", "until", "and", "through", "before"})
_NUMBERS = frozenset({"number", "word_number", "clock"})


def _meant_as(items: Sequence[Item], place: int) -> str:
    """Tell what the number at ``place`` is: ``date``, ``clock`` or nothing."""
    item, before, after = items[place], _kind(items, place - 1), _kind(items, place + 1)
    number = item.value[0]
    assert isinstance(number, int)  # noqa: S101 - the lexer makes numbers of integers only
    if (before == "month" or after == "month") and 1 <= number <= 31 and item.kind == "number":
        return "date"
    day_number = number > 12 or (_kind(items, place - 2) == "the" and after not in {"part", "clock"})
    if (
        before == "day"
        and item.kind == "number"
        and number <= 31
        and day_number
        and after not in _RANGE - {"to", "and"}
    ):
        return "date"
    if before == "the" and 1 <= number <= 31 and item.kind == "number" and after not in _NUMBERS:
        return "date"
    in_range = (before in _RANGE and _kind(items, place - 2) in _NUMBERS) or (
        after in _RANGE and _kind(items, place + 2) in _NUMBERS
    )
    near = before in TIME_MARKS or (item.kind == "number" and before in {"day", "part"}) or in_range
    return "clock" if near and 1 <= number <= 23 else ""


def _settle(items: list[Item], place: int) -> Item | None:
    """Give the item with its number or month made plain, or None where it says nothing."""
    item = items[place]
    if item.kind in {"number", "word_number"}:
        meant = _meant_as(items, place)
        if meant == "date":
            return Item("date", (None, item.value[0]))
        return Item("clock", (item.value[0], 0, None)) if meant == "clock" else Item("other", ("",))
    if item.kind == "month" and item.value == (5,):
        named = {"number", "date"}
        sure = _kind(items, place + 1) in named or _kind(items, place - 1) in DATE_MARKS | named
        return item if sure else None
    return item


def _merge_months(items: Sequence[Item]) -> Iterator[Item]:
    """Join a month with the days of it: "march 28 and 29", "el 28 de marzo"."""
    month: object = None
    skip = False
    for place, item in enumerate(items):
        if skip:
            skip = False
        elif item.kind == "month" and _kind(items, place + 1) == "date":
            month = item.value[0]
        elif item.kind == "date" and item.value[0] is None and _kind(items, place + 1) == "month":
            yield Item("date", (items[place + 1].value[0], item.value[1]))
            skip = True
        elif item.kind == "date" and item.value[0] is None and month is not None:
            yield Item("date", (month, item.value[1]))
        else:
            if item.kind not in {"and", "or", ",", "dash", "to", "the"}:
                month = None
            yield item


def _merge_ranges(items: Sequence[Item]) -> Iterator[Item]:
    """Join "mon - fri" to the days between, round the end of the week."""
    place = 0
    while place < len(items):
        item = items[place]
        if item.kind == "day" and _kind(items, place + 1) in {"dash", "to", "through", "until"}:
            step = 3 if _kind(items, place + 2) == "the" else 2
            if _kind(items, place + step) == "day":
                yield Item("day", days_between(str(item.value[0]), str(items[place + step].value[-1])), weekly=True)
                place += step + 1
                continue
        yield item
        place += 1


def days_between(first: str, last: str) -> tuple[str, ...]:
    """Give the days from one to another, both counted; from Saturday to Monday goes over Sunday."""
    start, end = DAYS.index(first), DAYS.index(last)
    return tuple(DAYS[(start + step) % 7] for step in range((end - start) % 7 + 1))


def items_of(tokens: Sequence[str]) -> list[Item]:
    """Give what a text says about time, in order."""
    raw = list(raw_items(tokens))
    settled = [item for place in range(len(raw)) if (item := _settle(raw, place)) is not None]
    steps: tuple[Callable[[Sequence[Item]], Iterator[Item]], ...] = (_merge_months, _merge_ranges)
    for step in steps:
        settled = list(step(settled))
    return settled
