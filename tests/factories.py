"""Factories that every part's tests may use: plain functions, every fact optional."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.campaigns.launching import Plan, launch
from outreach.campaigns.models import Campaign
from outreach.conversations.flow_files import shipped_flows
from outreach.conversations.models import FlowVersion
from outreach.conversations.versions import seed_flows
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings
from outreach.trainings.models import TrainingSession
from tests.people import factories as people
from tests.trainings import factories as trainings

# A Friday morning in Los Angeles.
NOW = datetime(2026, 12, 4, 18, 0, tzinfo=UTC)
KEY = "k" * 32
ORGANIZER = "luz@example.org"


def make_settings(**given: Any) -> Settings:
    """Return settings as the sandbox has them, with keys that only these tests know."""
    return Settings.model_validate({"secret_key": KEY, "suppression_key": KEY, **given})


def make_person(session: Session, name: str = "Ana Prueba", *, phone: str | None = None, **facts: Any) -> Person:
    """Return a person who can be texted, at `phone` if it is given; several may share one."""
    if phone is None:
        return people.make_person(session, name, **facts)
    known = session.scalar(select(PhoneNumber).where(PhoneNumber.phone == phone))
    return people.make_person(session, name, numbers=[known or people.make_number(session, phone)], **facts)


def make_session(session: Session, *, starts_at: datetime | None = None, **facts: Any) -> TrainingSession:
    """Return a session to come, eight days after NOW unless told otherwise."""
    given = {"starts_at": starts_at or NOW + timedelta(days=8), "now": NOW, "place": "Boyle Heights", **facts}
    return trainings.make_session(session, **given)


def seed(session: Session) -> None:
    """Store the shipped flows."""
    if session.scalar(select(FlowVersion.id).limit(1)) is None:
        seed_flows(session, shipped_flows(), NOW)


def make_campaign(
    session: Session,
    *,
    flow: str = "invite",
    segment: str = "everyone",
    sessions: tuple[int, ...] = (),
    sender: str = "Luz",
    name: str = "Winter classes",
    now: datetime = NOW,
) -> Campaign:
    """Return a campaign that is launched and has not begun to ask."""
    seed(session)
    return launch(session, Plan(flow, segment, sessions, sender, name, now), ORGANIZER, now)
