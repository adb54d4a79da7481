from collections.abc import Sequence

from outreach.understanding.availability.cells import Clock, minutes_of

EVENING_SHIFTS_END = 8
NOON, DAY = 12 * 60, 24 * 60
WEEKEND = frozenset({"sat", "sun"})


def is_open_range(start: Clock, end: Clock, parts: Sequence[str]) -> bool:
    """Tell whether a range such as "8 to 10" may be morning or evening, so that we must ask."""
    plain = start.meridiem is None and end.meridiem is None and not parts
    return plain and start.hour == 8 and 9 <= end.hour <= 11


def range_minutes(start: Clock, end: Clock, parts: Sequence[str]) -> tuple[int, int]:
    """Give a range of clock times in minutes: "7-9" is the evening, "10-2" goes over noon, "9-5" is the working day."""
    last = minutes_of(end, parts, ends=True)
    if start.meridiem is None and end.meridiem is not None:
        begin = minutes_of(Clock(start.hour, start.minute, end.meridiem))
        return (begin if begin < last else minutes_of(Clock(start.hour, start.minute, "am"))), last
    first = minutes_of(start, parts)
    if end.meridiem is None and last <= first:
        last += 12 * 60
    if last >= DAY and start.meridiem is None and end.hour < start.hour:
        return first - 12 * 60, last - 12 * 60
    return first, min(last, DAY)


def late(end: Clock) -> Clock:
    """Give "i work til 9" as nine in the evening: shifts end then rather than in the morning."""
    evening = end.meridiem is None and EVENING_SHIFTS_END <= end.hour < EVENING_SHIFTS_END + 3
    return Clock(end.hour, end.minute, "pm") if evening else end


def after_minutes(start: Clock, parts: Sequence[str], days: Sequence[str]) -> int:
    """Give when "after 8" begins: in the evening on working days, in the morning at weekends."""
    free_days = bool(days) and set(days) <= WEEKEND
    if start.meridiem is None and not parts and start.hour == 8 and not free_days:
        return minutes_of(Clock(8, start.minute, "pm"))
    return minutes_of(start, parts)


def before_minutes(end: Clock, parts: Sequence[str]) -> int:
    """Give when "before 8" ends: 8 to 11 are the morning, 1 to 7 after noon."""
    return minutes_of(end, parts, ends=True)
