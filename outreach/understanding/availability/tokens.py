from collections.abc import Callable, Iterator, Mapping, Sequence

from outreach.understanding.availability.lexer import HALVES, Item, raw_items
from outreach.understanding.reading import DAYS, PARTS

TIME_MARKS = frozenset(
    {"idle", "after", "before", "not_past", "until", "busy_until", "from", "at", "a_las", "las", "between", "by"}
)
"""Marks after which a bare number is a clock time."""
DATE_MARKS = TIME_MARKS | {"in", "the", "this", "next", "early_in", "end_of", "week_of"}
_RANGE = frozenset({"dash", "to", "until", "and", "through", "before", "a_las"})
_LISTED = frozenset({"and", "or", ",", "dash", "to", "the", "through", "until"})
_NUMBERS = frozenset({"number", "word_number", "clock"})
_ENDS_OF_RANGE = _NUMBERS | {"noon", "midnight", "sundown"}
_ON, _ENDINGS = frozenset({"on", "and"}), frozenset({"", ".", ",", "?", "and"})
"""What makes "6 on" and "6 +" mean from six."""
_COUNTED = frozenset(
    {"week", "weeks", "months", "month", "people", "kids", "minutes", "hours", "hour", "years", "year", "of", "percent"}
    | {
        "days",
        "dias",
        "day",
        "semanas",
        "semana",
        "meses",
        "personas",
        "horas",
        "ninos",
        "anos",
        "hijos",
        "friends",
        "times",
        "veces",
    }
)
"""What a number before it counts: "3 weeks" is no hour."""
_WRITTEN = {1: ("one",)}
LAST_HOUR_NAMED = 12
"""Above it a bare number behind "after" or "until" is a day of the month: nobody here says "after 15"."""


_MERIDIEMS: Mapping[tuple[object, ...], str] = {HALVES["pm"]: "pm"}


def _kind(items: Sequence[Item], place: int) -> str:
    return items[place].kind if 0 <= place < len(items) else ""


def _is_day_of_month(items: Sequence[Item], place: int, number: int) -> bool:
    before, after = _kind(items, place - 1), _kind(items, place + 1)
    if not 1 <= number <= 31 or (items[place].kind != "number" and after != "month"):
        return False
    dated = _kind(items, place - 2) == "date" or _kind(items, place - 3) == "month"
    if before == "dash" and dated and after not in _RANGE:
        return True
    if (
        before == "month"
        or (before == "mar" and _is_march(items, place - 1))
        or after == "month"
        or (after in _LISTED and _leads_to_month(items, place))
    ):
        return True
    late = number > LAST_HOUR_NAMED
    if (late and before in {"after", "before", "until", "from", "between"}) or before in {"week_of", "weekend_of"}:
        return True
    if before == "day" and items[place - 1].weekly:
        return False
    if before == "day":
        if after == "a_las" and _kind(items, place - 2) != "between":
            return True
        after_the = _kind(items, place - 2) == "the" and after not in {"part", "clock"}
        return (late or after_the) and after not in _RANGE - {"to", "and", "a_las"}
    if before in _LISTED and _kind(items, place - 2) in {"date", "number"} and late:
        return True
    if items[place].kind == "number" and after not in {"part", "clock"} and _is_listed_behind_month(items, place):
        return True
    return before in {"the", "this"} and after not in _NUMBERS


def _is_listed_behind_month(items: Sequence[Item], place: int) -> bool:
    """Tell whether a number stands in a list of days of a month: "april 7 8 or 9"."""
    at = place - 1
    while _kind(items, at) in {"number", "and", "or", ","}:
        at -= 1
    listed = all(_kind(items, step) != "," or _kind(items, step + 1) == "number" for step in range(at + 1, place))
    return _kind(items, at) == "month" and _kind(items, at + 1) == "number" and place - at > 1 and listed


def _leads_to_month(items: Sequence[Item], place: int) -> bool:
    """Tell whether more days and then a month follow: "18 o 25 de abril"."""
    at = place + 1
    while _kind(items, at) in _LISTED | {"number", "date"}:
        at += 1
    return _kind(items, at) == "month" and _kind(items, at - 1) in {"number", "date"}


