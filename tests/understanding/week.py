"""A short way to write cells of the week: "mon,tue:e sat:ma" is two evenings and Saturday till five."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from outreach.understanding.availability import WhenSaid, read_when
from outreach.understanding.normalise import normalise
from outreach.understanding.reading import CELLS, DAYS, PARTS, Availability

NOW = datetime(2026, 3, 10, 10, tzinfo=ZoneInfo("America/Los_Angeles"))
"""A Tuesday, as in the labelled replies."""
_LETTERS = {part[0]: part for part in PARTS}


def cells(short: str) -> tuple[str, ...]:
    """Give the cells that a short form names, in the order of the week; "all" stands for every day."""
    named = set()
    for group in short.split():
        days, letters = group.split(":")
        for day in DAYS if days == "all" else days.split(","):
            named |= {f"{day}_{_LETTERS[letter]}" for letter in letters}
    return tuple(cell for cell in CELLS if cell in named)


def short(named: Iterable[str]) -> str:
    """Give cells in short, a day each, so that a failure reads well."""
    kept = set(named)
    days = {day: "".join(part[0] for part in PARTS if f"{day}_{part}" in kept) for day in DAYS}
    return " ".join(f"{day}:{letters}" for day, letters in days.items() if letters)


def said(text: str, *, single_days_are_dates: bool = False) -> WhenSaid:
    """Read what a text says about when."""
    return read_when(normalise(text).tokens, NOW, single_days_are_dates=single_days_are_dates)


def when(text: str) -> Availability:
    """Read a text's availability, an empty one where it says none."""
    return said(text).availability or Availability()
