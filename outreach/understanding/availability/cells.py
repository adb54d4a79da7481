from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from outreach.understanding.reading import CELLS, DAYS, PARTS, DatePart, Window

BOUNDS = {"morning": (0, 720), "afternoon": (720, 1020), "evening": (1020, 1440)}
"""Minutes of the day; a part of day is [start, end)."""
SHORTEST = 60
"""Minutes of a part that a window must touch to count as that part of day."""


MOST = 0.6
"""The share of a part of day that, taken away, leaves too little of it; what merely must not begin earlier leaves it."""


@dataclass(frozen=True)
class Clock:
    """A clock time as written: hour, minute and "am", "pm" or None."""

    hour: int
    minute: int = 0
    meridiem: str | None = None


@dataclass(eq=False)
class Group:
    """Days, dates, parts of day and clock times that belong together, and what is said of them.

    ``first`` and ``last`` are the clock times as written, ``start`` and ``end`` the minutes they mean. ``rest`` stands
    for what was not named: other ``days`` or ``workdays``, or all other ``cells``. ``sign`` is 1 for can, -1 for cannot, 0 for perhaps;
    ``marked`` tells that a word said so, ``weak`` that it is
    merely to be supposed: "i'm retired", ``taken`` that work or the like fills it, ``opens`` that it is after something:
    an hour named beside it is a beginning; ``ends_shift`` that it is when work ends, ``told`` that it stands beside words that say
    neither can nor cannot.
    """

    days: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    first: Clock | None = None
    last: Clock | None = None
    start: int | None = None
    end: int | None = None
    whole: bool = False
    weekly: bool = False
    rest: str = ""
    sign: int = 1
    marked: bool = False
    preferred: bool = False
    ambiguous: bool = False
    point: bool = False
    weak: bool = False
    taken: bool = False
    parts_of_clock: tuple[str, ...] = ()
    opens: bool = False
    ends_shift: bool = False
    told: bool = False

    @property
    def names_days(self) -> bool:
        """Tell whether it says on which days."""
        return bool(self.days or self.dates or self.rest)

    @property
    def names_hours(self) -> bool:
        """Tell whether it says at which time of day."""
        return bool(self.parts or self.first or self.last or self.whole)

    @property
    def timed(self) -> bool:
        """Tell whether it has a clock bound."""
        return self.start is not None or self.end is not None


def minutes_of(clock: Clock, parts: Sequence[str] = (), *, ends: bool = False) -> int:
    """Give the minutes since midnight that a clock time means.

    Without am or pm: the part of day named beside it decides; else 1 to 7 and what ends later is afternoon or evening,
    8 to 11 is morning, 12 is noon.
    """
    hour = clock.hour % 24
    if clock.meridiem == "am":
        hour %= 12
    elif clock.meridiem == "pm" or (hour < 12 and _is_after_noon(hour, parts, ends=ends)):
        hour = hour % 12 + 12
    return hour * 60 + min(clock.minute, 59)


def _is_after_noon(hour: int, parts: Sequence[str], *, ends: bool) -> bool:
    if parts and "morning" not in parts:
        return 1 <= hour <= 8 or "evening" in parts
    if parts in (("morning",), ["morning"]):
        return ends and hour <= 3
    return 1 <= hour <= 7


def parts_between(start: int | None, end: int | None) -> tuple[list[str], list[str]]:
    """Give the parts of day that a window covers, and those that it only touches."""
    low, high = start or 0, 1440 if end is None else end
    high = high if high > low else 1440
    covered, touched = [], []
    for part, (begins, ends) in BOUNDS.items():
        common = min(high, ends) - max(low, begins)
        if common >= SHORTEST or (common > 0 and common >= high - low):
            covered.append(part)
        elif common > 0:
            touched.append(part)
    return covered, touched


def mostly_between(start: int | None, end: int | None) -> tuple[list[str], list[str]]:
    """Give the parts of day that a busy window takes away, and those of which enough is left to be asked about."""
    taken, partly = [], []
    low, high = start or 0, 1440 if end is None else end
    for part, (begins, ends) in BOUNDS.items():
        awake = max(begins, 480), min(ends, 1320)
        common = min(high, awake[1]) - max(low, awake[0])
        most = (awake[1] - awake[0]) * MOST
        if common > most or (common == most and start is not None):
            taken.append(part)
        elif common > 0:
            partly.append(part)
    return taken, partly


def parts_of(group: Group) -> tuple[list[str], list[str]]:
    """Give a group's parts of day, and those it only touches."""
    if group.point and group.start is not None and group.end is None:
        return [next(part for part, (begins, ends) in BOUNDS.items() if begins <= group.start % 1440 < ends)], []
    if group.timed:
        between = mostly_between if group.sign < 0 else parts_between
        covered, touched = between(group.start, group.end)
        if group.parts and group.sign > 0:
            covered = [part for part in covered if part in group.parts] or covered or list(group.parts)
            touched = [part for part in touched if part in group.parts]
        return covered, touched
    return list(group.parts or PARTS), []


@lru_cache(maxsize=4096)
def cross(days: tuple[str, ...], parts: tuple[str, ...]) -> frozenset[str]:
    """Give the cells of every day with every part."""
    return frozenset(f"{day}_{part}" for day in days for part in parts)


def in_order(cells: Iterable[str]) -> tuple[str, ...]:
    """Give cells in the order of the week."""
    wanted = set(cells)
    return tuple([cell for cell in CELLS if cell in wanted]) if wanted else ()


def clock_text(minutes: int | None) -> str | None:
    """Give minutes since midnight as "HH:MM"."""
    return None if minutes is None else f"{minutes // 60 % 24:02d}:{minutes % 60:02d}"


def window_of(group: Group, parts: Sequence[str]) -> Window:
    """Give a weekly group as a window."""
    days = tuple(day for day in DAYS if day in (group.days or DAYS))
    return Window(days, tuple(parts), clock_text(group.start), clock_text(group.end))


def date_of(group: Group, day: str) -> DatePart:
    """Give a group's date with the part of day or clock times named with it."""
    parts = parts_of(group)[0] if group.timed else list(group.parts)
    one = len(parts) == 1 or (parts and not group.timed)
    part = parts[0] if one else None
    return DatePart(day, part, clock_text(group.start), clock_text(group.end))
