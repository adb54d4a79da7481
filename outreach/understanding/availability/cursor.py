from collections.abc import Mapping, Sequence
from datetime import date

from outreach.understanding.availability import bounds as calendar
from outreach.understanding.availability.bounds import Bounds
from outreach.understanding.availability.cells import Clock, Group
from outreach.understanding.availability.lexer import Item

CONNECTORS = frozenset({"and", "or", ","})
NEGATIVE = frozenset({"no", "not", "busy", "bad"})
POSITIVE = frozenset({"good", "free", "best", "usually"})
SIGNS = NEGATIVE | POSITIVE | {"maybe", "work", "works", "dont_work"}
AT = frozenset({"the", "las", "at", "a_las", "this"})
"""What may stand between a mark and its hour: "after · las · 5"."""
RANGE_JOINTS = frozenset({"dash", "to", "until", "and", "through", "before", "a_las"})
CLOCK_NAMES: Mapping[str, tuple[object, ...]] = {
    "noon": (12, 0, "pm"),
    "midnight": (12, 0, "am"),
    "sundown": (6, 0, "pm"),
}
"""The hours that have names."""
_MONTHS = frozenset({"month", "next_month"})
_NAMED = frozenset({"day", "part", "clock", "date", "month", "next_month", "whole"})
FARTHEST_CAN = 4
"""Items between a bound and the can that it bounds: "until april 10, i am free"."""
Element = Group | str


class Cursor:
    """A place in the items of a clause, what was made of those before it, and the calendar's bounds.

    ``pending`` is a mark that still waits for its day: "not until i'm back april 3", ``earlier`` the groups of the
    clause before, ``invited`` the day of the session that we invited to.
    """

    def __init__(
        self,
        items: Sequence[Item],
        bounds: Bounds,
        today: date,
        *,
        earlier: Sequence[Group] = (),
        invited: date | None = None,
    ) -> None:
        self.items, self.bounds, self.today, self.earlier, self.invited = items, bounds, today, earlier, invited
        self.elements: list[Element] = []
        self.place = 0
        self.pending = ""

    def peek(self, ahead: int = 0) -> Item | None:
        """Give an item ahead, or None beyond the end."""
        at = self.place + ahead
        return self.items[at] if 0 <= at < len(self.items) else None

    def kind(self, ahead: int = 0) -> str:
        """Give the kind of an item ahead, or "" beyond the end."""
        item = self.peek(ahead)
        return item.kind if item else ""

    def add(self, group: Group) -> None:
        """Take a group for an element."""
        self.elements.append(group)

    def add_dates(self, found: Sequence[date]) -> None:
        """Take dates for an element."""
        self.add(Group(dates=tuple(dict.fromkeys(day.isoformat() for day in found))))

    @property
    def last(self) -> Element:
        """Give the last element, or "" when there is none."""
        return self.elements[-1] if self.elements else ""

    def said_before(self) -> list[Group]:
        """Give the groups of the clause before and of this one so far, the latest first."""
        here = [element for element in self.elements if isinstance(element, Group)]
        return [*self.earlier, *here][::-1]

    def is_denied(self) -> bool:
        """Tell whether a word of the clause so far denies."""
        return any(isinstance(element, str) and element in NEGATIVE for element in self.elements)

    def bound(self, mark: str, item: Item) -> None:
        """Let the calendar be bounded by a mark and what it stands before: "after april 6"."""
        self.pending = ""
        told = any(isinstance(element, Group) and element.weekly for element in self.elements)
        if mark == "until" and told and (self.is_denied() or "to_do" in self.elements):
            return
        if mark == "in" and item.kind in _MONTHS and self._is_taken_up():
            mark = "through"
        able = self.is_able() or (not self.elements and self._can_follows())
        calendar.bind(self.bounds, mark, item, self.today, able=able)

    def _is_taken_up(self) -> bool:
        """Tell whether what is named between commas is denied: "away all of march", "todo marzo ando fuera"."""
        ahead = 0
        while self.kind(ahead) not in {"", ","}:
            ahead += 1
        kinds = [item.kind for item in self.items[self.place : self.place + ahead]]
        place = len(self.elements)
        while place > 0 and self.elements[place - 1] != ",":
            place -= 1
        kinds += [element for element in self.elements[place:] if isinstance(element, str)]
        named = any(isinstance(element, Group) for element in self.elements[place:]) or not _NAMED.isdisjoint(kinds)
        return not named and not {*kinds}.isdisjoint(NEGATIVE | {"to_do"}) and POSITIVE.isdisjoint(kinds)

    def _can_follows(self) -> bool:
        """Tell whether what is ahead is a can: "until april 10 i'm free"."""
        ahead = 0
        while self.kind(ahead) in {"i", "word", ","} and ahead < FARTHEST_CAN:
            ahead += 1
        return self.kind(ahead) in {"free", "good"}

    def is_able(self) -> bool:
        """Tell whether what was read so far of the clause is a can."""
        marks = {element for element in self.elements if isinstance(element, str)}
        named = any(isinstance(element, Group) for element in self.elements)
        return not marks & NEGATIVE and bool(marks & (POSITIVE - {"best"}) or "only" in marks or named)


def clock_of(item: Item) -> Clock:
    """Give the clock time that an item says."""
    hour, minute, meridiem = CLOCK_NAMES.get(item.kind, item.value)
    return Clock(int(str(hour)), int(str(minute)), str(meridiem) if meridiem else None)
