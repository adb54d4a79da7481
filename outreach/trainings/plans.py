"""What an organizer writes down of a session: checked when made, before anything touches the database."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.trainings.models import SessionKind
from outreach.trainings.refusals import RefusedError

LONGEST_MINUTES = 14 * 24 * 60
LARGEST_CAPACITY = 1_000_000
FARTHEST = timedelta(days=10 * 365)


@dataclass(frozen=True)
class SessionPlan:
    """A session as somebody plans it. `starts_at` is aware; `capacity` None means no bound.

    `neighbourhood` is public; `address` is told only to those who said yes; `place` is both when they are not given.
    Raises RefusedError, naming the mend, for what no session can be.
    """

    training_id: int
    starts_at: datetime
    minutes: int
    timezone: str
    place: str = ""
    neighbourhood: str = ""
    address: str = ""
    link: str = ""
    contact: str = ""
    capacity: int | None = None
    kind: SessionKind = SessionKind.TRAINING
    languages: tuple[str, ...] = ("en",)
    hosts: tuple[str, ...] = ()
    host: str | None = None
    sensitive: bool = False

    def __post_init__(self) -> None:
        check_zone(self.timezone)
        check_minutes(self.minutes)
        check_capacity(self.capacity)
        if not (self.place or self.neighbourhood or self.address or self.link).strip():
            raise RefusedError("The session has no place. Give a place or a link.")
        if self.sensitive and not self.host:
            raise RefusedError("A sensitive session needs a host who confirms each person. Name the host's account.")


@dataclass(frozen=True)
class SessionChange:
    """What changes of a session; None leaves a field as it is. `starts_at` is aware."""

    starts_at: datetime | None = None
    minutes: int | None = None
    timezone: str | None = None
    place: str | None = None
    neighbourhood: str | None = None
    address: str | None = None
    link: str | None = None
    contact: str | None = None

    def __post_init__(self) -> None:
        if self.timezone is not None:
            check_zone(self.timezone)
        if self.minutes is not None:
            check_minutes(self.minutes)

    @property
    def given(self) -> dict[str, object]:
        """The fields that change, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


def check_zone(name: str) -> ZoneInfo:
    """Return the zone of that name. Raises RefusedError."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # unknown, a folder of the zone database, not a path
        raise RefusedError(
            f"There is no time zone {name!r}. Name one of the IANA list, such as America/Los_Angeles."
        ) from None


def check_minutes(minutes: int) -> None:
    """Refuse a session that ends before it starts, or lasts longer than two weeks."""
    if minutes <= 0:
        raise RefusedError(f"A session of {minutes} minutes ends before it starts. Give its length, such as 180.")
    if minutes > LONGEST_MINUTES:
        raise RefusedError(f"A session of {minutes} minutes is longer than two weeks. Give its length in minutes.")


def check_capacity(capacity: int | None) -> None:
    """Refuse a room for nobody, or for more people than there can be."""
    if capacity is not None and not 0 < capacity <= LARGEST_CAPACITY:
        raise RefusedError(f"A capacity of {capacity} is none. Give the number of seats, at least 1.")


def check_start(starts_at: datetime, now: datetime) -> None:
    """Refuse a start that is past, or so far ahead that the year must be mistyped."""
    if starts_at <= now:
        raise RefusedError(f"{starts_at.isoformat()} is past. Give a start that is still to come.")
    if starts_at - now > FARTHEST:
        raise RefusedError(f"{starts_at.isoformat()} is more than ten years ahead. Is the year right?")
