from collections.abc import Sequence
from datetime import date, timedelta

from outreach.understanding.availability import bounds as calendar
from outreach.understanding.availability import dates
from outreach.understanding.availability.bounds import FIXED_DAYS, PERIODS
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.cursor import CONNECTORS, Cursor
from outreach.understanding.availability.lexer import Item
from outreach.understanding.reading import DAYS

NEAR_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "manana": 1, "overmorrow": 2}


_DATED = frozenset({"date", "month", "next_month"})
LAST_WEEK = 4
SHORT_STRETCH = 4
"""Days that are still listed one by one: \"march 27-29\"."""


class DateReader(Cursor):
    """Read dates, stretches of the calendar, days near today, and which week of the month."""

    def take_period(self, item: Item) -> None:
        """Read a month, a season, a feast, "in june", "end of march", "next week"."""
        following = self.peek()
        if item.kind in {"in", "end_of"}:
            while following is not None and following.kind in {"the", "this"}:
                self.place += 1
                following = self.peek()
            if following is None or following.kind not in PERIODS - {"date", "day"}:
                return
            self.place += 1
            mark = "end_of" if item.kind == "end_of" else "from" if following.kind in FIXED_DAYS else "in"
            mark = self.pending or mark
            self.bound(mark, following)
        elif item.kind == "weekend_of":
            self._take_weekend_of()
        elif item.kind in FIXED_DAYS:
            silent = {"i", "word", "the", ".", "maybe", "best", "be", "good"}
            if item.kind == "season" and all(other.kind in silent or other is item for other in self.items):
                self.bound("from", item)
        elif item.kind == "next_week" and (days := self._days_of_week()):
            monday = dates.next_monday(self.today)
            self._add_dates([monday + timedelta(days=DAYS.index(day)) for day in days])
        elif item.kind != "this_month":
            self.bound("in", item)

    def _days_of_week(self) -> list[str]:
        """Take the days that stand before or behind "next week": "monday or tuesday of next week"."""
        days: list[str] = []
        hours = self.elements.pop() if self._ends_with_day_and_hours() else None
        while isinstance(last := self.last, Group) and len(last.days) == 1 and not last.weekly and not last.names_hours:
            self.elements.pop()
            days.insert(0, last.days[0])
            if self.last in {"or", "and", ","}:
                self.elements.pop()
        ahead = 1 if self.kind() in {"on", "the", ","} else 0
        if not days and self._is_day_once(ahead):
            self.place += ahead + 1
            days.append(str(self.items[self.place - 1].value[0]))
        if hours is not None:
            self.elements.append(hours)
        return days

    def _ends_with_day_and_hours(self) -> bool:
        """Tell whether a day and its hours were just read: "tuesday morning · next week"."""
        day, hours = [None, None, *self.elements][-2:]
        return isinstance(day, Group) and bool(day.days) and isinstance(hours, Group) and not hours.names_days

    def take_week_from(self, _: Item) -> None:
        """Read "a week from saturday", "a week from today"."""
        item = self.peek()
        if item is not None and (self._is_day_once(0) or item.kind in NEAR_DAYS):
            self.place += 1
            start = self.today + timedelta(days=NEAR_DAYS.get(item.kind, 0))
            if item.kind == "day":
                start = dates.coming(self.today, str(item.value[0]))
            self._add_dates([start + timedelta(days=7)])

    def take_coming(self, item: Item) -> None:
        """Read "el sabado que viene", "saturday after next": what stands behind a day and makes a date of it."""
        last = self.last
        if not isinstance(last, Group) or last.names_hours or last.weekly or not (last.days or last.dates):
            return
        days = [dates.coming(self.today, day) for day in last.days] or [date.fromisoformat(d) for d in last.dates]
        later = timedelta(days=7 if item.kind == "after_next" else 0)
        self.elements.pop()
        self._add_dates([day + later for day in days])

    def take_named(self, which: Item) -> None:
        """Read "this thursday", "next march"."""
        item = self.peek()
        if item is None or item.kind not in {"day", "month"}:
            return
        self.place += 1
        if item.kind == "month":
            self.bound("in", item)
            return
        if self.invited is not None and self._is_past_session(which, item):
            self._add_week_later(self.invited, [str(day) for day in item.value])
            return
        found = [dates.coming(self.today, str(day), after_this_week=which.kind == "next") for day in item.value]
        self._add_dates([*found, *self._days_beside(after_this_week=which.kind == "next")])

    def _is_past_session(self, which: Item, day: Item) -> bool:
        """Tell whether "the following saturday", or "next saturday" when that is the session's, means the one after it."""
        found = dates.coming(self.today, str(day.value[0]), after_this_week=True)
        return which.kind == "next" and (bool(which.value) or (found == self.invited and not self.is_denied()))

    def take_one_after(self, _: Item) -> None:
        """Read "the one after", "el que sigue": the same days a week after those spoken of, or after the session's."""
        if any(item.kind == "?" for item in self.items):
            return
        if self._is_day_once(0):
            self.take_named(Item("next", (7,)) if self.invited is not None else Item("this"))
            return
        spoken = next((group for group in self.said_before() if group.days or group.dates), None)
        later = [date.fromisoformat(day) + timedelta(days=7) for day in spoken.dates] if spoken is not None else []
        if later and self.invited is not None and max(later) <= self.invited + timedelta(days=1):
            self._add_week_later(self.invited, [DAYS[day.weekday()] for day in later])
        elif later:
            self._add_dates(later)
        elif self.invited is not None:
            if spoken is not None and spoken is self.last:
                self.elements.pop()
            days = spoken.days if spoken is not None else (DAYS[self.invited.weekday()],)
            self._add_week_later(self.invited, days)

    def _add_week_later(self, start: date, days: Sequence[str]) -> None:
        monday = dates.next_monday(start)
        self._add_dates([monday + timedelta(days=DAYS.index(day)) for day in days])

    def _is_day_after(self) -> bool:
        """Tell whether "after" stands behind a day and nothing to be after follows: "the saturday after works"."""
        day = self.last
        alone = isinstance(day, Group) and day.days and not day.weekly and not day.names_hours
        ends = self.kind() in {"", ",", "good", "works", "free", "be", "i", "maybe", "and", "or", "best"}
        return bool(alone) and ends and self.invited is not None and self._stands_before_day("the")

    def _stands_before_day(self, kind: str) -> bool:
        return self.place > 2 and self.items[self.place - 3].kind == kind

    def take_day_after(self) -> bool:
        """Read "the saturday after" as the one in the week after the session's; tell whether it was that."""
        if not self._is_day_after() or self.invited is None:
            return False
        day = self.elements.pop()
        assert isinstance(day, Group)  # noqa: S101 - so the last element is, as was just asked
        self._add_week_later(self.invited, day.days)
        return True

    def _days_beside(self, *, after_this_week: bool = False) -> list[date]:
        """Take the days said once that are listed behind a date: "this friday or saturday", "tomorrow or thursday"."""
        found: list[date] = []
        while self.kind() in {"and", "or", ","} and self._is_day_once(1):
            day = str(self.items[self.place + 1].value[0])
            found.append(dates.coming(self.today, day, after_this_week=after_this_week))
            self.place += 2
        return found

    def _is_day_once(self, ahead: int) -> bool:
        item = self.peek(ahead)
        return item is not None and item.kind == "day" and len(item.value) == 1 and not item.weekly

    def take_near_day(self, item: Item) -> None:
        """Read "tomorrow", "hoy", "tonight", and "mañana" where it means tomorrow."""
        kind = item.kind
        if kind == "manana" and self._means_morning():
            self.add(Group(parts=("morning",)))
        elif kind == "manana" and len(self.items) == 1:
            self.bounds.tomorrow_or_morning = True
        else:
            self._add_dates([self.today + timedelta(days=NEAR_DAYS[kind]), *self._days_beside()])
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
        if ordinals and behind == "week_of":
            self.place += ahead + 1
            self.take_week_of(Item("week_of", (LAST_WEEK if ordinals[0] == "last" else int(ordinals[0]),)))
            return
        if ordinals and behind in {"day", "weekend_of"} and self._takes_days_of_month(ordinals, ahead):
            return
        if ordinals and self.last in {"no", "not"} and self._pass_over_nth(ahead):
            return
        if ordinals and behind == "day":
            self.bounds.freq = f"monthly:{','.join(ordinals)}"
            self.place += ahead
        elif item.kind == "date":
            self._take_date(item)

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
        self._add_dates([d for nth in ordinals for d in dates.nth_in_month(found[0], names, nth)])
        return True

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

    def take_early_in(self, mark: Item) -> None:
        """Read "early april", "mediados de mayo"; "early" before anything else is the morning."""
        self.place += self.kind() == "dash"
        item, day = self.peek(), int(str(mark.value[0]))
        if item is not None and item.kind in {"month", "next_month"}:
            self.place += 1
            found = calendar.period(item, self.today)
            if found:
                self.bounds.not_before = found[0].replace(day=day)
        elif mark.value == (1,):
            self.add(Group(parts=("morning",)))

    def _take_date(self, item: Item) -> None:
        found = calendar.date_of(item, self.today)
        if found is None:
            return
        if self.pending:
            self.bound(self.pending, item)
            return
        self._leave_out_weekday_of(found)
        if self.kind() in {"dash", "to", "through", "until"}:
            step = 2 if self.kind(1) == "the" else 1
            if self.kind(step) == "day":
                step += 2 if self.kind(step + 1) == "the" else 1
            end = self.peek(step)
            if end is not None and end.kind == "date" and (last := calendar.date_of(end, self.today)) is not None:
                self.place += step + 1
                self.take_stretch(found, last)
                return
        self._add_dates([found])

    def _leave_out_weekday_of(self, found: date) -> None:
        """Leave the Monday of "monday night the 23rd" out: the date says it."""
        if len(self.elements) > 1 and isinstance(hours := self.last, Group) and not hours.names_days:
            day = self.elements[-2]
            if isinstance(day, Group) and day.days == (DAYS[found.weekday()],) and not day.names_hours:
                del self.elements[-2]

    def take_stretch(self, first: date, last: date) -> None:
        """Take the days from one to another for the calendar's bounds."""
        if self.is_denied() or "to_do" in self.elements:
            self.bounds.not_before = last + timedelta(days=1)
        elif (last - first).days < SHORT_STRETCH and not self.pending and last > first:
            self._add_dates([first + timedelta(days=step) for step in range((last - first).days + 1)])
        else:
            self.bounds.not_before, self.bounds.not_after = first, last

    def _add_dates(self, found: Sequence[date]) -> None:
        self.add(Group(dates=tuple(day.isoformat() for day in found)))


def _ordinal(item: Item) -> str:
    """Give which week of the month an item names: "2", "last", or "" where it names none."""
    if item.kind == "ordinal":
        return "last" if item.value[0] == -1 else str(item.value[0])
    small = item.kind == "date" and item.value[0] is None and int(str(item.value[1])) <= 5
    return str(item.value[1]) if small else ""
