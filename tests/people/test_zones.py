import zoneinfo

import pytest

from outreach.people.zones import _RUNS, zones_of_zip


@pytest.mark.parametrize(
    ("zip_code", "zones"),
    [
        ("90033", ("America/Los_Angeles",)),
        ("04282", ("America/New_York",)),
        ("00901", ("America/Puerto_Rico",)),
        ("60601", ("America/Chicago",)),
        ("80202", ("America/Denver",)),
        ("85001", ("America/Phoenix",)),
        ("32401", ("America/New_York", "America/Chicago")),
        ("99501", ("America/Anchorage",)),
        ("96801", ("Pacific/Honolulu",)),
        ("09001", ()),
        ("", ()),
        (None, ()),
        ("123", ()),
        ("SW1A1AA", ()),
    ],
)
def test_a_zip_code_tells_its_zones(zip_code: str | None, zones: tuple[str, ...]) -> None:
    assert zones_of_zip(zip_code) == zones


def test_every_zone_exists_and_runs_rise() -> None:
    assert {zone for _, zones in _RUNS for zone in zones} <= zoneinfo.available_timezones()
    assert [start for start, _ in _RUNS] == sorted({start for start, _ in _RUNS})
