"""Whether a session fits the times that somebody told us, and the moment that they named for a call. Pure."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from outreach.understanding import DAYS

NOON, EVENING = time(12), time(17)
# The hour to ring at when only a part of the day was named.
HOURS = {"morning": time(10), "afternoon": time(14), "evening": time(18)}


def cell_of(starts_at: datetime) -> str:
    """Return the weekly cell of a start in its own zone: `sat_morning`."""
    return f"{DAYS[starts_at.weekday()]}_{part_of(starts_at.time())}"


def part_of(moment: time) -> str:
    """Return the part of the day of a time."""
    return "morning" if moment < NOON else "afternoon" if moment < EVENING else "evening"


def fits(cells: Mapping[str, Any], not_before: date | None, starts_at: datetime) -> bool:
    """Tell whether a start, in its zone, is in the cells or windows that a person can come in."""
    cell = cell_of(starts_at)
    if (not_before is not None and starts_at.date() < not_before) or cell in (cells.get("unavailable") or ()):
        return False
    windows = cells.get("windows") or ()
    return cell in (cells.get("available") or ()) or any(_in_window(window, starts_at) for window in windows)


def _in_window(window: Mapping[str, Any], starts_at: datetime) -> bool:
    days, parts = window.get("days") or DAYS, window.get("parts") or ()
    clock = starts_at.strftime("%H:%M")
    return (
        DAYS[starts_at.weekday()] in days
        and (not parts or part_of(starts_at.time()) in parts)
        and (window.get("start") or "00:00") <= clock < (window.get("end") or "24:00")
    )


def moment_named(availability: Mapping[str, Any] | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return the first moment after now that an availability names: a date, else the next day of a window or cell.

    Where it names only a beginning, that day's morning.
    """
    if not availability:
        return None
    today = now.astimezone(zone).date()
    found = [_on(date.fromisoformat(each["date"]), each.get("start"), each.get("part"), zone)
             for each in availability.get("dates") or ()]  # fmt: skip
    for day in (today + timedelta(days=ahead) for ahead in range(8)):
        name = DAYS[day.weekday()]
        found += [
            _on(day, window.get("start"), (window.get("parts") or [None])[0], zone)
            for window in availability.get("windows") or ()
            if name in (window.get("days") or DAYS)
        ]
        found += [
            _on(day, None, cell.partition("_")[2], zone)
            for cell in availability.get("available") or ()
            if cell.startswith(f"{name}_")
        ]
    if not found and availability.get("not_before"):
        found.append(_on(date.fromisoformat(str(availability["not_before"])), None, None, zone))
    return min((each for each in found if each > now), default=None)


def _on(day: date, start: str | None, part: str | None, zone: ZoneInfo) -> datetime:
    at = time.fromisoformat(start) if start and start != "24:00" else HOURS.get(part or "", HOURS["morning"])
    return datetime.combine(day, at, tzinfo=zone)
