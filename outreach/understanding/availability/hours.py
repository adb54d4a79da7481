from dataclasses import replace
from datetime import date

from outreach.understanding.availability import bounds as calendar
from outreach.understanding.availability.bounds import PERIODS
from outreach.understanding.availability.calendar_days import DateReader
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.cursor import AT, CLOCK_NAMES, POSITIVE, RANGE_JOINTS, clock_of
from outreach.understanding.availability.lexer import Item
from outreach.understanding.reading import DAYS, PARTS

BEGINS = frozenset({"after", "from", "at", "a_las", "las", "between", "busy_until"})
ENDS = frozenset({"before", "not_past", "by", "until", "not_after", "through"})
_STEPPED_OVER = AT | {"word", "be", "until", "busy", "part", "in", "to_do", "school", "by"}
CLOCK_KINDS = {"clock", *CLOCK_NAMES}
_DONE = frozenset({"i", "enter", "to_do", "busy", "work", "leave"})
"""What may follow "before" or "after" and is no time: "before i open", "antes de entrar"."""
_BEGUN = frozenset(
    {"word", "to_do", "busy", "work", "school", "shift", "i", "enter", "the", "at", "a_las", "las", "have", "be"}
)
"""What may stand between "before" and the hour at which it begins: "before my shift starts at 1"."""
EARLY = (2,)
"""The value of "fridays i get out early", whose hour may stand behind a comma."""
LATE = 11
"""Hours below it are of the evening in "not after 8": nobody needs to be spared the forenoon so."""
_STAYING = frozenset({"stay", "quedarme", "quedar", "quedo", "last", "hang", "work", "trabajo", "remain"})
_CALLING = frozenset(
    {"call", "text", "hit", "me", "try", "wake", "contact", "bother", "llamen", "llame", "marquen", "marque"}
)
FARTHEST_VERB = 3
"""Words between "can't" and "until": "can't get on there until 7"."""
FARTHEST_CLOCK = 6
"""Items between "salgo" and the hour: "salgo de la chamba como a las 6"."""


