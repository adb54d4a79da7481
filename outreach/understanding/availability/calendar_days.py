from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from outreach.understanding.availability import bounds as calendar
from outreach.understanding.availability import dates
from outreach.understanding.availability.bounds import FIXED_DAYS, PERIODS
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.cursor import CONNECTORS
from outreach.understanding.availability.lexer import Item
from outreach.understanding.availability.month_days import LAST_WEEK, MonthReader
from outreach.understanding.reading import DAYS

NEAR_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1, "manana": 1, "overmorrow": 2}


_ENDED = frozenset({"over", "ends", "done", "ended", "finished", "acabe", "termine", "pase", "acabando", "terminando"})
SHORT_STRETCH = 4
"""Days that are still listed one by one: \"march 27-29\"."""


class DateReader(MonthReader):
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
        elif item.kind == "feast" and self._is_over():
            self.bound("after", item)
        elif item.kind in FIXED_DAYS:
            silent = {"i", "word", "the", ".", "maybe", "best", "be", "good"}
            if item.kind == "season" and all(other.kind in silent or other is item for other in self.items):
                self.bound("from", item)
        elif item.kind == "next_week" and (days := self._days_of_week()):
            monday = dates.next_monday(self.today)
            self.add_dates([monday + timedelta(days=DAYS.index(day)) for day in days])
        elif item.kind != "this_month":
            self.bound("in", item)

    def _is_over(self) -> bool:
        """Tell whether a feast's end is spoken of: "once lent is over", "cuando acabe ramadan"."""
        if self.kind() == "leave":
            self.place += 1
            return True
        near = self.items[max(self.place - 3, 0) : self.place + 2]
        return any(item.kind == "word" and not _ENDED.isdisjoint(item.value) for item in near)

    def _days_of_week(self) -> list[str]:
        """Take the days that stand before or behind "next week": "monday or tuesday of next week"."""
        days: list[str] = []
        hours = self.elements.pop() if self._ends_with_day_and_hours() else None
        while isinstance(last := self.last, Group) and len(last.days) == 1 and not last.weekly and not last.names_hours:
            self.elements.pop()
            days.insert(0, last.days[0])
            if self.last in {"or", "and", ","}:
                self.elements.pop()
        ahead = 1 if self.kind() in {"on", "the", ",", "only"} else 0
        if not days and self._is_day_once(ahead):
            self.place += ahead + 1
            days.append(str(self.items[self.place - 1].value[0]))
            days += self._listed_days()
        if hours is not None:
            self.elements.append(hours)
        return days

    def _listed_days(self) -> Iterator[str]:
        """Take the days that are listed ahead: "next week tuesday · or thursday"."""
        while self._is_day_once(step := 1 if self.kind() in {"and", "or", ","} else 0):
            yield str(self.items[self.place + step].value[0])
            self.place += step + 1

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
            self.add_dates([start + timedelta(days=7)])

    def take_coming(self, item: Item) -> None:
        """Read "el sabado que viene", "saturday after next": what stands behind a day and makes a date of it."""
        last = self.last
        if item.kind == "coming" and not isinstance(last, Group) and self._is_day_once(0):
            self.add_dates([dates.coming(self.today, day) for day in self._listed_days()])
            return
        if not isinstance(last, Group) or last.names_hours or last.weekly or not (last.days or last.dates):
            return
        days = [dates.coming(self.today, day) for day in last.days] or [date.fromisoformat(d) for d in last.dates]
        later = timedelta(days=7 if item.kind == "after_next" else 0)
        self.elements.pop()
        self.add_dates([day + later for day in days])

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
        self.add_dates([*found, *self._days_beside(after_this_week=which.kind == "next")])

    def _is_past_session(self, which: Item, day: Item) -> bool:
        """Tell whether "the following saturday", or "next saturday" when that is the session's, means the one after it."""
        found = dates.coming(self.today, str(day.value[0]), after_this_week=True)
        return which.kind == "next" and (bool(which.value) or (found == self.invited and not self.is_denied()))

    def take_one_after(self, item: Item) -> None:
        """Read "the one after", "el que sigue": the same days a week after those spoken of, or after the session's."""
        if any(item.kind == "?" for item in self.items):
            return
        if self._is_day_once(0):
            self.take_named(Item("next", (7,)) if self.invited is not None else Item("this"))
            return
        spoken = next((group for group in self.said_before() if group.days or group.dates), None)
        later = [date.fromisoformat(day) + timedelta(days=7) for day in spoken.dates] if spoken is not None else []
        if item.value and not later:
            return
        if later and self.invited is not None and max(later) <= self.invited + timedelta(days=1):
            self._add_week_later(self.invited, [DAYS[day.weekday()] for day in later])
        elif later:
            self.add_dates(later)
        elif self.invited is not None:
            if spoken is not None and spoken is self.last:
                self.elements.pop()
            days = spoken.days if spoken is not None else (DAYS[self.invited.weekday()],)
            self._add_week_later(self.invited, days)

    def _add_week_later(self, start: date, days: Sequence[str]) -> None:
        monday = dates.next_monday(start)
        self.add_dates([monday + timedelta(days=DAYS.index(day)) for day in days])

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
        return [dates.coming(self.today, day, after_this_week=after_this_week) for day in self._listed_days()]

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
            self.add_dates([self.today + timedelta(days=NEAR_DAYS[kind]), *self._days_beside()])
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
                self.add_dates([saturday, saturday + timedelta(days=1)])

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
        if self._is_past(ordinals, ahead) and self.kind(-2) not in {"the", "every"}:
            self.place += ahead + 1
            return
        if ordinals and self.last in {"no", "not"} and self._pass_over_nth(ahead):
            return
        if ordinals and behind == "day":
            self.bounds.freq = f"monthly:{','.join(ordinals)}"
            self.place += ahead
        elif item.kind == "date":
            self._take_date(item)

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
        self.add_dates([found])

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
            self.add_dates([first + timedelta(days=step) for step in range((last - first).days + 1)])
        else:
            self.bounds.not_before, self.bounds.not_after = first, last
