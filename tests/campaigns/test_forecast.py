from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from outreach.campaigns.forecast import expected_of, last_text_at, turnout_for
from outreach.text_hours import TextHours
from outreach.texting.hours import Hours

ZONE = ZoneInfo("America/Los_Angeles")
DAYS = Hours(TextHours.parse("09:00-20:00"), TextHours.parse("12:00-20:00"), ZONE.key)
ALWAYS = Hours(TextHours.parse("00:00-24:00"), TextHours.parse("00:00-24:00"), ZONE.key)
TUESDAY = datetime(2026, 12, 1, 19, 0, tzinfo=ZONE)


def test_the_arithmetic_of_the_field_s_example() -> None:
    twenty = turnout_for(20)
    assert (twenty.hard_yes, twenty.texts, twenty.conversations, twenty.dials, twenty.hours) == (34, 730, 85, 210, 8)


def test_what_so_many_texts_bring() -> None:
    brought = expected_of(730)
    assert (brought.replies, brought.hard_yes, brought.in_the_room) == (102, 34, 20)
    assert expected_of(0).in_the_room == 0


def test_texts_that_fit_before_closing_leave_today() -> None:
    assert last_text_at(TUESDAY, 3600, 1.0, DAYS) == TUESDAY + timedelta(hours=1)


def test_texts_that_do_not_fit_go_on_when_hours_open_again() -> None:
    after = last_text_at(TUESDAY, 2 * 3600, 1.0, DAYS)
    assert after == datetime(2026, 12, 2, 10, 0, tzinfo=ZONE)


def test_a_sunday_opens_later() -> None:
    saturday = datetime(2026, 12, 5, 19, 30, tzinfo=ZONE)
    assert last_text_at(saturday, 3600, 1.0, DAYS) == datetime(2026, 12, 6, 12, 30, tzinfo=ZONE)


def test_a_start_at_night_waits_for_the_morning() -> None:
    night = datetime(2026, 12, 2, 2, 0, tzinfo=ZONE)
    assert last_text_at(night, 60, 1.0, DAYS) == datetime(2026, 12, 2, 9, 1, tzinfo=ZONE)


def test_a_night_with_a_clock_change_is_no_exception() -> None:
    before = datetime(2027, 3, 13, 19, 30, tzinfo=ZONE)
    assert last_text_at(before, 3600, 1.0, DAYS) == datetime(2027, 3, 14, 12, 30, tzinfo=ZONE)


def test_more_than_a_year_of_texts_has_no_end() -> None:
    assert last_text_at(TUESDAY, 10_000_000, 0.1, DAYS) is None


@given(segments=st.integers(0, 100_000), rate=st.floats(0.1, 100.0))
def test_without_closing_hours_only_the_pace_counts(segments: int, rate: float) -> None:
    assert last_text_at(TUESDAY, segments, rate, ALWAYS) == TUESDAY + timedelta(seconds=segments / rate)


@given(
    start=st.integers(0, 2 * 365 * 24 * 60).map(lambda minutes: TUESDAY + timedelta(minutes=minutes)),
    fewer=st.integers(0, 50_000),
    more=st.integers(0, 50_000),
)
def test_more_texts_never_end_earlier_and_never_before_they_start(start: datetime, fewer: int, more: int) -> None:
    begins = start.astimezone(UTC)
    first, second = (last_text_at(begins, segments, 1.0, DAYS) for segments in (fewer, fewer + more))
    assert first is not None
    assert second is not None
    assert begins <= first <= second
    local = second.astimezone(ZONE)
    assert 9 <= local.hour < 20 or (local.hour, local.minute) == (20, 0)
