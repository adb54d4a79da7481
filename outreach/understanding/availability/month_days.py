from collections.abc import Sequence
from datetime import timedelta

from outreach.understanding.availability import bounds as calendar
from outreach.understanding.availability import dates
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.cursor import CONNECTORS, Cursor
from outreach.understanding.availability.lexer import Item
from outreach.understanding.reading import DAYS

_DATED = frozenset({"date", "month", "next_month"})
_OF_MONTH = frozenset({"of_month", "month", "next_month", "this_month"})
LAST_WEEK = 4


class MonthReader(Cursor):
    """Read which week or which weekday of a month is meant: "2nd and 4th tuesdays", "first week of april"."""

    def _is_past(self, ordinals: Sequence[str], ahead: int) -> bool:
        """Tell whether "last saturday" is the past one: no month follows, as it does in "last saturday of the month"."""
        day = self.peek(ahead)
        once = day is not None and day.kind == "day" and len(day.value) == 1 and not day.weekly
        of_month = any(item.kind in _OF_MONTH for item in self.items[self.place + ahead :])
        return ordinals == ["last"] and once and not of_month

    def _pass_over_nth(self, ahead: int) -> bool:
        """Pass over "never on the third thursday", "not the first one": a week of the month takes no day away."""
        item = self.peek(ahead)
        if item is None or not (item.kind == "day" or item.value == ("one",)):
            return False
        self.elements.pop()
        self.place += ahead + 1
        return True

    def _takes_days_of_month(self, ordinals: Sequence[str], ahead: int) -> bool:
        """Take "the first saturday of april" for its date; tell whether a month is named."""
        joint = 1 if self.kind(ahead + 1) in {"in", "the"} else 0
        day, month = self.peek(ahead), self.peek(ahead + 1 + joint)
        if day is None or month is None or month.kind not in {"month", "next_month"}:
            return False
        found = calendar.period(month, self.today)
        if found is None:
            return False
        self.place += ahead + joint + 2
        names = [str(name) for name in day.value] if day.kind == "day" else list(DAYS[5:])
        self.add_dates([d for nth in ordinals for d in dates.nth_in_month(found[0], names, nth)])
        return True

    def _ordinals(self, item: Item) -> tuple[list[str], int]:
        """Give the ordinals that stand in a row, "2nd and 4th", and how many items they take beyond the first."""
        found, ahead = list[str](), 0
        current: Item | None = item
        while current is not None and (name := ordinal(current)):
            found.append(name)
            joint = self.kind(ahead) in CONNECTORS | {"the"}
            step = 2 if joint and self.kind(ahead + 1) == "the" else 1 if joint else 0
            current = self.peek(ahead + step) if joint else None
            if current is not None and ordinal(current):
                ahead += step + 1
        return found, ahead

    def take_week_of(self, week: Item) -> None:
        """Read "the week of the 23rd", "first week of april"."""
        while self.kind() in {"the", "this"}:
            self.place += 1
        item, number = self.peek(), int(str(week.value[0]))
        found = calendar.period(item, self.today) if item is not None and item.kind in _DATED else None
        if found is None:
            return
        self.place += 1
        first = found[0] + timedelta(days=7 * max(number - 1, 0))
        if number == LAST_WEEK:
            first = found[1] - timedelta(days=6)
        self.bounds.not_before, self.bounds.not_after = first, first + timedelta(days=6)

    def take_last_day(self, _: Item) -> None:
        """Read "last day of march"."""
        item = self.peek()
        found = calendar.period(item, self.today) if item is not None and item.kind in _DATED | {"this_month"} else None
        if found is not None:
            self.place += 1
            self.add_dates([found[1]])

    def take_early_in(self, mark: Item) -> None:
        """Read "early april", "mediados de mayo"; "early" before anything else is the morning."""
        self.place += self.kind() == "dash"
        item, day = self.peek(), int(str(mark.value[0]))
        if item is not None and item.kind in {"month", "next_month"}:
            self.place += 1
            found = calendar.period(item, self.today)
            if found:
                self.bounds.not_before = found[0].replace(day=day)
        elif mark.value == (1,) and self.kind() != "next_week":
            self.add(Group(parts=("morning",)))


def ordinal(item: Item) -> str:
    """Give which week of the month an item names: "2", "last", or "" where it names none."""
    if item.kind == "ordinal":
        return "last" if item.value[0] == -1 else str(item.value[0])
    small = item.kind == "date" and item.value[0] is None and int(str(item.value[1])) <= 5
    return str(item.value[1]) if small else ""
