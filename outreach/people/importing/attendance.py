"""What a row says of having come to something: sign-in sheets, and other tools' attendance lists."""

from datetime import date

from outreach.people.importing import values
from outreach.people.importing.cells import Cells
from outreach.people.importing.staged import AttendanceFacts
from outreach.people.names import fold

MAX_EVENT = 120  # characters


def attendance_of(cells: Cells, source: str, today: date) -> AttendanceFacts:
    """Return the event a person came to, and the last day they came to anything, as far as the row says."""
    last = _past(cells.date("last_attended"), today)
    if not cells.header.is_attendance or not _came(cells):
        return AttendanceFacts(last)
    day = _past(cells.date("event_start"), today)
    if day is None:
        cells.odd["attendances without a day in the past"] += 1
        return AttendanceFacts(last)
    event = cells.first("event_id") or fold(cells.first("event_name")) or "event"
    return AttendanceFacts(max(last or day, day), f"{source}:{event[:MAX_EVENT]}:{day}", day)


def _past(day: date | None, today: date) -> date | None:
    return day if day is not None and day <= today else None


def _came(cells: Cells) -> bool:
    if not cells.header.has("attended", "rsvp_status"):
        return True
    marked = cells.first("attended")
    if values.meaning("rsvp", cells.first("rsvp_status")) == "attended":
        return True
    return bool(marked) and (values.is_true(marked) is True or values.meaning("rsvp", marked) == "attended")
