"""The one clock of the program: read once per request or job, handed on as an argument."""

from datetime import UTC, datetime, timedelta

_offset = timedelta(0)


def now() -> datetime:
    """Return the present moment, aware and in UTC, moved by the demo's offset when there is one."""
    return datetime.now(UTC) + _offset


def set_offset(offset: timedelta) -> None:
    """Move the clock of this process; only the demo does, from its row in the database."""
    global _offset  # noqa: PLW0603 - a process has one clock
    _offset = offset


def offset() -> timedelta:
    """Return how far this process's clock is moved."""
    return _offset