class HourReader(DateReader):
    """Read clock times, their ranges and bounds, and what stands for them: the end of a shift, the hours of school."""

    def take_clock(self, item: Item) -> None:
        """Read a clock time and, where one follows, the end of its range."""
        group = Group(first=clock_of(item), point=True)
        self._take_range_end(group)
        self.add(group)

    def _take_range_end(self, group: Group) -> None:
        joint, ahead = self.kind(), 1
        if joint not in RANGE_JOINTS:
            return
        between = self._follows_between()
        if joint == "and" and not between:
            return
        while self.kind(ahead) in (AT | {"word", "before"} if between else AT) and ahead < FARTHEST_CLOCK:
            ahead += 1
        end = self.peek(ahead)
        if end is not None and end.kind in CLOCK_KINDS:
            group.last, group.point = clock_of(end), False
            self.place += ahead + 1

    def _follows_between(self) -> bool:
        """Tell whether the hour just read begins what "between" opened: "between drop off at 8 and pickup at 2"."""
        for back in range(2, FARTHEST_CLOCK + 1):
            kind = self.items[self.place - back].kind if self.place >= back else ","
            if kind == "between":
                return True
            if kind in CLOCK_KINDS | {",", "and"}:
                return False
        return False

    def take_shift_end(self, mark: Item) -> None:
        """Read "salgo de la chamba a las 6" as after six, and "I start at 2" as before two."""
        if self._turns_hour_before(mark.kind):
            return
        ahead = 0
        kind = mark.kind
        over = _STEPPED_OVER | ({"before"} if kind == "enter" else {","} if mark.value == EARLY else frozenset())
        while ahead < FARTHEST_CLOCK and self.kind(ahead) in over:
            ahead += 1
        item = self.peek(ahead)
        if item is not None and item.kind == "date" and kind == "leave":
            self.place += ahead + 1
            self.bound("from" if mark.value else "after", item)
            return
        if item is not None and item.kind in CLOCK_KINDS and self.kind(ahead + 1) not in RANGE_JOINTS:
            part = self.peek(ahead + 1)
            self.place += ahead + 1
            clock = clock_of(item)
            group = Group(first=clock, ends_shift=True) if kind == "leave" else Group(last=clock)
            if part is not None and part.kind == "part" and clock.meridiem is None:
                self.place += 1
                group.parts_of_clock = tuple(str(name) for name in part.value)
            if self.last in {"no", "not"}:
                self.elements.pop()
            self.add(group)
        elif kind == "enter":
            self.elements.append("word")
        else:
            self._pass_over_work()

    def _turns_hour_before(self, kind: str) -> bool:
        """Read "a las 3 entro", "at 5 i get off": the hour just read ends or begins the time; tell whether it did."""
        place = len(self.elements) - (2 if self.last in {"i", "word"} else 1)
        hour = self.elements[place] if place >= 0 else None
        if not isinstance(hour, Group) or not hour.point or self.kind() in {"a_las", "at", "clock", "las"}:
            return False
        del self.elements[place + 1 :]
        hour.point, hour.ends_shift = False, kind == "leave"
        if kind == "enter":
            hour.first, hour.last = None, hour.first
        self._pass_over_work()
        return True

    def _pass_over_work(self) -> None:
        """Pass over what is left: in "after 5, when i leave work" the work makes nobody busy."""
        while self.kind() in {"the", "busy", "to_do", "school"}:
            self.place += 1

    def take_while(self, _: Item) -> None:
        """Read "while the kids are in school" as the hours of school; what else is done meanwhile says no hours."""
        ahead = 0
        while self.kind(ahead) in {"word", "be", "have", "busy", "in", "at", "the", "to_do", "this"}:
            ahead += 1
        self.bounds.of_workdays = self.bounds.of_workdays or self.kind(ahead) == "school"
        told = isinstance(self.last, Group) and self.last.names_hours
        if told:
            ahead += self.kind(ahead) == "school"
        elif self.kind(ahead) == "school" or any(self.kind(back) == "to_do" for back in range(ahead)):
            self.elements.append(Group(parts=("morning", "afternoon")))
            ahead += self.kind(ahead) == "school"
        self.place += ahead

    def take_thereafter(self, _: Item) -> None:
        """Read "i work til 6, after that": from the hour that was named before."""
        if self.kind() in {"i", "enter", "busy", "to_do"} and POSITIVE.isdisjoint(
            item.kind for item in self.items[self.place :]
        ):
            return
        alone = self.kind(1 if self.kind() in {"any", "every", "the", "on", ","} else 0) not in {"day", "date", "part"}
        before = self.said_before()
        for group in before:
            if clock := group.last or group.first:
                group.weak = group.weak or (group.last is not None and not group.marked)
                days = (group.days, group.dates) if alone else ((), ())
                self.add(Group(*days, first=clock, parts_of_clock=group.parts_of_clock, weekly=alone and group.weekly))
                return
            if group.parts and (later := PARTS[PARTS.index(group.parts[-1]) + 1 :]):
                self.add(Group(*((group.days, group.dates) if alone else ((), ())), later, weekly=group.weekly))
                return

        if before and before[0].days and self.is_denied():
            self.add(Group(DAYS[DAYS.index(before[0].days[-1]) + 1 :] or DAYS, weekly=True))

    def take_idle(self, _: Item) -> None:
        """Pass over an hour that says nothing of when: "i'm up at 5", "i called at 6"."""
        ahead = 0
        while self.kind(ahead) in AT:
            ahead += 1
        if self.kind(ahead) in CLOCK_KINDS:
            self.place += ahead + 1 + (self.kind(ahead + 1) == "part")

    def take_bound(self, said: Item) -> None:
        """Read "after 5", "before april 6": a bound of the day or of the calendar."""
        ahead, mark = 0, said.kind
        if mark == "after" and self.take_day_after():
            return
        while self.kind(ahead) in AT or (mark in {"until", "after"} and self.kind(ahead) == "end_of"):
            mark = "through" if self.kind(ahead) == "end_of" and mark == "until" else mark
            ahead += 1
        item = self.peek(ahead)
        if item is None:
            self._open_up(mark)
        elif item.kind in CLOCK_KINDS:
            self.place += ahead + 1
            self._take_clock_bound(mark, item)
        elif item.kind == "day":
            self._take_day_bound(mark, item, ahead)
        elif item.kind in PERIODS:
            self.place += ahead + 1
            if item.kind == "feast" and any(other.kind == "leave" for other in self.items[self.place :]):
                mark = "after"
            self._take_calendar_bound(mark, item)
        elif mark in {"from", "after", "until"}:
            self.pending = mark
        elif mark == "before" and self._take_what_begins():
            return
        if item is not None and mark in {"before", "after"} and item.kind in _DONE:
            self._tell_apart_what_is_done()

    def _take_what_begins(self) -> bool:
        """Read "before my shift at 1" as before one; tell whether there was such an hour."""
        ahead = 0
        while self.kind(ahead) in _BEGUN and ahead < FARTHEST_CLOCK:
            ahead += 1
        item = self.peek(ahead)
        if item is None or item.kind not in CLOCK_KINDS or self.kind(ahead - 1) not in {"at", "a_las", "las"}:
            return False
        self.place += ahead + 1
        self.add(Group(last=clock_of(item)))
        return True

    def _tell_apart_what_is_done(self) -> None:
        """Mark what follows as told of: in "mornings, before i open the shop" the work makes no morning busy."""
        if any(isinstance(element, Group) for element in self.elements):
            if self.last == ",":
                self.elements.pop()
            self.elements.append("if")

    def _open_up(self, mark: str) -> None:
        """Read "5 or after": the hour before is a beginning."""
        hour = self.elements[-2] if len(self.elements) > 1 and self.last == "or" else None
        if mark == "after" and isinstance(hour, Group) and hour.first is not None:
            self.elements.pop()
            hour.point = False
        elif mark == "after":
            self.take_thereafter(Item("thereafter"))

    def _take_day_bound(self, mark: str, item: Item, ahead: int) -> None:
        """Read "starting monday", "until sunday": a day said once that bounds the calendar."""
        once = len(item.value) == 1 and not item.weekly and "later" not in self.elements
        if once and mark in {"from", "until", "after"} and self.kind(ahead + 1) not in {"part", "clock", "to", "and"}:
            self.place += ahead + 1
            self.bound(mark, item)

    def _take_calendar_bound(self, mark: str, item: Item) -> None:
        end = self._range_end_of(item) if mark in {"from", "between"} else None
        start = calendar.period(item, self.today)
        if end is not None and start is not None:
            self.take_stretch(start[0], end)
        elif mark not in {"at", "a_las"}:
            self.bound("in" if mark == "between" else mark, item)

    def _range_end_of(self, item: Item) -> date | None:
        """Give the last day of "from the 14th to the 19th", where the first was just read."""
        if self.kind() not in RANGE_JOINTS or item.kind not in {"date", "month"}:
            return None
        ahead = 2 if self.kind(1) == "the" else 1
        end = self.peek(ahead)
        found = calendar.period(end, self.today) if end is not None and end.kind in {"date", "month"} else None
        if found is None:
            return None
        self.place += ahead + 1
        return found[1]

    def _is_denied_bound(self, mark: str) -> bool:
        """Take away the no of "not before 3"; tell whether there was one."""
        if self.last in {"no", "not"} and mark in {"before", "after", "until"}:
            self.elements.pop()
            return True
        return mark in {"until", "before"} and self._is_denied_start(_STAYING if mark == "until" else _CALLING)

    def _is_denied_start(self, besides: frozenset[str]) -> bool:
        """Take away the no of "can't log on until 7", "can't start before 7"; "can't stay until 7" is an end."""
        for back in range(1, FARTHEST_VERB + 2):
            place = len(self.elements) - back
            if place < 0 or not isinstance(self.elements[place], str):
                return False
            if self.elements[place] in {"no", "not"}:
                said = {word for item in self.items[max(self.place - back - 2, 0) : self.place] for word in item.value}
                if said & besides:
                    return False
                del self.elements[place:]
                return True
        return False

    def _take_clock_bound(self, mark: str, item: Item) -> None:
        clock = clock_of(item)
        begins = mark in BEGINS
        if mark == "not_past" and clock.meridiem is None and clock.hour < LATE:
            clock = replace(clock, meridiem="pm")
        if self._is_denied_bound(mark):
            begins = mark != "after"
            if mark == "after" and clock.meridiem is None and clock.hour < LATE:
                clock = replace(clock, meridiem="pm")
        point = mark in {"at", "a_las", "las"} and self.pending != "after"
        self.pending = "" if self.pending == "after" else self.pending
        group = Group(first=clock, point=point, ends_shift=mark == "busy_until") if begins else Group(last=clock)
        if begins:
            self._take_range_end(group)
        self.add(group)
