"""Times as people write them: on the clock of a zone, unless they give an offset."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from outreach.trainings.refusals import RefusedError


@dataclass(frozen=True)
class LocalTime:
    """A moment that was read, aware, and what its writer should know about it (empty: nothing)."""

    at: datetime
    note: str = ""


def read_local_time(text: str, zone: ZoneInfo) -> LocalTime:
    """Read `2026-12-05T10:00`, in this zone unless it carries an offset. Raises RefusedError, naming the mend.

    Of an hour that the clock change makes happen twice the first is taken, and the note says so.
    """
    try:
        written = datetime.fromisoformat(text.strip())
    except ValueError:
        raise RefusedError(f"{text!r} is not a time. Write it as 2026-12-05T10:00.") from None
    if len(text.strip()) <= len("2026-12-05"):
        raise RefusedError(f"{text!r} has no hour. Write it as 2026-12-05T10:00.")
    if written.tzinfo is not None:
        return LocalTime(written)
    return _on_the_clock_of(zone, written.replace(tzinfo=zone))


def _on_the_clock_of(zone: ZoneInfo, first: datetime) -> LocalTime:
    second = first.replace(fold=1)
    if first.utcoffset() == second.utcoffset():
        return LocalTime(first)
    shown = first.astimezone(UTC).astimezone(zone)
    if shown.replace(tzinfo=None) != first.replace(tzinfo=None):
        raise RefusedError(
            f"{first:%Y-%m-%d %H:%M} does not exist in {zone.key}: the clock change skips it. "
            f"Give an hour after it, such as {shown:%H:%M}."
        )
    return LocalTime(
        first,
        f"{first:%Y-%m-%d %H:%M} happens twice in {zone.key}: taken is the first, {first.isoformat()}. "
        f"The second is {second.isoformat()}.",
    )
