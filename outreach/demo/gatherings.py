"""The demo's sessions: three that are over, with who came, and three to come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.settings import Settings
from outreach.trainings.attendance import close_sign_in, sign_in
from outreach.trainings.models import RsvpStatus, Training, TrainingSession
from outreach.trainings.plans import SessionPlan
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import add_session

SATURDAY, WEDNESDAY = 5, 2
PLANNED_AHEAD = timedelta(days=21)
CONTACT = "213-555-0134"
WALK_IN_EVERY = 5


@dataclass(frozen=True, slots=True)
class Gathering:
    """A session as the demo plans it; `training` is a slug of the catalogue."""

    training: str
    starts: time
    minutes: int
    neighbourhood: str
    address: str
    capacity: int
    languages: tuple[str, ...] = ("en", "es")
    link: str = ""


@dataclass(frozen=True, slots=True)
class Past:
    """A session that is over, so many days ago."""

    days_ago: int
    gathering: Gathering


# Within 90, 180 and more than 180 days: who came is active, cooling, inactive.
PAST = (
    Past(24, Gathering("canvassing", time(10), 180, "Boyle Heights", "1200 E Example St, room 4", 60)),
    Past(130, Gathering("facilitation", time(18, 30), 120, "Koreatown", "300 S Example Ave", 60)),
    Past(270, Gathering("direct-action", time(11), 180, "South LA", "4100 Example Blvd", 80)),
)
SMALL = Gathering("organizing-conversations", time(10), 180, "Boyle Hts", "1200 E Example St, room 4", 20)
ONLINE = Gathering(
    "organizing-conversations", time(18, 30), 120, "Zoom", "", 100, link="https://zoom.example.org/j/5550134"
)
LARGE = Gathering("facilitation", time(11), 150, "South LA", "4100 Example Blvd", 60)


def add_past_sessions(session: Session, settings: Settings, came: dict[int, list[int]], now: datetime) -> None:
    """Add the sessions that are over; `came` names the people at each, by its place in `PAST`."""
    for place, past in enumerate(PAST):
        _hold(session, settings.zone, past, came.get(place, []), now)


def add_coming_sessions(session: Session, settings: Settings, now: datetime) -> list[TrainingSession]:
    """Add three sessions to come: a small one on a Saturday, one online on a Wednesday, a large one on a Saturday."""
    zone = settings.zone
    today = now.astimezone(zone).date()
    saturday = next_weekday(today + timedelta(days=5), SATURDAY)
    days = (saturday, next_weekday(saturday, WEDNESDAY), saturday + timedelta(days=14))
    return [
        add_session(session, _plan(session, gathering, day, zone), now)
        for gathering, day in zip((SMALL, ONLINE, LARGE), days, strict=True)
    ]


def next_weekday(day: date, weekday: int) -> date:
    """Return the first such weekday (0 is Monday) on or after a day."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def _hold(session: Session, zone: ZoneInfo, past: Past, people: Iterable[int], now: datetime) -> None:
    """Let a session take place: planned, answered to, signed in to and closed, each at its own time."""
    day = now.astimezone(zone).date() - timedelta(days=past.days_ago)
    plan = _plan(session, past.gathering, day, zone)
    held = add_session(session, plan, plan.starts_at - PLANNED_AHEAD)
    for place, person_id in enumerate(people):
        if place % WALK_IN_EVERY:
            answer(session, person_id, held.id, RsvpStatus.YES, now=plan.starts_at - timedelta(days=9))
        sign_in(session, held.id, person_id, plan.starts_at)
    close_sign_in(session, held.id, plan.starts_at + timedelta(minutes=plan.minutes))


def _plan(session: Session, gathering: Gathering, day: date, zone: ZoneInfo) -> SessionPlan:
    training_id = session.scalars(select(Training.id).where(Training.slug == gathering.training)).one()
    return SessionPlan(
        training_id=training_id,
        starts_at=datetime.combine(day, gathering.starts, tzinfo=zone),
        minutes=gathering.minutes,
        timezone=zone.key,
        neighbourhood=gathering.neighbourhood,
        address=gathering.address,
        link=gathering.link,
        contact=CONTACT,
        capacity=gathering.capacity,
        languages=gathering.languages,
    )
