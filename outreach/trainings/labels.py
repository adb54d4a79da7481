"""Wording of a session's day and hour, in both languages, as short as a text needs it."""

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

# Few sessions are spoken of, and each turn speaks of them several times.
REMEMBERED = 1024

# Days from Monday, months from January. Not a locale: those name them at length and differ between machines.
DAYS = {
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
    "es": ("lun", "mar", "mié", "jue", "vie", "sáb", "dom"),
}
MONTHS = {
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
    "es": ("ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"),
}

TODAY = {"en": "Today", "es": "Hoy"}
TOMORROW = {"en": "Tomorrow", "es": "Mañana"}


@lru_cache(REMEMBERED)
def day_label(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Word the local day: `Sat Dec 12`, `sáb 12 dic`. Any language but Spanish is worded in English."""
    local = moment.astimezone(zone)
    spoken = language if language in DAYS else "en"
    weekday, month = DAYS[spoken][local.weekday()], MONTHS[spoken][local.month - 1]
    return f"{weekday} {local.day} {month}" if spoken == "es" else f"{weekday} {month} {local.day}"


def near_day_label(moment: datetime, zone: ZoneInfo, language: str, now: datetime) -> str:
    """Word the local day as somebody says it now: `Today`, `Tomorrow`, else as `day_label` does."""
    days = (moment.astimezone(zone).date() - now.astimezone(zone).date()).days
    words = {0: TODAY, 1: TOMORROW}.get(days)
    return words["es" if language == "es" else "en"] if words else day_label(moment, zone, language)


@lru_cache(REMEMBERED)
def time_label(moment: datetime, zone: ZoneInfo) -> str:
    """Word the local time of day, the same in both languages: `10am`, `6:30pm`, `12pm` for noon."""
    local = moment.astimezone(zone)
    minutes = f":{local.minute:02}" if local.minute else ""
    return f"{local.hour % 12 or 12}{minutes}{'am' if local.hour < 12 else 'pm'}"


def when_label(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Word day and time: `Sat Dec 12 10am`, `mié 9 dic 6:30pm`."""
    return f"{day_label(moment, zone, language)} {time_label(moment, zone)}"
