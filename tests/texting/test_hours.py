from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.text_hours import TextHours
from outreach.texting.hours import Hours, Window, closing, next_open

PACIFIC, EASTERN, HAWAII = "America/Los_Angeles", "America/New_York", "Pacific/Honolulu"
HOURS = Hours(TextHours.parse("09:00-20:00"), TextHours.parse("12:00-20:00"), PACIFIC)
ALWAYS = Hours(TextHours.parse("00:00-24:00"), TextHours.parse("00:00-24:00"), PACIFIC)


def at(text: str, zone: str = PACIFIC) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def in_zones(*zones: str, hours: Hours = HOURS) -> list[Window]:
    return [window for zone in zones for window in hours.at(zone)]


def opening(text: str, *zones: str) -> str:
    found = next_open(at(text), in_zones(*(zones or (PACIFIC,))))
    assert found is not None
    return found.astimezone(ZoneInfo(PACIFIC)).strftime("%a %d %H:%M")


def test_open_hours_are_now() -> None:
    now = at("2026-12-02T09:00")
    assert next_open(now, HOURS.here()) == now


def test_the_end_is_closed() -> None:
    assert opening("2026-12-02T19:59") == "Wed 02 19:59"
    assert opening("2026-12-02T20:00") == "Thu 03 09:00"


def test_before_the_beginning_it_opens_the_same_day() -> None:
    assert opening("2026-12-02T03:00") == "Wed 02 09:00"


def test_sunday_opens_later() -> None:
    assert opening("2026-12-05T21:00") == "Sun 06 12:00"
    assert opening("2026-12-06T11:59") == "Sun 06 12:00"


def test_hours_must_be_open_in_every_zone() -> None:
    # New York closes at 17:00 Pacific; Los Angeles opens at 12:00 Eastern.
    assert opening("2026-12-02T17:30", PACIFIC, EASTERN) == "Thu 03 09:00"
    assert opening("2026-12-03T09:30", PACIFIC, EASTERN) == "Thu 03 09:30"


def test_sunday_is_each_zones_own() -> None:
    # Saturday 22:30 in Honolulu is Sunday 00:30 in Los Angeles.
    assert opening("2026-12-06T00:30", HAWAII) == "Sun 06 14:00"


def test_hours_that_nowhere_meet_never_open() -> None:
    short = Hours(TextHours.parse("09:00-10:00"), TextHours.parse("09:00-10:00"), PACIFIC)
    assert next_open(at("2026-12-02T09:30"), in_zones(PACIFIC, EASTERN, hours=short)) is None


def test_hours_around_the_clock_are_open_everywhere() -> None:
    now = at("2026-12-02T03:00")
    assert next_open(now, in_zones(PACIFIC, EASTERN, hours=ALWAYS)) == now
    assert closing(now, ALWAYS.here()) is None


@pytest.mark.parametrize(
    ("moment", "opens", "utc"),
    [
        ("2026-03-07T21:00", "Sun 08 12:00", "19:00"),  # clocks go forward in the night
        ("2026-03-09T03:00", "Mon 09 09:00", "16:00"),
        ("2026-10-31T21:00", "Sun 01 12:00", "20:00"),  # and back
        ("2026-11-02T03:00", "Mon 02 09:00", "17:00"),
    ],
)
def test_the_day_of_a_clock_change_opens_by_the_wall_clock(moment: str, opens: str, utc: str) -> None:
    assert opening(moment) == opens
    found = next_open(at(moment), HOURS.here())
    assert found is not None
    assert found.strftime("%H:%M") == utc


def test_with_room_the_last_minute_belongs_to_the_next_day() -> None:
    late = at("2026-12-02T19:59")
    found = next_open(late + timedelta(seconds=1), HOURS.here(), timedelta(minutes=1))
    assert found == at("2026-12-03T09:00")


def test_closing_is_the_first_wall_of_all_zones() -> None:
    assert closing(at("2026-12-02T09:30"), in_zones(PACIFIC, EASTERN)) == at("2026-12-02T17:00")


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),  # noqa: DTZ001 - bounds are naive
    st.lists(st.sampled_from([PACIFIC, EASTERN, HAWAII, "America/Phoenix"]), min_size=1, max_size=3, unique=True),
)
def test_what_opens_is_open_in_all_zones_and_nothing_sooner_was(moment: datetime, zones: list[str]) -> None:
    found = next_open(moment, in_zones(*zones))
    if found is None:
        return
    assert found >= moment
    for zone in zones:
        local = found.astimezone(ZoneInfo(zone))
        start = 12 if local.weekday() == 6 else 9
        assert start <= local.hour < 20
    if found > moment:
        just_before = found - timedelta(seconds=1)
        assert next_open(just_before, in_zones(*zones)) == found
