from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from outreach.people.zones import zones_of_zip
from outreach.text_hours import TextHours
from outreach.texting.hours import Hours, next_open
from outreach.texting.whereabouts import EARLY_ZIPS, Occasion, Whereabouts, windows_of

PACIFIC, EASTERN = "America/Los_Angeles", "America/New_York"
HOURS = Hours(TextHours.parse("09:00-20:00"), TextHours.parse("12:00-20:00"), PACIFIC)
LONG = Hours(TextHours.parse("07:00-23:00"), TextHours.parse("07:00-23:00"), PACIFIC)
LA, NEW_YORK, MIAMI = "+12135550100", "+12125550100", "+13055550100"
TULSA, PORTLAND, TOLL_FREE = "+19185550100", "+15035550100", "+18005550100"


def hours_on(day: str, where: Whereabouts, hours: Hours = HOURS, occasion: Occasion = Occasion.USUAL) -> str:
    """Return when texts may leave on a day, by the chapter's clock, looked at every quarter of an hour."""
    begin = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(PACIFIC)).astimezone(UTC)
    windows = windows_of(where, hours, occasion)
    quarters = [begin + timedelta(minutes=15 * place) for place in range(96)]
    is_open = [moment for moment in quarters if next_open(moment, windows) == moment]
    first, last = is_open[0], is_open[-1] + timedelta(minutes=15)
    assert len(is_open) == (last - first) / timedelta(minutes=15), "the hours have a hole"
    return "-".join(end.astimezone(ZoneInfo(PACIFIC)).strftime("%H:%M") for end in (first, last))


WEDNESDAY, SUNDAY = "2026-12-02", "2026-12-06"


@pytest.mark.parametrize(
    ("where", "weekday", "sunday"),
    [
        (Whereabouts(LA), "09:00-20:00", "12:00-20:00"),
        # Without an address the hours must hold here and where the number was given out.
        (Whereabouts(NEW_YORK), "09:00-17:00", "12:00-17:00"),
        (Whereabouts(TOLL_FREE), "09:00-20:00", "12:00-20:00"),
        # An address sets them; the number's place only keeps its own night: 8 to 21 there.
        (Whereabouts(NEW_YORK, zip="90012"), "09:00-18:00", "12:00-18:00"),
        (Whereabouts(NEW_YORK, zone=PACIFIC), "09:00-18:00", "12:00-18:00"),
        (Whereabouts(LA, zip="10001"), "08:00-17:00", "09:00-17:00"),
        (Whereabouts(LA, zone=EASTERN, zip="90012"), "08:00-17:00", "09:00-17:00"),
        # Both zones of a ZIP on a boundary (Indiana) count.
        (Whereabouts(TOLL_FREE, zip="46550"), "07:00-17:00", "10:00-17:00"),
        # Until 20:00 there for a number or a ZIP of Florida, Oklahoma, Oregon.
        (Whereabouts(MIAMI, zip="90012"), "09:00-17:00", "12:00-17:00"),
        (Whereabouts(TULSA, zip="90012"), "09:00-18:00", "12:00-18:00"),
    ],
)  # fmt: skip
def test_a_zone_or_zip_sets_the_hours_and_the_area_code_keeps_its_night(
    where: Whereabouts, weekday: str, sunday: str
) -> None:
    assert (hours_on(WEDNESDAY, where), hours_on(SUNDAY, where)) == (weekday, sunday)


@pytest.mark.parametrize(
    ("where", "open_hours"),
    [
        (Whereabouts(LA, zip="90012"), "08:00-21:00"),
        (Whereabouts(PORTLAND, zip="90012"), "08:00-20:00"),
        (Whereabouts(LA, zip="97201"), "08:00-20:00"),
        (Whereabouts(PORTLAND), "08:00-20:00"),
    ],
)
def test_hours_that_are_set_longer_do_not_reach_into_the_night(where: Whereabouts, open_hours: str) -> None:
    assert hours_on(WEDNESDAY, where, LONG) == open_hours


@pytest.mark.parametrize(
    ("occasion", "weekday", "sunday"),
    [
        (Occasion.USUAL, "09:00-20:00", "12:00-20:00"),
        (Occasion.CHANGE, "08:00-20:00", "08:00-20:00"),
        (Occasion.PERSONAL, "08:00-21:00", "08:00-21:00"),
    ],
)
def test_a_change_goes_from_eight_and_a_persons_answer_until_nine(
    occasion: Occasion, weekday: str, sunday: str
) -> None:
    where = Whereabouts(LA, zip="90012")
    assert hours_on(WEDNESDAY, where, occasion=occasion) == weekday
    assert hours_on(SUNDAY, where, occasion=occasion) == sunday


EARLY = [
    *(Whereabouts(phone, zip="90012") for phone in (MIAMI, TULSA, PORTLAND)),
    *(Whereabouts(phone) for phone in (MIAMI, TULSA, PORTLAND)),
    *(Whereabouts(LA, zip=zip_code) for zip_code in ("33101", "73101", "97201")),
]


@pytest.mark.parametrize("where", EARLY, ids=lambda where: f"{where.phone} {where.zip}")
@pytest.mark.parametrize("occasion", Occasion)
def test_in_florida_oklahoma_and_oregon_nobody_is_texted_before_eight_or_after_eight_whatever_it_is(
    where: Whereabouts, occasion: Occasion
) -> None:
    place = next(window.zone for window in windows_of(where, LONG, occasion) if window.weekday.end == 20 * 60)
    begin = datetime.fromisoformat(SUNDAY).replace(tzinfo=ZoneInfo(place))
    for quarter in range(2 * 96):
        moment = (begin + timedelta(minutes=15 * quarter)).astimezone(UTC)
        if next_open(moment, windows_of(where, LONG, occasion)) == moment:
            assert 8 <= moment.astimezone(ZoneInfo(place)).hour < 20


@pytest.mark.parametrize("day", ["2026-03-08", "2026-11-01"])
def test_on_the_day_of_a_clock_change_the_wall_clock_counts(day: str) -> None:
    assert hours_on(day, Whereabouts(LA, zip="90012")) == "12:00-20:00"


def test_hours_around_the_clock_ask_nobody_where_they_are() -> None:
    always = Hours(TextHours.parse("00:00-24:00"), TextHours.parse("00:00-24:00"), PACIFIC)
    assert windows_of(Whereabouts(MIAMI, zip="97201"), always) == ()


def test_an_area_code_over_two_zones_counts_both() -> None:
    zones = {window.zone for window in windows_of(Whereabouts("+18505550100"), HOURS)}
    assert zones >= {"America/Chicago", EASTERN, PACIFIC}


@pytest.mark.parametrize("phone", ["72345", "+1", "+1AB5550100", "+525555550100", ""])
def test_a_number_that_says_nothing_leaves_the_chapters_zone(phone: str) -> None:
    assert windows_of(Whereabouts(phone), HOURS) == HOURS.here()


def test_the_zips_of_states_that_end_sooner_lie_in_their_zones() -> None:
    zones = {zone for prefix in EARLY_ZIPS for zone in zones_of_zip(f"{prefix}01")}
    assert zones == {EASTERN, "America/Chicago", PACIFIC, "America/Boise"}
