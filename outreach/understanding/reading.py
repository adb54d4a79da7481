from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("morning", "afternoon", "evening")
CELLS = tuple(f"{day}_{part}" for day in DAYS for part in PARTS)


class Intent(StrEnum):
    """What a reply mainly means."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"
    STOP = "stop"
    SNOOZE = "snooze"
    WRONG_NUMBER = "wrong_number"
    WHO = "who"
    QUESTION = "question"
    AVAILABILITY = "availability"
    RESCHEDULE = "reschedule"
    ATTENDED = "attended"
    HELP = "help"
    SENSITIVE = "sensitive"
    THANKS = "thanks"
    HOSTILE = "hostile"
    NEED = "need"
    LANGUAGE = "language"
    CALLBACK = "callback"
    START = "start"
    MOVED = "moved"
    DECEASED = "deceased"
    CHOICE = "choice"
    FEEDBACK = "feedback"
    OTHER = "other"


class Context(StrEnum):
    """What we last sent, and so which question is open."""

    INVITE = "inv"
    INVITE_MENU = "invm"
    AVAILABILITY = "av"
    REMINDER = "rem"
    WELCOME = "wel"
    REENGAGEMENT = "rea"
    FEEDBACK = "fb"
    OPT_OUT_QUESTION = "optq"
    ANY = "any"


@dataclass(frozen=True)
class MenuOption:
    """One numbered choice of the menu that we last sent."""

    key: str
    label: str
    starts_at: datetime | None = None


@dataclass(frozen=True)
class Window:
    """Weekly hours: days and parts of day, bounded by clock times ("HH:MM", None where open)."""

    days: tuple[str, ...]
    parts: tuple[str, ...]
    start: str | None = None
    end: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Give the window as JSON-ready values."""
        return {"days": list(self.days), "parts": list(self.parts), "start": self.start, "end": self.end}


@dataclass(frozen=True)
class DatePart:
    """One calendar date ("YYYY-MM-DD") with the part of day or the clock times named with it."""

    date: str
    part: str | None = None
    start: str | None = None
    end: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Give the date as JSON-ready values."""
        return {"date": self.date, "part": self.part, "start": self.start, "end": self.end}


@dataclass(frozen=True)
class Availability:
    """When a person can come: weekly cells such as ``sat_morning``, clock windows, and dates."""

    available: tuple[str, ...] = ()
    unavailable: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    windows: tuple[Window, ...] = ()
    not_before: str | None = None
    not_after: str | None = None
    dates: tuple[DatePart, ...] = ()
    prefer: tuple[str, ...] = ()
    freq: str | None = None

    def as_dict(self) -> dict[str, object]:
        """Give the availability as JSON-ready values, keys as in CONTRACT.md."""
        return {
            "available": list(self.available),
            "unavailable": list(self.unavailable),
            "optional": list(self.optional),
            "windows": [window.as_dict() for window in self.windows],
            "not_before": self.not_before,
            "not_after": self.not_after,
            "dates": [date.as_dict() for date in self.dates],
            "prefer": list(self.prefer),
            "freq": self.freq,
        }


@dataclass(frozen=True)
class Reading:
    """What one reply means, how sure we are, and which rule said so.

    ``suppress`` is ``none``, ``all`` (opt-out), ``number`` (not this member's number), ``hold`` (no automation until a
    person decided) or ``until:YYYY-MM-DD``. ``rule`` is written for organizers: "consent: asks us to stop".
    ``asked_back`` names what was left open and must be asked: ``part_of_day`` for "8 to 10".
    """

    intent: Intent
    rule: str
    confidence: float
    also: tuple[Intent, ...] = ()
    opt_out: bool = False
    suppress: str = "none"
    human_review: bool = False
    availability: Availability | None = None
    needs: tuple[str, ...] = ()
    question_topics: tuple[str, ...] = ()
    party_size: int | None = None
    rating: int | None = None
    choice: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    language: str | None = None
    asked_back: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, object]:
        """Give the reading as JSON-ready values, keys as in CONTRACT.md (``outreach understand``)."""
        return {
            "intent": str(self.intent),
            "also": [str(intent) for intent in self.also],
            "opt_out": self.opt_out,
            "suppress": self.suppress,
            "human_review": self.human_review,
            "confidence": self.confidence,
            "rule": self.rule,
            "availability": self.availability.as_dict() if self.availability else None,
            "needs": list(self.needs),
            "question_topics": list(self.question_topics),
            "party_size": self.party_size,
            "rating": self.rating,
            "choice": self.choice,
            "facts": dict(self.facts),
        }


Menu = Sequence[MenuOption]
