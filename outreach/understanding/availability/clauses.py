from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from outreach.understanding.availability import dates
from outreach.understanding.availability.cells import Clock, Group
from outreach.understanding.availability.clocks import after_minutes, before_minutes, is_open_range, range_minutes
from outreach.understanding.availability.tokens import Item
from outreach.understanding.reading import DAYS, PARTS

CONNECTORS = frozenset({"and", "or", ","})
NEGATIVE = frozenset({"not", "busy", "bad"})
POSITIVE = frozenset({"good", "free", "best", "usually"})
SIGNS = NEGATIVE | POSITIVE | {"maybe", "work", "dont_work"}
_BEGINS = frozenset({"after", "from", "at", "las", "between", "not_before"})
_ENDS = frozenset({"before", "until", "not_after", "through", "busy_until"})
_PERIODS = frozenset({"date", "month", "next_month", "next_week", "next_year", "season", "feast", "in_month"})


@dataclass
class Bounds:
    """The first and the last day that a text names, and how often the person can."""

    not_before: date | None = None
    not_after: date | None = None
    freq: str | None = None
    tomorrow_or_morning: bool = False


@dataclass
class Clause:
    """One clause: its groups and sign marks in order, and what separated it from the clause before."""

    before: str
    elements: list[Group | str] = field(default_factory=list)

    @property
    def groups(self) -> list[Group]:
        """Give the groups of the clause."""
        return [element for element in self.elements if isinstance(element, Group)]

    @property
    def marks(self) -> list[str]:
        """Give the sign marks of the clause."""
        return [element for element in self.elements if isinstance(element, str)]


@dataclass
class _Draft:
    group: Group = field(default_factory=Group)
    first: Clock | None = None
    last: Clock | None = None
    connected: bool = False
    point: bool = False
    part_first: bool = False


