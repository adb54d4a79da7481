"""When a text may leave: pure. Every window of a recipient must be open at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from outreach.text_hours import TextHours

SUNDAY = 6
# A week of days in which no common opening exists means that there is none.
DAYS_TO_LOOK = 8
REPLY_WINDOW = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Window:
    """The hours of each day in which texts may leave, by the clocks of one zone."""

    zone: str
    weekday: TextHours
    sunday: TextHours

    def on(self, day: date) -> tuple[datetime, datetime]:
        """Return when it opens and closes on one day of its zone, in UTC."""
        hours = self.sunday if day.weekday() == SUNDAY else self.weekday
        return _at(day, hours.start, self.zone), _at(day, hours.end, self.zone)


@dataclass(frozen=True, slots=True)
class Hours:
    """The chapter's text hours and its own zone."""

    weekday: TextHours
    sunday: TextHours
    zone: str

    @property
    def always(self) -> bool:
        """Tell whether texts may leave at any hour."""
        return self.weekday.always and self.sunday.always

    def here(self) -> tuple[Window, ...]:
        """Return the window of somebody who lives where the chapter is; none where texts may leave at any hour."""
        return self.at(self.zone)

    def at(self, zone: str) -> tuple[Window, ...]:
        """Return the window of somebody who lives in a zone."""
        return () if self.always else (Window(zone, self.weekday, self.sunday),)


def next_open(now: datetime, windows: Iterable[Window], room: timedelta = timedelta(0)) -> datetime | None:
    """Return `now` when all windows are open, else the first moment when they are; None if never.

    Open means that they do not close within `room` either.
    """
    windows = tuple(windows)
    moment, last = now, now + timedelta(days=DAYS_TO_LOOK)
    while moment <= last:
        opening = max((_next_open_in(moment, window, room) for window in windows), default=moment)
        if opening == moment:
            return moment
        moment = opening
    return None


def _next_open_in(moment: datetime, window: Window, room: timedelta) -> datetime:
    day = moment.astimezone(ZoneInfo(window.zone)).date()
    while True:
        opens, closes = window.on(day)
        if moment < closes - room:
            return max(moment, opens)
        day += timedelta(days=1)


def closing(now: datetime, windows: Iterable[Window]) -> datetime | None:
    """Return when the first of the windows closes after `now`; None when there are none."""
    ends = (window.on(now.astimezone(ZoneInfo(window.zone)).date())[1] for window in windows)
    return min(ends, default=None)


@lru_cache(maxsize=4096)
def _at(day: date, minutes: int, zone: str) -> datetime:
    whole_days, rest = divmod(minutes, 24 * 60)
    local = datetime(day.year, day.month, day.day, rest // 60, rest % 60, tzinfo=ZoneInfo(zone))
    return (local + timedelta(days=whole_days)).astimezone(UTC)
