from calendar import monthrange
from collections.abc import Sequence
from datetime import date, timedelta

from outreach.understanding.reading import DAYS


def add_months(day: date, months: int) -> date:
    """Give the same day some months on, or the last day of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def first_of_month(today: date, month: int) -> date:
    """Give the first day of the next such month that is not over."""
    return date(today.year + (month < today.month), month, 1)


def last_of_month(day: date) -> date:
    """Give the last day of that day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def month_day(today: date, month: int | None, day: int) -> date | None:
    """Give the coming date of a month and day, or of a day of the month; None where there is none."""
    for step in range(13):
        start = add_months(today.replace(day=1), step)
        if (month is None or start.month == month) and day <= monthrange(start.year, start.month)[1] and day > 0:
            found = start.replace(day=day)
            if found >= today:
                return found
    return None


def coming(today: date, weekday: str, *, after_this_week: bool = False) -> date:
    """Give the next date of a weekday, today left out; "next tuesday" means that of next week."""
    ahead = (DAYS.index(weekday) - today.weekday()) % 7 or 7
    found = today + timedelta(days=ahead)
    if after_this_week and found <= today + timedelta(days=6 - today.weekday()):
        found += timedelta(days=7)
    return found


def next_monday(today: date) -> date:
    """Give the Monday of next week."""
    return today + timedelta(days=7 - today.weekday())


def season(today: date, month: int, day: int) -> date:
    """Give the coming date of a fixed day of the year: a season's first day, a feast."""
    this_year = date(today.year, month, day)
    return this_year if this_year >= today else date(today.year + 1, month, day)


def nth_in_month(first: date, days: Sequence[str], nth: str) -> list[date]:
    """Give the nth of these weekdays in a month, "1" to "5" or "last"; several days go together as in "first weekend"."""
    month = [first + timedelta(days=step) for step in range(monthrange(first.year, first.month)[1])]
    leading = [day for day in month if DAYS[day.weekday()] == days[0]]
    place = -1 if nth == "last" else int(nth) - 1
    if place >= len(leading):
        return []
    return [leading[place] + timedelta(days=step) for step in range(len(days))]