class ClauseReader:
    """Gather the items of one clause into groups, and the days that bound everything."""

    def __init__(self, items: Sequence[Item], clause: Clause, bounds: Bounds, today: date) -> None:
        self.items, self.clause, self.bounds, self.today = items, clause, bounds, today
        self.draft = _Draft()
        self.place = 0

    def read(self) -> None:
        """Read all items of the clause."""
        while self.place < len(self.items):
            item = self.items[self.place]
            self.place += 1
            self._take(item)
        self._close()

    def _take(self, item: Item) -> None:
        if item.kind in CONNECTORS:
            self.draft.connected = True
        elif item.kind in SIGNS or item.kind in {"only", "rest"}:
            self._close()
            self.clause.elements.append(item.kind)
        elif item.kind in {"day", "part", "whole", "date", "clock"}:
            getattr(self, f"_take_{item.kind}")(item)
        elif item.kind in _BEGINS | _ENDS:
            self._take_bound(item.kind)
        else:
            self._take_rest(item)

    def _take_rest(self, item: Item) -> None:
        following = self._peek()
        if item.kind in {"this", "next"} and following is not None and following.kind in {"day", "month"}:
            self.place += 1
            self._take_named(item.kind, following)
        elif item.kind in {"noon", "midnight"}:
            self._take_clock(Item("clock", (12, 0, "pm" if item.kind == "noon" else "am")))
        elif item.kind in {"tomorrow", "today", "overmorrow", "manana"}:
            self._take_near_day(item.kind)
        elif item.kind == "month" or (item.kind in _PERIODS and item.kind not in {"season", "feast"}):
            self._bound("in", item)
        elif item.kind == "in" and following is not None and following.kind in {"season", "month"}:
            self.place += 1
            self._bound("from" if following.kind == "season" else "in", following)
        elif item.kind in {"biweekly", "monthly", "weekly"}:
            self.bounds.freq = item.kind
        elif item.kind == "ordinal" and any(other.kind == "of_month" for other in self.items):
            self.bounds.freq = f"monthly:{item.value[0]}"
        elif item.kind == "onwards":
            self.draft.point = False
        elif item.kind == "backwards" and self.draft.first:
            self.draft.first, self.draft.last = None, self.draft.first
        elif item.kind == "weekend_of" and following is not None and following.kind in {"date", "the"}:
            self._take_weekend_of()

    def _peek(self, ahead: int = 0) -> Item | None:
        at = self.place + ahead
        return self.items[at] if at < len(self.items) else None

    def _take_named(self, which: str, item: Item) -> None:
        if item.kind == "month":
            self._bound("in", item)
            return
        found = [dates.coming(self.today, str(day), after_this_week=which == "next") for day in item.value]
        self._add_dates(found)

    def _take_near_day(self, kind: str) -> None:
        near = self._peek()
        if kind == "manana" and self.draft.group.days and not self.draft.group.parts:
            self._take_part(Item("part", ("morning",)))
            return
        if kind == "manana" and near is None and self.place == 1:
            self.bounds.tomorrow_or_morning = True
            return
        self._add_dates([self.today + timedelta(days={"today": 0, "overmorrow": 2}.get(kind, 1))])

    def _take_weekend_of(self) -> None:
        while (item := self._peek()) is not None and item.kind in {"the", "date"}:
            self.place += 1
            if item.kind == "date" and (found := self._date(item)) is not None:
                saturday = found - timedelta(days=(found.weekday() - 5) % 7)
                self._add_dates([saturday, saturday + timedelta(days=1)])

    def _take_day(self, item: Item) -> None:
        group = self.draft.group
        if group.dates and not self.draft.connected and not group.days:
            return
        self._start_anew_after_parts()
        group = self.draft.group
        self.draft.part_first = self.draft.part_first or bool(group.parts)
        group.days += tuple(str(day) for day in item.value if day not in group.days)
        group.weekly = group.weekly or item.weekly
        self.draft.connected = False

    def _start_anew_after_parts(self) -> None:
        group = self.draft.group
        if self.draft.connected and group.days in {DAYS[5:], DAYS[:5], DAYS}:
            self._close()
            return
        described = bool(group.parts or group.whole or self.draft.first or self.draft.last)
        if described and (group.days or group.dates or self.draft.connected):
            self._close()

    def _date(self, item: Item) -> date | None:
        month, day = item.value
        return dates.month_day(self.today, month if isinstance(month, int) else None, int(str(day)))

    def _take_date(self, item: Item) -> None:
        found = self._date(item)
        if found is not None:
            self._add_dates([found])

    def _add_dates(self, found: Sequence[date]) -> None:
        self._start_anew_after_parts()
        group = self.draft.group
        if group.days and not self.draft.connected:
            group.days = ()
        group.dates += tuple(day.isoformat() for day in found)
        self.draft.connected = False

    def _take_part(self, item: Item) -> None:
        group = self.draft.group
        if (
            group.whole
            or self.draft.part_first
            or (group.parts and (self.draft.first or self.draft.last) and self.draft.connected)
        ):
            self._close()
            group = self.draft.group
        group.parts += tuple(str(part) for part in item.value if part not in group.parts)
        group.weekly = group.weekly or item.weekly
        self.draft.connected = False

    def _take_whole(self, _: Item) -> None:
        self.draft.group.whole = True
        self.draft.connected = False

    def _clock(self, item: Item) -> Clock:
        hour, minute, meridiem = item.value
        return Clock(int(str(hour)), int(str(minute)), str(meridiem) if meridiem else None)

    def _take_clock(self, item: Item) -> None:
        if self.draft.first or self.draft.last:
            self._again_for_the_same_days()
        self.draft.first = self._clock(item)
        self.draft.point = True
        self._take_range_end()

    def _again_for_the_same_days(self) -> None:
        days, found = self.draft.group.days, self.draft.group.dates
        self._close()
        self.draft.group.days, self.draft.group.dates = days, found

    def _take_range_end(self) -> None:
        joint, end = self._peek(), self._peek(1)
        ranges = {"dash", "to", "until", "and", "through", "before"}
        if joint is None or end is None or joint.kind not in ranges:
            return
        if joint.kind == "and" and self.items[max(self.place - 2, 0)].kind != "between":
            return
        if end.kind in {"noon", "midnight"}:
            end = Item("clock", (12, 0, "pm" if end.kind == "noon" else "am"))
        elif end.kind in {"las", "the"} and (beyond := self._peek(2)) is not None and beyond.kind == "clock":
            self.place += 1
            end = beyond
        if end.kind == "clock":
            self.draft.last = self._clock(end)
            self.place += 2

    def _take_bound(self, mark: str) -> None:
        while (item := self._peek()) is not None and item.kind in {"the", "las", "at", "this", "day_of"}:
            self.place += 1
        if item is None:
            return
        if item.kind in {"clock", "noon"}:
            self._take_clock_bound(mark, item)
        elif item.kind in _PERIODS:
            self.place += 1
            self._bound(mark, item)
        elif mark == "from" and item.kind == "day":
            return

    def _take_clock_bound(self, mark: str, item: Item) -> None:
        self.place += 1
        clock = self._clock(item) if item.kind == "clock" else Clock(12, 0, "pm")
        said_not = bool(self.clause.marks) and self.clause.marks[-1] == "not" and not self.clause.groups
        begins = mark in _BEGINS or mark == "busy_until"
        if said_not and mark in {"before", "after", "until"}:
            self.clause.elements.pop()
            begins = mark != "after"
        if begins:
            if self.draft.first:
                self._again_for_the_same_days()
            self.draft.first = clock
            self.draft.point = mark in {"at", "las"}
            self._take_range_end()
        else:
            self.draft.last = clock
        self.draft.connected = False

    def _period(self, item: Item) -> tuple[date, date] | None:
        today = self.today
        if item.kind == "date":
            found = self._date(item)
            return (found, found) if found else None
        if item.kind == "month":
            start = dates.first_of_month(today, int(str(item.value[0])))
            return start, dates.last_of_month(start)
        if item.kind in {"season", "feast"}:
            start = dates.season(today, int(str(item.value[0])), int(str(item.value[1])))
            return start, start
        start = {
            "next_week": dates.next_monday(today),
            "next_month": dates.add_months(today, 1).replace(day=1),
            "in_month": dates.add_months(today, 1),
        }.get(item.kind, date(today.year + 1, 1, 1))
        return start, start

    def _bound(self, mark: str, item: Item) -> None:
        period = self._period(item)
        if period is None:
            return
        start, end = period
        if mark == "after":
            self.bounds.not_before = end + timedelta(days=1) if item.kind != "season" else start
        elif mark in {"before", "not_after"}:
            self.bounds.not_after = start - timedelta(days=1)
        elif mark in {"until", "through"} and POSITIVE.intersection(self.clause.marks) - {"best"} and self._is_able():
            self.bounds.not_after = end
        else:
            self.bounds.not_before = start
            if mark == "in" and item.kind == "month":
                self.bounds.not_after = end

    def _is_able(self) -> bool:
        return not NEGATIVE.intersection(self.clause.marks)

    def _close(self) -> None:
        draft, group = self.draft, self.draft.group
        self.draft = _Draft()
        group.ambiguous = bool(draft.first and draft.last and is_open_range(draft.first, draft.last, group.parts))
        if draft.first and draft.last:
            group.start, group.end = range_minutes(draft.first, draft.last, group.parts)
        elif draft.first:
            group.point = draft.point
            group.start = after_minutes(draft.first, group.parts, group.days)
        elif draft.last:
            group.end = before_minutes(draft.last, group.parts)
        if not group.is_empty:
            self.clause.elements.append(group)


