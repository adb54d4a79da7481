"""When a session's reminders are due: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.conversations.gathering import DAY_BEFORE
from outreach.texting.hours import Window, next_open

PLAN = "plan"
EVENING_BEFORE = "evening_before"
TODAY = "today"
PLAN_DAYS, PLAN_AT = 4, time(17, 30)
# Later than this it is no plan any more, and the day before is near.
PLAN_FOR = timedelta(days=1)
DAY_BEFORE_AT = time(11)
EVENING_AT = time(18)
HOURS_BEFORE = timedelta(hours=2, minutes=30)
# After this, a text about today only disturbs people who are on their way.
TOO_LATE = timedelta(minutes=20)
EARLIEST = timedelta(days=6)


@dataclass(frozen=True, slots=True)
class ReminderTime:
    """One reminder of a session: what kind, from when on, and until when it makes sense."""

    kind: str
    due_at: datetime
    expires_at: datetime


def reminder_times(starts_at: datetime, zone: str, windows: Sequence[Window]) -> tuple[ReminderTime, ReminderTime]:
    """Return the reminder of the day before, and that of the day, for somebody who may be texted in these windows.

    The latter goes the evening before, in its "tomorrow" wording, where two to three hours before is outside the
    text hours. What speaks of tomorrow expires with its day.
    """
    place = ZoneInfo(zone)
    start = starts_at.astimezone(place)
    yesterday = start.date() - timedelta(days=1)
    midnight = datetime.combine(start.date(), time(0), tzinfo=place)
    day_before = ReminderTime(DAY_BEFORE, datetime.combine(yesterday, DAY_BEFORE_AT, tzinfo=place), midnight)
    due = starts_at - HOURS_BEFORE
    on_the_day = due.astimezone(place).date() == start.date() and next_open(due, windows) == due
    if on_the_day:
        return day_before, ReminderTime(TODAY, due, starts_at - TOO_LATE)
    evening = _evening(datetime.combine(yesterday, EVENING_AT, tzinfo=place), windows)
    return day_before, ReminderTime(EVENING_BEFORE, evening, midnight)


def plan_time(starts_at: datetime, zone: str, windows: Sequence[Window]) -> ReminderTime:
    """Return when to ask how somebody will come: in the early evening, four days before."""
    place = ZoneInfo(zone)
    day = starts_at.astimezone(place).date() - timedelta(days=PLAN_DAYS)
    due = _evening(datetime.combine(day, PLAN_AT, tzinfo=place), windows)
    return ReminderTime(PLAN, due, due + PLAN_FOR)


def _evening(at: datetime, windows: Sequence[Window]) -> datetime:
    """Return when the evening's reminder goes: at its hour, or early enough where the text hours close before it."""
    while next_open(at, windows) != at and at.time() > DAY_BEFORE_AT:
        at -= timedelta(hours=1)
    return at


def due_reminders(starts_at: datetime, zone: str, windows: Sequence[Window], now: datetime) -> list[ReminderTime]:
    """Return the reminders of a session that are due now and not yet pointless."""
    times = (plan_time(starts_at, zone, windows), *reminder_times(starts_at, zone, windows))
    return [one for one in times if one.due_at <= now < one.expires_at]
