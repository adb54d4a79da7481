"""When a text may leave: pure. The window must be open in every zone that the recipient may be in."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from phonenumbers.tzdata import TIMEZONE_DATA

from outreach.text_hours import TextHours

SUNDAY = 6
# A week of days in which no common opening exists means that there is none.
DAYS_TO_LOOK = 8
REPLY_WINDOW = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Hours:
    """The chapter's text hours and its own zone."""

    weekday: TextHours
    sunday: TextHours
    zone: str

    def on(self, day: date) -> TextHours:
        """Return the hours of one day."""
        return self.sunday if day.weekday() == SUNDAY else self.weekday

    @property
    def always(self) -> bool:
        """Tell whether texts may leave at any hour."""
        return self.weekday.always and self.sunday.always


def recipient_zones(phone: str, stated: str | None, chapter: str) -> tuple[str, ...]:
    """Return every zone that the recipient may be in: the stated one, else the area code's and the chapter's."""
    if stated:
        return (stated,)
    return tuple(sorted({chapter, *_area_code_zones(phone[:5])}))


@lru_cache(maxsize=1024)
def _area_code_zones(prefix: str) -> frozenset[str]:
    """Return the zones of `+1` and an area code: of all its exchanges, for some area codes lie in two zones.

    Toll-free codes have none, which is right: they say nothing about where anybody is.
    """
    code = prefix.removeprefix("+")
    if len(code) != 4 or not code.startswith("1"):
        return frozenset()
    return frozenset(zone for known, zones in TIMEZONE_DATA.items() if known.startswith(code) for zone in zones)


def next_open(now: datetime, hours: Hours, zones: Iterable[str], room: timedelta = timedelta(0)) -> datetime | None:
    """Return `now` when the hours are open in all zones, else the first moment when they are; None if never.

    Open means that they do not close within `room` either.
    """
    if hours.always:
        return now
    places = [ZoneInfo(zone) for zone in zones]
    moment, last = now, now + timedelta(days=DAYS_TO_LOOK)
    while moment <= last:
        opening = max(_next_open_in(moment, hours, place, room) for place in places)
        if opening == moment:
            return moment
        moment = opening
    return None


def _next_open_in(moment: datetime, hours: Hours, place: ZoneInfo, room: timedelta) -> datetime:
    day = moment.astimezone(place).date()
    while True:
        opens, closes = _window(day, hours.on(day), place)
        if moment < closes - room:
            return max(moment, opens)
        day += timedelta(days=1)


def closing(now: datetime, hours: Hours, zones: Iterable[str]) -> datetime | None:
    """Return when the first of the zones closes after `now`; None when hours never close."""
    if hours.always:
        return None
    ends = []
    for place in map(ZoneInfo, zones):
        day = now.astimezone(place).date()
        ends.append(_window(day, hours.on(day), place)[1])
    return min(ends)


def _window(day: date, window: TextHours, place: ZoneInfo) -> tuple[datetime, datetime]:
    return _at(day, window.start, place), _at(day, window.end, place)


def _at(day: date, minutes: int, place: ZoneInfo) -> datetime:
    whole_days, rest = divmod(minutes, 24 * 60)
    local = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=place) + timedelta(days=whole_days)
    return local.astimezone(UTC)