def split_clauses(items: Sequence[Item]) -> Iterator[tuple[str, list[Item]]]:
    """Split items at full stops, commas, "but", "so", "because" and "except", each with what stood before it."""
    before, part = "", list[Item]()
    for place, item in enumerate(items):
        kind = item.kind
        if kind == "but" and part and part[-1].kind in {"day", "whole"} and _is_everything(part[-1]):
            kind = "except"
        if kind in {".", "but", "so", "because", "except"} or (kind == "," and not _joins(items, place)):
            if part:
                yield before, part
            before, part = (kind if part or kind != "," else before), []
        else:
            part.append(item)
    yield before, part


def _is_everything(item: Item) -> bool:
    return item.kind == "whole" or len(item.value) == 7


def _joins(items: Sequence[Item], place: int) -> bool:
    """Tell whether a comma stands in a list of days, dates or parts: "mon, wed, fri"."""
    listed = {"day", "date", "part", "and", "or", "the"}
    before = items[place - 1].kind if place else ""
    after = items[place + 1].kind if place + 1 < len(items) else ""
    signed = next((item.kind for item in items[place + 1 :] if item.kind in SIGNS | {".", ",", "but"}), "")
    return before in listed and after in listed and signed not in SIGNS


def merged(elements: Sequence[Group | str]) -> list[Group | str]:
    """Join "los lunes · free · after 5": days and, behind a word that allows them, their hours."""
    joined: list[Group | str] = []
    for element in elements:
        previous = next((e for e in reversed(joined) if isinstance(e, Group)), None)
        between = joined[joined.index(previous) + 1 :] if previous is not None else []
        if isinstance(element, Group) and previous is not None and _completes(element, previous, between):
            previous.parts, previous.start, previous.end = element.parts, element.start, element.end
            previous.whole, previous.ambiguous, previous.point = element.whole, element.ambiguous, element.point
        else:
            joined.append(element)
    return joined


def _completes(element: Group, previous: Group, between: Sequence[Group | str]) -> bool:
    plain = not (previous.parts or previous.timed or previous.whole) and bool(previous.days or previous.dates)
    hours = not (element.days or element.dates) and bool(element.parts or element.timed or element.whole)
    return plain and hours and all(mark in POSITIVE or mark == "only" for mark in between)


__all__ = ["PARTS", "Bounds", "Clause", "ClauseReader", "merged", "split_clauses"]
