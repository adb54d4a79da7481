from dataclasses import dataclass
from datetime import date, timedelta

from outreach.understanding.availability import dates
from outreach.understanding.availability.lexer import Item

PERIODS = frozenset(
    {"date", "month", "next_month", "next_week", "next_year", "season", "feast", "in_month", "in_weeks", "this_month"}
    | {"tomorrow", "day"}
)
"""Kinds of items that name a stretch of the calendar."""
LONG_AGO = 300
"""Days to a month that was meant as the last one: in March, "laid off in february"."""
FIXED_DAYS = frozenset({"season", "feast"})


@dataclass
class Bounds:
    """The first and the last day that a text names, and how often the person can.

    ``of_workdays``: the hours are said by those of school or an office, and so are of working days.
    """

    not_before: date | None = None
    not_after: date | None = None
    freq: str | None = None
    tomorrow_or_morning: bool = False
    of_workdays: bool = False


def date_of(item: Item, today: date) -> date | None:
    """Give the coming day that a date item names; None where there is none."""
    month, day = item.value
    return dates.month_day(today, month if isinstance(month, int) else None, int(str(day)))


def period(item: Item, today: date) -> tuple[date, date] | None:
    """Give the first and last day of the stretch that an item names."""
    if item.kind == "date":
        found = date_of(item, today)
        return (found, found) if found else None
    if item.kind == "month":
        start = dates.first_of_month(today, int(str(item.value[0])))
        return start, dates.last_of_month(start)
    if item.kind == "day":
        found = dates.coming(today, str(item.value[0]))
        return found, found
    if item.kind == "this_month":
        return today, dates.last_of_month(today)
    if item.kind in FIXED_DAYS:
        start = dates.season(today, int(str(item.value[0])), int(str(item.value[1])))
        return start, start
    start, days = {
        "next_week": (dates.next_monday(today), 6),
        "next_month": (dates.add_months(today, 1).replace(day=1), 27),
        "in_month": (dates.add_months(today, 1), 0),
        "in_weeks": (today + timedelta(weeks=int(str(item.value[0] if item.value else 1))), 0),
        "tomorrow": (today + timedelta(days=1), 0),
    }.get(item.kind, (date(today.year + 1, 1, 1), 364))
    return start, start + timedelta(days=days)


def bind(bounds: Bounds, mark: str, item: Item, today: date, *, able: bool) -> None:
    """Take "after april 6", "until may", "in june" for the first or the last day; ``able``: it is said as a can."""
    found = period(item, today)
    if found is None:
        return
    start, end = found
    if mark == "in" and item.kind == "month" and (start - today).days > LONG_AGO:
        return
    if mark == "after":
        bounds.not_before = end + timedelta(days=1) if item.kind != "season" else start
    elif mark in {"before", "not_after", "not_past"}:
        bounds.not_after = start - timedelta(days=1)
    elif mark == "end_of" or (mark in {"until", "through"} and able):
        bounds.not_after = end
    elif mark == "through":
        bounds.not_before = end + timedelta(days=1)
    else:
        bounds.not_before = start
        if mark == "in" and item.kind == "month":
            bounds.not_after = end
