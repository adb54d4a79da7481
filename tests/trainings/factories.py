from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.trainings.models import Level, Training, TrainingSession
from outreach.trainings.plans import SessionPlan
from outreach.trainings.sessions import add_session

NOW = datetime(2026, 11, 20, 18, tzinfo=UTC)
ZONE = "America/Los_Angeles"
_numbers = count(1)


def make_person(session: Session, first_name: str = "Ana", last_name: str = "Example", **facts: Any) -> Person:
    person = Person(first_name=first_name, last_name=last_name, created_at=NOW, updated_at=NOW, **facts)
    session.add(person)
    session.flush()
    return person


def make_people(session: Session, count: int) -> list[int]:
    people = [Person(first_name=f"Member{n}", created_at=NOW, updated_at=NOW) for n in range(count)]
    session.add_all(people)
    session.flush()
    return [person.id for person in people]


def make_training(
    session: Session, title: str = "Canvassing", level: Level = Level.FUNDAMENTALS, **facts: Any
) -> Training:
    training = Training(slug=f"{title.lower()}-{next(_numbers)}", title=title, level=level, created_at=NOW, **facts)
    session.add(training)
    session.flush()
    return training


def make_session(
    session: Session, training: Training | None = None, *, now: datetime = NOW, **facts: Any
) -> TrainingSession:
    given = {
        "training_id": (training or make_training(session)).id,
        "starts_at": now + timedelta(days=22),
        "minutes": 180,
        "timezone": ZONE,
        "place": "Example Hall, 1200 E Example St",
        **facts,
    }
    return add_session(session, SessionPlan(**given), now)
