"""What a reply means: pure functions of the text, what we last asked, and the time."""

from outreach.understanding.kinds import Kind
from outreach.understanding.ladder import read
from outreach.understanding.reading import (
    CELLS,
    DAYS,
    PARTS,
    Availability,
    Context,
    DatePart,
    Intent,
    MenuOption,
    Reading,
    Window,
)

__all__ = [
    "CELLS",
    "DAYS",
    "PARTS",
    "Availability",
    "Context",
    "DatePart",
    "Intent",
    "Kind",
    "MenuOption",
    "Reading",
    "Window",
    "read",
]
