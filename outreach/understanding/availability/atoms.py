from collections.abc import Callable, Mapping
from datetime import date

from outreach.understanding.availability.bounds import PERIODS
from outreach.understanding.availability.calendar_days import NEAR_DAYS
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.cursor import CLOCK_NAMES, CONNECTORS, NEGATIVE, POSITIVE, SIGNS, Element
from outreach.understanding.availability.hours import BEGINS, CLOCK_KINDS, ENDS, HourReader
from outreach.understanding.availability.lexer import Item

KEPT = (
    SIGNS
    | CONNECTORS
    | {"roster", "only", "word", "have", "be", "to_do", "or_nothing", "if", "later", "i", "?", "too", "exists"}
)


PLUS = Item("and", (1,))
"""The sign of "weekdays 6+, weekends 10+"."""
_RESTS = {Item("rest", (7,)): "days", Item("rest", (5,)): "workdays"}
BACK = Item("leave", (1,))
_WHEN_BACK = frozenset({"at", "a_las", "on", "by", "clock", "date", "in", "month", "the"})
"""What follows "back" where it tells when somebody is: "saturdays i'm back at 6", not "i have my sundays back"."""
NIGHTS, THAT_TIME = (1,), (2,)
"""The values of "those nights" and of "that's when i can"."""
FARTHEST_COMPARED = 4
"""Items between "than" and the time that is thought less of: "than have to do mornings"."""


class AtomReader(HourReader):
    """Turn the items of a clause into atoms (a day, a date, a part of day, hours: each a group) and marks.

    What bounds the calendar ("after april 6", "every other") goes into ``bounds``.
    """

    def read(self) -> list[Element]:
        """Read all items."""
        while self.place < len(self.items):
            item = self.items[self.place]
            self.place += 1
            if item == BACK and isinstance(self.last, Group) and self.last.days and self.kind() not in _WHEN_BACK:
                self.elements.append("free")
            elif item == PLUS and isinstance(self.last, Group) and self.last.point and self.kind() not in CLOCK_KINDS:
                self.turn_last(item)
            elif item.kind in KEPT:
                self.elements.append(item.kind)
            elif item.kind in TAKEN:
                TAKEN[item.kind](self, item)
        return self.elements

    def take_noon(self, item: Item) -> None:
        """Read "noon", "midnight" and "sundown"."""
        self.take_clock(Item("clock", CLOCK_NAMES[item.kind]))

    def take_school(self, _: Item) -> None:
        """Take school for something that is done."""
        self.elements.append("to_do")

    def take_shift(self, item: Item) -> None:
        """Take "i work nights" for hours that are busy, on no day in particular."""
        self.elements += ["busy", Group(parts=tuple(str(part) for part in item.value), weak=True)]

    def take_status(self, _: Item) -> None:
        """Take "i'm retired" for any time, unless another is named."""
        self.add(Group(whole=True, weak=True))

    def take_ni(self, _: Item) -> None:
        """Read "los lunes ni pío" as a no, "ni lunes ni martes" as a no to both."""
        if self.kind() == "word" and isinstance(self.last, Group):
            self.elements.append("bad")
        else:
            self.elements.append("or" if self.elements else "not")

    def take_of_workdays(self, _: Item) -> None:
        """Take "during school hours" for hours of working days."""
        self.bounds.of_workdays = True

    def take_unlike(self, _: Item) -> None:
        """Read "weekdays are booked, weekends arent" as the opposite of what was said; before a word it denies that."""
        self.elements.append("unlike" if self.kind() in {"", ",", "?"} else "not")

    def take_correction(self, _: Item) -> None:
        """Read "tuesday, no wait, wednesday": what is taken back gives way to what follows."""
        days = self.kind() in {"day", "date", "the", "this", "next"}
        while self.last == ",":
            self.elements.pop()
        last = self.last
        if isinstance(last, Group) and last.names_days == days:
            self.elements.pop()

    def take_than(self, _: Item) -> None:
        """Pass over what is compared with: "better than mornings"."""
        ahead = 0
        while self.kind(ahead) in {"word", "to_do", "filler", "the", "good"} and ahead < FARTHEST_COMPARED:
            ahead += 1
        if self.kind(ahead) in {"day", "part", "date", "today", "tomorrow"}:
            self.place += ahead + 1

    def take_that_day(self, item: Item) -> None:
        """Read "that day" as the day spoken of, or else as the session's: "could do it after 2 that day"."""
        if self.invited is None or any(group.days or group.dates for group in self.said_before()):
            self.take_those(item)
        else:
            self.add_dates([self.invited])

    def take_those(self, item: Item) -> None:
        """Read "those days", "esas noches": the days named before, also while what stands there makes no group of them."""
        for group in self.said_before():
            if group.days or group.dates:
                parts = ("evening",) if item.value == NIGHTS else group.parts if item.value == THAT_TIME else ()
                self.add(Group(days=group.days, dates=group.dates, weekly=group.weekly, parts=parts))
                return

    def take_frequency(self, item: Item) -> None:
        """Read "every other", "once a month"."""
        one = self.kind() == "word" and self.items[self.place].value == ("one",)
        if item.kind == "biweekly" and self.kind() in {"part", "word"} and not one:
            self.take_rest(Item("rest", (7,)))
            return
        if item.kind == "of_month":
            self.bounds.freq = self.bounds.freq or ("monthly" if self._said_one() else None)
            return
        self.bounds.freq = item.kind
        if one:
            self._take_other_ones()

    def _take_other_ones(self) -> None:
        """Read "my weekends are for the kids, every other one is free" as the days named before."""
        for group in self.said_before():
            if group.days:
                group.weak = True
                self.add(Group(days=group.days, weekly=True))
                return

    def _said_one(self) -> bool:
        return any(item.kind == "word" and item.value in {("one",), ("un",), ("una",)} for item in self.items)

    def turn_last(self, item: Item) -> None:
        """Read "7 or later", "2 or earlier", "6 on", "april 3 on": the hour or date just read is an end."""
        last = self.last
        if isinstance(last, Group) and len(last.dates) == 1 and item.kind != "backwards":
            self.elements.pop()
            self.bounds.not_before = date.fromisoformat(last.dates[0])
        if isinstance(last, Group) and last.first is not None:
            last.point = False
            if item.kind == "backwards":
                last.first, last.last = None, last.first

    def take_on(self, item: Item) -> None:
        """Read "430 on" as from half past four."""
        if self.kind() in {"", ",", "and", "be", "good", "free"}:
            self.turn_last(item)

    def take_day(self, item: Item) -> None:
        """Take days."""
        weekly = item.weekly or self.bounds.freq is not None
        self.add(Group(days=tuple(str(day) for day in item.value), weekly=weekly))

    def take_part(self, item: Item) -> None:
        """Take parts of day."""
        self.add(Group(parts=tuple(str(part) for part in item.value), weekly=item.weekly))

    def take_after_part(self, item: Item) -> None:
        """Take "after church" for the parts of day behind it."""
        self.add(Group(parts=tuple(str(part) for part in item.value), opens=True))

    def take_whole(self, _: Item) -> None:
        """Take "any time"."""
        self.add(Group(whole=True))

    def take_rest(self, item: Item) -> None:
        """Take "the other days", "everything else"; "any other thursday" is merely any Thursday."""
        following = self.peek()
        if following is not None and following.kind == "day":
            self.place += 1
            self.take_day(following._replace(weekly=True))
            return
        self.add(Group(rest=_RESTS.get(item, "cells"), weekly=True))


