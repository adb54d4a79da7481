"""The facts that the engine is given: who is written to, by whom, and about which sessions. Plain values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from outreach.trainings.labels import day_label, when_label

JOINED = {"en": " and ", "es": " y "}


@dataclass(frozen=True, slots=True)
class OfferedSession:
    """One session of the offer, as far as texts speak of it."""

    id: int
    label: str
    place: str
    starts_at: datetime
    is_open: bool
    has_seats: bool
    ends_at: datetime | None = None
    seats_left: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything a flow may speak of. `values` fills the placeholders that depend on the person alone.

    `person` holds what the flow's branches ask of the person, `rsvps` their answers by session; both are empty for a
    flow that asks for neither. `happened_at` is when that happened which this conversation began from, `day_ends_at`
    until when “today” and “tomorrow” are true.
    """

    language: str
    zone: str
    started_at: datetime
    sessions: tuple[OfferedSession, ...]
    values: Mapping[str, str]
    reminder: str = ""
    begun: str = ""
    happened_at: datetime | None = None
    day_ends_at: datetime | None = None
    person: Mapping[str, object] = field(default_factory=dict)
    rsvps: Mapping[int, str] = field(default_factory=dict)

    @property
    def open_sessions(self) -> tuple[OfferedSession, ...]:
        """Return the sessions that people can still answer to, full ones too."""
        return tuple(session for session in self.sessions if session.is_open)

    def _named(self, ids: Sequence[int]) -> list[OfferedSession]:
        by_id = {session.id: session for session in self.sessions}
        return [by_id[one] for one in ids if one in by_id]

    def menu(self, ids: Sequence[int]) -> str:
        """Return the numbered menu: `1) Sat Dec 5 10am Zoom 2) …`; the one session alone without a number.

        What is past or cancelled by now is left out; the others keep their numbers.
        """
        by_id = {session.id: session for session in self._named(ids)}
        any_open = any(session.is_open for session in by_id.values())
        entries = [
            f"{f'{place}) ' if len(ids) > 1 else ''}{by_id[one].label} {by_id[one].place}".strip()
            for place, one in enumerate(ids, 1)
            if one in by_id and (by_id[one].is_open or not any_open)
        ]
        return " ".join(entries)

    def labels(self, ids: Sequence[int]) -> str:
        """Return when the sessions are: `Sat Dec 5 10am`."""
        return JOINED[self.language].join(session.label for session in self._named(ids))

    def titles(self, ids: Sequence[int]) -> str:
        """Return what the sessions are about, by the numbers of the menu: `1) Canvassing 2, 3) Know your rights`."""
        by_title: dict[str, list[str]] = {}
        for place, session in enumerate(self._named(ids), 1):
            by_title.setdefault(session.title, []).append(str(place))
        if len(by_title) == 1:
            return next(iter(by_title))
        return " ".join(f"{', '.join(places)}) {title}" for title, places in by_title.items())

    def place(self, ids: Sequence[int]) -> str:
        """Return where the sessions are."""
        places = dict.fromkeys(session.place for session in self._named(ids) if session.place)
        return JOINED[self.language].join(places)

    def moment(self, iso: object) -> str:
        """Word a moment given in ISO 8601: `Sat Dec 5 10am`."""
        return when_label(datetime.fromisoformat(str(iso)), ZoneInfo(self.zone), self.language) if iso else ""

    def day(self, iso: object) -> str:
        """Word a day given in ISO 8601: `Sat Dec 5`."""
        return day_words(str(iso), self.language) if iso else ""


def day_words(iso: str, language: str) -> str:
    """Word a day given in ISO 8601: `Sat Dec 5`."""
    noon = datetime.combine(date.fromisoformat(iso[:10]), datetime.min.time(), tzinfo=UTC).replace(hour=12)
    return day_label(noon, ZoneInfo("UTC"), language)
