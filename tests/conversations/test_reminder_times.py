from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.conversations.reminder_times import due_reminders, reminder_times
from outreach.text_hours import TextHours
from outreach.texting.hours import Hours, next_open

ZONE = "America/Los_Angeles"
LA = ZoneInfo(ZONE)
HOURS = Hours(TextHours.parse("09:00-20:00"), TextHours.parse("12:00-20:00"), ZONE)
ANY_HOUR = Hours(TextHours.parse("00:00-24:00"), TextHours.parse("00:00-24:00"), ZONE)
SHORT = Hours(TextHours.parse("10:00-16:00"), TextHours.parse("13:00-15:00"), ZONE)


def local(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=LA)


def test_a_weekday_evening_is_reminded_the_day_before_and_two_and_a_half_hours_before() -> None:
    start = local(12, 9, 18, 30)
    before, today = reminder_times(start, ZONE, HOURS.at(ZONE))
    assert (before.kind, before.due_at, before.expires_at) == ("day_before", local(12, 8, 11), local(12, 9, 0))
    assert (today.kind, today.due_at, today.expires_at) == ("today", local(12, 9, 16), local(12, 9, 18, 10))


@pytest.mark.parametrize(
    ("start", "evening"),
    [
        (local(12, 12, 10), local(12, 11, 18)),  # Saturday morning
        (local(12, 13, 13), local(12, 12, 18)),  # Sunday at one: before twelve nobody is texted
        (local(12, 9, 0, 30), local(12, 8, 18)),  # just after midnight: two hours before is the day before
        (local(12, 14, 9), local(12, 13, 18)),  # Monday morning: on Sunday evening
    ],
)
def test_what_begins_early_is_reminded_the_evening_before(start: datetime, evening: datetime) -> None:
    _, early = reminder_times(start, ZONE, HOURS.at(ZONE))
    assert (early.kind, early.due_at) == ("evening_before", evening)
    assert early.expires_at == start.replace(hour=0, minute=0)


def test_with_hours_that_never_close_only_the_night_moves_a_reminder() -> None:
    assert reminder_times(local(12, 12, 10), ZONE, ANY_HOUR.at(ZONE))[1].due_at == local(12, 12, 7, 30)
    assert reminder_times(local(12, 12, 2), ZONE, ANY_HOUR.at(ZONE))[1].kind == "evening_before"


def test_where_the_evening_is_closed_it_goes_in_the_last_hour_before() -> None:
    _, early = reminder_times(local(12, 12, 9), ZONE, SHORT.at(ZONE))
    assert early.due_at == local(12, 11, 15)


@pytest.mark.parametrize(
    ("start", "before", "today"),
    [
        (local(11, 1, 18, 30), local(10, 31, 11), local(11, 1, 16)),  # clocks go back that night
        (local(3, 14, 18, 30, 2027), local(3, 13, 11, 0, 2027), local(3, 14, 16, 0, 2027)),  # and forward
    ],
)
def test_reminders_keep_their_hour_over_a_clock_change(start: datetime, before: datetime, today: datetime) -> None:
    times = reminder_times(start, ZONE, HOURS.at(ZONE))
    assert [each.due_at for each in times] == [before, today]


def test_the_zone_is_that_of_the_session() -> None:
    start = datetime(2026, 12, 9, 18, 30, tzinfo=ZoneInfo("America/New_York"))
    assert reminder_times(start, "America/New_York", HOURS.at("America/New_York"))[0].due_at == start.replace(
        day=8, hour=11, minute=0
    )


def test_only_what_is_due_and_not_yet_pointless_is_due() -> None:
    start = local(12, 9, 18, 30)
    due = {hour: [each.kind for each in due_reminders(start, ZONE, HOURS.at(ZONE), hour)] for hour in (
        local(12, 8, 10), local(12, 8, 11), local(12, 8, 23), local(12, 9, 0), local(12, 9, 16), local(12, 9, 18, 10),
    )}  # fmt: skip
    assert list(due.values()) == [[], ["day_before"], ["day_before"], [], ["today"], []]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - given a zone
def test_reminders_leave_within_their_hours_before_they_expire_and_before_the_session(start: datetime) -> None:
    start = start.replace(second=0, microsecond=0)
    before, later = reminder_times(start, ZONE, HOURS.at(ZONE))
    assert before.due_at < before.expires_at <= start
    assert later.due_at < later.expires_at <= start
    assert next_open(later.due_at, HOURS.at(ZONE)) == later.due_at
    assert timedelta(0) < start - before.due_at <= timedelta(hours=38)
