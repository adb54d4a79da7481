"""What organizers and others do in a transcript, by name: each a function of the scene's stage."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.trainings.models import RsvpStatus, TrainingSession
from outreach.trainings.plans import SessionChange
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session, move_session
from tests.factories import make_person, make_session

LA = ZoneInfo("America/Los_Angeles")
PHONE = "+12135550101"
SESSIONS: tuple[dict[str, Any], ...] = (
    {"starts_at": datetime(2026, 12, 12, 10, tzinfo=LA), "place": "Boyle Heights", "address": "1200 E Example St"},
    {"starts_at": datetime(2026, 12, 16, 18, 30, tzinfo=LA), "place": "", "link": "https://example.org/class"},
)


@dataclass
class Stage:
    """Where a scene plays: the database, the sessions by number, the present."""

    session: Session
    now: datetime
    sessions: list[int] = field(default_factory=list)

    def named(self, number: str) -> int:
        """Return the id of the scene's first, second, … session."""
        return self.sessions[int(number) - 1]


def have_sessions(stage: Stage, count: str) -> None:
    stage.sessions += [make_session(stage.session, **facts).id for facts in SESSIONS[: int(count)]]


def speak_spanish(stage: Stage) -> None:
    stage.session.execute(update(Person).values(language="es"))


def be_unnamed(stage: Stage) -> None:
    stage.session.execute(update(Person).values(first_name=""))


def share_the_number(stage: Stage) -> None:
    make_person(stage.session, "Ben Prueba", phone=PHONE)


def fill_up(stage: Stage, number: str) -> None:
    stage.session.get_one(TrainingSession, stage.named(number)).capacity = 1
    stage.session.flush()
    answer(stage.session, make_person(stage.session).id, stage.named(number), RsvpStatus.YES, now=stage.now)


def have_said_yes(stage: Stage, number: str) -> None:
    ana = stage.session.scalars(select(Person.id).order_by(Person.id).limit(1)).one()
    answer(stage.session, ana, stage.named(number), RsvpStatus.YES, now=stage.now)


def be_cancelled(stage: Stage, number: str) -> None:
    cancel_session(stage.session, stage.named(number), stage.now)


def move(stage: Stage, number: str, to: str) -> None:
    moment = datetime.fromisoformat(to).replace(tzinfo=LA)
    move_session(stage.session, stage.named(number), SessionChange(starts_at=moment), stage.now)


ARRANGEMENTS: dict[str, Callable[..., None]] = {
    "sessions": have_sessions,
    "spanish": speak_spanish,
    "unnamed": be_unnamed,
    "shared": share_the_number,
    "full": fill_up,
    "yes": have_said_yes,
    "cancel": be_cancelled,
    "move": move,
}
