from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.trainings.local_time import read_local_time
from outreach.trainings.refusals import RefusedError

LOS_ANGELES = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2026-12-05T10:00", "2026-12-05T18:00"),
        (" 2026-07-05 10:00 ", "2026-07-05T17:00"),
        ("2026-12-05T10:00-05:00", "2026-12-05T15:00"),
        ("2026-12-05T10:00Z", "2026-12-05T10:00"),
        ("2026-03-08T01:59", "2026-03-08T09:59"),
        ("2026-03-08T03:00", "2026-03-08T10:00"),
    ],
)
def test_a_time_is_on_the_clock_of_its_zone_unless_it_has_an_offset(written: str, utc: str) -> None:
    read = read_local_time(written, LOS_ANGELES)
    assert (read.at, read.note) == (datetime.fromisoformat(utc).replace(tzinfo=UTC), "")


def test_an_hour_that_the_clock_change_skips_is_refused_with_one_that_exists() -> None:
    with pytest.raises(RefusedError, match=r"2026-03-08 02:30 does not exist in America/Los_Angeles.*such as 03:30"):
        read_local_time("2026-03-08T02:30", LOS_ANGELES)


def test_of_an_hour_that_happens_twice_the_first_is_taken_and_said() -> None:
    read = read_local_time("2026-11-01T01:30", LOS_ANGELES)
    assert read.at.astimezone(UTC) == datetime(2026, 11, 1, 8, 30, tzinfo=UTC)
    assert "happens twice" in read.note
    assert "2026-11-01T01:30:00-08:00" in read.note


@pytest.mark.parametrize("written", ["", "Saturday", "12/5/2026 10:00", "2026-02-30T10:00", "2026-12-05T25:00"])
def test_what_is_no_time_is_refused_with_the_form(written: str) -> None:
    with pytest.raises(RefusedError, match="Write it as 2026-12-05T10:00"):
        read_local_time(written, LOS_ANGELES)


@pytest.mark.parametrize("written", ["2026-12-05", "20261205"])
def test_a_day_without_an_hour_is_refused(written: str) -> None:
    with pytest.raises(RefusedError, match="has no hour"):
        read_local_time(written, LOS_ANGELES)


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds are naive by Hypothesis' rule
def test_every_hour_that_a_clock_shows_is_read_back_as_that_hour(moment: datetime) -> None:
    shown = moment.astimezone(LOS_ANGELES).replace(tzinfo=None)
    read = read_local_time(shown.isoformat(), LOS_ANGELES)
    assert read.at.astimezone(LOS_ANGELES).replace(tzinfo=None) == shown
    assert bool(read.note) == (read.at.utcoffset() != read.at.replace(fold=1).utcoffset())