TAKEN: Mapping[str, Callable[[AtomReader, Item], None]] = {
    "day": AtomReader.take_day,
    "part": AtomReader.take_part,
    "after_part": AtomReader.take_after_part,
    "whole": AtomReader.take_whole,
    "rest": AtomReader.take_rest,
    "clock": AtomReader.take_clock,
    "while": AtomReader.take_while,
    "school": AtomReader.take_school,
    "of_workdays": AtomReader.take_of_workdays,
    "shift": AtomReader.take_shift,
    "status": AtomReader.take_status,
    "than": AtomReader.take_than,
    "idle": AtomReader.take_idle,
    "unlike": AtomReader.take_unlike,
    "correction": AtomReader.take_correction,
    "last_day": AtomReader.take_last_day,
    "thereafter": AtomReader.take_thereafter,
    "those": AtomReader.take_those,
    "that_day": AtomReader.take_that_day,
    "ni": AtomReader.take_ni,
    "leave": AtomReader.take_shift_end,
    "enter": AtomReader.take_shift_end,
    "week_from": AtomReader.take_week_from,
    "after_next": AtomReader.take_coming,
    "coming": AtomReader.take_coming,
    "one_after": AtomReader.take_one_after,
    "week_of": AtomReader.take_week_of,
    "early_in": AtomReader.take_early_in,
    "of_month": AtomReader.take_frequency,
    "on": AtomReader.take_on,
    "ordinal": AtomReader.take_ordinal_or_date,
    "date": AtomReader.take_ordinal_or_date,
    "this": AtomReader.take_named,
    "next": AtomReader.take_named,
    **dict.fromkeys(CLOCK_NAMES, AtomReader.take_noon),
    **dict.fromkeys(("biweekly", "monthly", "weekly"), AtomReader.take_frequency),
    **dict.fromkeys(("onwards", "backwards"), AtomReader.turn_last),
    **dict.fromkeys(PERIODS - {"date", "tomorrow", "day"} | {"in", "end_of", "weekend_of"}, AtomReader.take_period),
    **dict.fromkeys(NEAR_DAYS, AtomReader.take_near_day),
    **dict.fromkeys(BEGINS | ENDS, AtomReader.take_bound),
}
"""How each kind of item is taken; others are passed over."""

__all__ = ["NEGATIVE", "POSITIVE", "SIGNS", "AtomReader", "Element"]
