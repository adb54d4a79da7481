from collections.abc import Sequence
from datetime import date, timedelta

from outreach.understanding.availability import bounds as calendar
from outreach.understanding.availability import dates
from outreach.understanding.availability.bounds import FIXED_DAYS, PERIODS
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.cursor import CONNECTORS, Cursor
from outreach.understanding.availability.lexer import Item

NEAR_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "manana": 1, "overmorrow": 2}


class DateReader(Cursor):
    """Read dates, stretches of the calendar, days near today, and which week of the month."""

    def take_period(self, item: Item) -> None:
        """Read a month, a season, a feast, "in june", "end of march", "next week"."""
        following = self.peek()
        if item.kind in {"in", "end_of"}:
            while following is not None and following.kind in {"the", "this"}:
                self.place += 1
                following = self.peek()
            if following is None or following.kind not in PERIODS - {"date"}:
                return
            self.place += 1
            mark = "end_of" if item.kind == "end_of" else "from" if following.kind in FIXED_DAYS else "in"
            self.bound(mark, following)
        elif item.kind == "weekend_of":
            self._take_weekend_of()
        elif item.kind in FIXED_DAYS:
            if all(other.kind in {"word", "the", ".", "maybe"} or other is item for other in self.items):
                self.bound("from", item)
        elif item.kind != "this_month":
            self.bound("in", item)

    def take_named(self, which: Item) -> None:
        """Read "this thursday", "next march"."""
        item = self.peek()
        if item is None or item.kind not in {"day", "month"}:
            return
        self.place += 1
        if item.kind == "month":
            self.bound("in", item)
            return
        found = [dates.coming(self.today, str(day), after_this_week=which.kind == "next") for day in item.value]
        self._add_dates(found)

    def take_near_day(self, item: Item) -> None:
        """Read "tomorrow", "hoy", "tonight", and "mañana" where it means tomorrow."""
        kind = item.kind
        if kind == "manana" and self._means_morning():
            self.add(Group(parts=("morning",)))
        elif kind == "manana" and len(self.items) == 1:
            self.bounds.tomorrow_or_morning = True
        else:
            self._add_dates([self.today + timedelta(days=NEAR_DAYS[kind])])
            if kind == "tonight":
                self.add(Group(parts=("evening",)))

    def _means_morning(self) -> bool:
        """Tell whether "mañana" stands behind a day or in a list of parts of day: "mañana o noche"."""
        last = self.last
        listed = self.kind() in CONNECTORS and self.kind(1) == "part"
        behind_part = (
            last in CONNECTORS
            and len(self.elements) > 1
            and isinstance(part := self.elements[-2], Group)
            and bool(part.parts)
            and not part.days
        )
        return (isinstance(last, Group) and bool(last.days)) or listed or behind_part

    def _take_weekend_of(self) -> None:
        while (item := self.peek()) is not None and item.kind in {"the", "date"}:
            self.place += 1
            if item.kind == "date" and (found := calendar.date_of(item, self.today)) is not None:
                saturday = found - timedelta(days=(found.weekday() - 5) % 7)
                self._add_dates([saturday, saturday + timedelta(days=1)])

    def take_ordinal_or_date(self, item: Item) -> None:
        """Read "2nd and 4th tuesdays", "first week of april", "the 28th"."""
        ordinals, ahead = self._ordinals(item)
        behind = self.kind(ahead)
        if ordinals and behind == "day":
            self.bounds.freq = f"monthly:{','.join(ordinals)}"
            self.place += ahead
        elif item.kind == "ordinal" and behind == "week_of":
            self.place += ahead + 1
            self._take_week_of(int(ordinals[0]) if ordinals[0] != "last" else 4)
        elif item.kind == "date":
            self._take_date(item)

    def _ordinals(self, item: Item) -> tuple[list[str], int]:
        """Give the ordinals that stand in a row, "2nd and 4th", and how many items they take beyond the first."""
        found, ahead = list[str](), 0
        current: Item | None = item
        while current is not None and (name := _ordinal(current)):
            found.append(name)
            joint = self.kind(ahead) in CONNECTORS | {"the"}
            step = 2 if joint and self.kind(ahead + 1) == "the" else 1 if joint else 0
            current = self.peek(ahead + step) if joint else None
            if current is not None and _ordinal(current):
                ahead += step + 1
        return found, ahead

    def _take_week_of(self, week: int) -> None:
        while (item := self.peek()) is not None and item.kind == "the":
            self.place += 1
        if item is not None and item.kind in {"month", "next_month"}:
            self.place += 1
            found = calendar.period(item, self.today)
            if found:
                self.bounds.not_before = found[0] + timedelta(days=7 * (week - 1))
                self.bounds.not_after = self.bounds.not_before + timedelta(days=6)

    def _take_date(self, item: Item) -> None:
        found = calendar.date_of(item, self.today)
        if found is None:
            return
        if self.kind() in {"dash", "to", "through", "until"}:
            step = 2 if self.kind(1) == "the" else 1
            end = self.peek(step)
            if end is not None and end.kind == "date" and (last := calendar.date_of(end, self.today)) is not None:
                self.place += step + 1
                self.take_stretch(found, last)
                return
        self._add_dates([found])

    def take_stretch(self, first: date, last: date) -> None:
        """Take the days from one to another for the calendar's bounds."""
        if not self.is_denied():
            self.bounds.not_before, self.bounds.not_after = first, last
        else:
            self.bounds.not_before = last + timedelta(days=1)

    def _add_dates(self, found: Sequence[date]) -> None:
        self.add(Group(dates=tuple(day.isoformat() for day in found)))


def _ordinal(item: Item) -> str:
    """Give which week of the month an item names: "2", "last", or "" where it names none."""
    if item.kind == "ordinal":
        return "last" if item.value[0] == -1 else str(item.value[0])
    small = item.kind == "date" and item.value[0] is None and int(str(item.value[1])) <= 5
    return str(item.value[1]) if small else ""
