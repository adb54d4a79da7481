"""When people can come: a small grammar of days, parts of day, clock times and dates, English and Spanish."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from outreach.understanding.availability.grammar import Statement, dated, parse
from outreach.understanding.availability.outcome import availability_of
from outreach.understanding.availability.tokens import items_of
from outreach.understanding.reading import Availability


@dataclass(frozen=True)
class WhenSaid:
    """What a text says about when: the availability, whether as a habit, and what must be asked back."""

    availability: Availability | None = None
    is_weekly: bool = False
    is_denied: bool = False
    has_groups: bool = False
    open_hours: bool = False
    tomorrow_or_morning: bool = False
    single_days: tuple[str, ...] = ()


TIME_KINDS = frozenset(
    {"day", "part", "whole", "clock", "date", "month", "next_month", "next_week", "next_year", "season", "feast"}
    | {
        "in_month",
        "in_weeks",
        "this_month",
        "tomorrow",
        "tonight",
        "today",
        "status",
        "shift",
        "overmorrow",
        "manana",
        "rest",
        "noon",
    }
)


def read_when(tokens: Sequence[str], now: datetime, *, single_days_are_dates: bool = False) -> WhenSaid:
    """Read what a text says about when, in the light of ``now`` (aware, the chapter's zone).

    ``single_days_are_dates``: "thursday" means the coming one, as when a call is being arranged.
    """
    items = items_of(tokens)
    if not any(item.kind in TIME_KINDS for item in items):
        return WhenSaid()
    statement = parse(items, now.date())
    single_days = _single_days(statement)
    if single_days_are_dates:
        dated(statement, now.date())
    return WhenSaid(
        availability=availability_of(statement),
        is_weekly=any(group.weekly for group in statement.groups),
        is_denied=any(group.sign < 0 for group in statement.groups),
        has_groups=bool(statement.groups),
        open_hours=any(group.ambiguous for group in statement.groups),
        tomorrow_or_morning=statement.bounds.tomorrow_or_morning,
        single_days=single_days,
    )


def _single_days(statement: Statement) -> tuple[str, ...]:
    """Give the days that were said once and not as a habit: "thursday", not "thursdays"."""
    return tuple(day for group in statement.groups if not group.weekly and group.sign > 0 for day in group.days)