def _is_hour(items: Sequence[Item], place: int) -> bool:
    before, after = _kind(items, place - 1), _kind(items, place + 1)
    if after == "word" and not _COUNTED.isdisjoint(items[place + 1].value):
        return False
    if _is_either_hour(items, place):
        return True
    if after == "or" and _kind(items, place + 2) == "after" and _kind(items, place + 3) in _ENDINGS:
        return True
    if after in {"onwards", "backwards"} or (after in _ON and _kind(items, place + 2) in _ENDINGS):
        return True
    if "dash" in {before, after} and _is_beside_itself(items, place):
        return False
    if before in {"leave", "enter"} or (before == "be" and _kind(items, place - 2) in {"leave", "enter"}):
        return True
    in_range = (before in _RANGE and _kind(items, place - 2) in _ENDS_OF_RANGE) or (
        after in _RANGE and _kind(items, place + 2) in _ENDS_OF_RANGE
    )
    return before in TIME_MARKS or (items[place].kind == "number" and before in {"day", "part"}) or in_range


def _is_either_hour(items: Sequence[Item], place: int) -> bool:
    """Tell whether a number is the later of two hours before a part of day: "6 o 7 de la tarde"."""
    return _kind(items, place - 1) == "or" and _kind(items, place + 1) == "part"


def _is_beside_itself(items: Sequence[Item], place: int) -> bool:
    """Tell whether a number stands beside itself, as in "our 1-1": a talk, no hours."""
    dashed = {place + 2 * step for step in (-1, 1) if _kind(items, place + step) == "dash"}
    return any(items[other].value[:1] == items[place].value[:1] for other in dashed if 0 <= other < len(items))


def _settle(items: Sequence[Item], place: int) -> Item:
    """Give the item with its number or month made plain."""
    item = items[place]
    if item.kind in {"number", "word_number"}:
        number = int(str(item.value[0]))
        if _is_day_of_month(items, place, number):
            return Item("date", (None, number))
        return (
            Item("clock", (number, 0, None))
            if 1 <= number <= 23 and _is_hour(items, place)
            else Item("word", _WRITTEN.get(number, ("",)))
        )
    if item.kind == "mar":
        return _settle_mar(items, place)
    if item.kind == "month" and item.value == (5,):
        named = {"number", "word_number", "date"}
        before = _kind(items, place - 2 if _kind(items, place - 1) == "dash" else place - 1)
        sure = _kind(items, place + 1) in named or before in DATE_MARKS | named
        return item if sure else Item("word", ("may",))
    return item


def _is_march(items: Sequence[Item], place: int) -> bool:
    """Tell whether "mar" before a number stands in no list of days: not as in "lun y mar 5-7"."""
    before = _kind(items, place - 1)
    return before != "day" and not (before in {"and", "or", ",", "dash"} and _kind(items, place - 2) == "day")


def _settle_mar(items: Sequence[Item], place: int) -> Item:
    """Tell March ("mar 28") from martes ("lun y mar", "mar y jue")."""
    if _kind(items, place + 1) in {"number", "date"} and _is_march(items, place):
        return Item("month", (3,))
    near = {_kind(items, place + step) for step in (-2, -1, 1, 2)}
    return Item("day", ("tue",)) if near & {"day", "mar", "part"} or len(items) == 1 else Item("word", ("mar",))


def _merge_minutes(items: Sequence[Item]) -> Iterator[Item]:
    """Join "half past five", "quarter to 7", "siete y media" to one clock time."""
    place = 0
    while place < len(items):
        item = items[place]
        ahead = items[place + 1] if place + 1 < len(items) else None
        if item.kind == "minutes" and ahead is not None and ahead.kind in _NUMBERS:
            yield _shifted(ahead, int(str(item.value[0])))
            place += 2
        elif item.kind == "word_number" and ahead is not None and ahead.kind == "part" and ahead.value in _MERIDIEMS:
            yield Item("clock", (item.value[0], 0, _MERIDIEMS[ahead.value]))
            place += 2
        elif item.kind in _NUMBERS and ahead is not None and ahead.kind == "and_minutes":
            yield _shifted(item, int(str(ahead.value[0])))
            place += 2
        else:
            yield item
            place += 1


def _shifted(item: Item, minutes: int) -> Item:
    hour = int(str(item.value[0]))
    meridiem = item.value[2] if item.kind == "clock" else None
    return Item("clock", (hour, minutes, meridiem) if minutes >= 0 else ((hour - 1) or 12, 60 + minutes, meridiem))


