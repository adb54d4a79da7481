"""When people can come: a small grammar of days, parts of day, clock times and dates, English and Spanish.

A text goes through six steps, each a module of its own: ``lexer`` (the words of lexicon/availability.yaml become items),
``tokens`` (numbers, months and ranges are settled), ``atoms`` (a clause's items become days, hours and marks; what bounds
the calendar is set apart), ``binding`` (hours go to their days), ``signs`` (can, cannot or perhaps) and ``outcome``
(cells of the week, windows, dates). ``grammar`` leads from clause to clause.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from outreach.understanding.availability.grammar import Statement, dated, parse
from outreach.understanding.availability.lexer import TIME_KINDS, speaks_of_time
from outreach.understanding.availability.outcome import availability_of
from outreach.understanding.availability.tokens import items_of
from outreach.understanding.reading import Availability


@dataclass(frozen=True)
class WhenSaid:
    """What a text says about when: the availability, whether as a habit, and what must be asked back.

    ``habits`` leaves out days said once; ``offers`` tells that some time is said to be possible.
    """

    availability: Availability | None = None
    is_weekly: bool = False
    is_denied: bool = False
    has_groups: bool = False
    open_hours: bool = False
    tomorrow_or_morning: bool = False
    offers: bool = False
    habits: Availability | None = None
    single_days: tuple[str, ...] = ()


NOTHING_SAID = WhenSaid()


def read_when(
    tokens: Sequence[str], now: datetime, *, single_days_are_dates: bool = False, invited: date | None = None
) -> WhenSaid:
    """Read what a text says about when, in the light of ``now`` (aware, the chapter's zone).

    ``single_days_are_dates``: "thursday" means the coming one, as when a call is being arranged; so it does beside a
    date: "tomorrow morning or thursday evening". ``invited``: the day of the one session that we invited to, from which
    "the one after" is counted.
    """
    if not speaks_of_time(tokens):
        return NOTHING_SAID
    items = items_of(tokens)
    if not any(item.kind in TIME_KINDS for item in items):
        return NOTHING_SAID
    statement = parse(items, now.date(), invited)
    single_days = _single_days(statement)
    habits = availability_of(_without_single_days(statement)) if single_days else None
    if single_days_are_dates or any(group.dates and group.sign > 0 for group in statement.groups):
        dated(statement, now.date())
    availability = availability_of(statement)
    return WhenSaid(
        availability=availability,
        offers=any(group.sign > 0 for group in statement.groups),
        habits=habits if single_days else availability,
        is_weekly=any(group.weekly for group in statement.groups),
        is_denied=any(group.sign < 0 for group in statement.groups),
        has_groups=bool(statement.groups),
        open_hours=any(group.ambiguous for group in statement.groups),
        tomorrow_or_morning=statement.bounds.tomorrow_or_morning,
        single_days=single_days,
    )


def _without_single_days(statement: Statement) -> Statement:
    """Leave out the days said once: to a menu they are an answer, no habit."""
    return replace(statement, groups=[g for g in statement.groups if not g.days or g.weekly or g.sign <= 0])


def _single_days(statement: Statement) -> tuple[str, ...]:
    """Give the days that were said once and not as a habit: "thursday", not "thursdays"."""
    return tuple(day for group in statement.groups if not group.weekly and group.sign > 0 for day in group.days)
