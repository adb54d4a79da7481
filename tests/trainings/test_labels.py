from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from outreach.trainings.labels import day_label, near_day_label, time_label, when_label

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("local", "english", "spanish"),
    [
        ("2026-12-12T10:00", "Sat Dec 12 10am", "sáb 12 dic 10am"),
        ("2026-12-09T18:30", "Wed Dec 9 6:30pm", "mié 9 dic 6:30pm"),
        ("2026-12-13T12:00", "Sun Dec 13 12pm", "dom 13 dic 12pm"),
        ("2026-01-01T00:00", "Thu Jan 1 12am", "jue 1 ene 12am"),
        ("2026-08-03T09:05", "Mon Aug 3 9:05am", "lun 3 ago 9:05am"),
        ("2026-04-07T23:59", "Tue Apr 7 11:59pm", "mar 7 abr 11:59pm"),
    ],
)
def test_day_and_time_are_worded_in_both_languages(local: str, english: str, spanish: str) -> None:
    moment = datetime.fromisoformat(local).replace(tzinfo=LOS_ANGELES)
    assert when_label(moment, LOS_ANGELES, "en") == english
    assert when_label(moment, LOS_ANGELES, "es") == spanish


def test_a_moment_is_worded_in_the_zone_of_the_session_not_in_utc() -> None:
    assert when_label(datetime(2026, 12, 13, 4, tzinfo=UTC), LOS_ANGELES, "en") == "Sat Dec 12 8pm"


def test_both_sides_of_a_clock_change_are_worded_as_the_clock_on_the_wall_shows() -> None:
    assert time_label(datetime(2026, 11, 1, 8, 30, tzinfo=UTC), LOS_ANGELES) == "1:30am"
    assert time_label(datetime(2026, 11, 1, 9, 30, tzinfo=UTC), LOS_ANGELES) == "1:30am"
    assert time_label(datetime(2026, 3, 8, 10, tzinfo=UTC), LOS_ANGELES) == "3am"


def test_a_language_without_wording_reads_english() -> None:
    assert day_label(datetime(2026, 12, 12, 20, tzinfo=UTC), LOS_ANGELES, "fr") == "Sat Dec 12"


@pytest.mark.parametrize(
    ("said_on", "english", "spanish"),
    [
        ("2026-12-11T00:00", "Tomorrow", "Mañana"),
        ("2026-12-11T23:59", "Tomorrow", "Mañana"),
        ("2026-12-12T00:00", "Today", "Hoy"),
        ("2026-12-10T23:59", "Sat Dec 12", "sáb 12 dic"),
        ("2026-12-13T00:00", "Sat Dec 12", "sáb 12 dic"),
    ],
)
def test_a_near_day_is_worded_as_somebody_says_it_there(said_on: str, english: str, spanish: str) -> None:
    now = datetime.fromisoformat(said_on).replace(tzinfo=LOS_ANGELES).astimezone(UTC)
    moment = datetime(2026, 12, 12, 20, tzinfo=LOS_ANGELES)
    assert near_day_label(moment, LOS_ANGELES, "en", now) == english
    assert near_day_label(moment, LOS_ANGELES, "es", now) == spanish