def _merge_months(items: Sequence[Item]) -> Iterator[Item]:
    """Join a month with the days of it: "march 28 and 29", "el 28 de marzo", "18 o 25 de abril"."""
    month: object = None
    skip = False
    for place, item in enumerate(items):
        if skip:
            skip = False
        elif item.kind == "month" and _kind(items, place + 1) == "date":
            month = item.value[0]
        elif item.kind == "ordinal" and _kind(items, place + 1) == "month" and item.value != (-1,):
            yield Item("date", (items[place + 1].value[0], item.value[0]))
            skip = True
        elif item.kind == "date" and item.value[0] is None and _kind(items, place + 1) == "month":
            yield Item("date", (items[place + 1].value[0], item.value[1]))
            skip = True
        elif item.kind == "date" and item.value[0] is None:
            yield Item("date", (month if month is not None else _month_ahead(items, place), item.value[1]))
        elif item.kind == "date":
            month = item.value[0]
            yield item
        else:
            if item.kind not in _LISTED:
                month = None
            yield item


def _month_ahead(items: Sequence[Item], place: int) -> object:
    """Give the month named behind the days that follow: "el 18 o el 25 de abril"."""
    at = place + 1
    while _kind(items, at) in _LISTED or (_kind(items, at) == "date" and items[at].value[0] is None):
        at += 1
    return items[at].value[0] if _kind(items, at) == "month" and _kind(items, at - 1) == "date" else None


def _merge_ranges(items: Sequence[Item]) -> Iterator[Item]:
    """Join "mon - fri" to the days between, round the end of the week."""
    place = 0
    while place < len(items):
        item = items[place]
        if (span := _span_of_parts(items, place)) is not None:
            yield from span[0]
            place += span[1]
            continue
        joints = {"dash", "to", "through", "until", *(["and"] if _kind(items, place - 1) == "between" else [])}
        if item.kind == "day" and _kind(items, place + 1) in joints:
            step = 3 if _kind(items, place + 2) == "the" else 2
            if _kind(items, place + step) == "day":
                yield Item("day", days_between(str(item.value[0]), str(items[place + step].value[-1])), weekly=True)
                place += step + 1
                continue
        yield item
        place += 1


def _span_of_parts(items: Sequence[Item], place: int) -> tuple[list[Item], int] | None:
    """Read "friday afternoon thru saturday night" as Friday from the afternoon on and all Saturday; and its length."""
    kinds = [item.kind for item in items[place : place + 6]]
    the = kinds[3:4] == ["the"]
    if kinds[:2] != ["day", "part"] or kinds[3 + the : 5 + the] != ["day", "part"]:
        return None
    first, begins, joint, last, ends = (*items[place : place + 3], *items[place + 3 + the : place + 5 + the])
    if joint.kind not in {"dash", "to", "through", "until"} or {len(first.value), len(last.value)} != {1}:
        return None
    between = days_between(str(first.value[0]), str(last.value[0]))[1:-1]
    if first.value == last.value:
        return None
    span = [first, Item("part", PARTS[PARTS.index(str(begins.value[0])) :]), Item("and")]
    span += [Item("day", between, weekly=True), Item("whole", PARTS), Item("and")] if between else []
    span += [last, Item("part", PARTS[: PARTS.index(str(ends.value[-1])) + 1])]
    return span, 5 + the


def days_between(first: str, last: str) -> tuple[str, ...]:
    """Give the days from one to another, both counted; from Saturday to Monday goes over Sunday."""
    start, end = DAYS.index(first), DAYS.index(last)
    return tuple(DAYS[(start + step) % 7] for step in range((end - start) % 7 + 1))


def items_of(tokens: Sequence[str]) -> list[Item]:
    """Give what a text says about time, in order."""
    items = raw_items(tokens)
    for wanted, step in _STEPS:
        if any(item.kind in wanted for item in items):
            items = list(step(items))
    return items


def _settled(items: Sequence[Item]) -> Iterator[Item]:
    """Tell hours from days of the month, and months from words that look like them."""
    return (_settle(items, place) for place in range(len(items)))


_STEPS: Sequence[tuple[frozenset[str], Callable[[Sequence[Item]], Iterator[Item]]]] = (
    (frozenset({"minutes", "and_minutes", "word_number"}), _merge_minutes),
    (frozenset({"number", "word_number", "mar", "month"}), _settled),
    (frozenset({"date", "ordinal"}), _merge_months),
    (frozenset({"day"}), _merge_ranges),
)
"""What is done to the items, one step after another, where items of these kinds are among them."""
