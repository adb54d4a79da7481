"""Texts that wait for a person, and the application whose pages show them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from outreach import process
from outreach.app import create_app
from outreach.conversations.models import Conversation, ConversationState, FlowVersion
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.models import Direction, Text, TextStatus
from tests.people.factories import make_number, make_person

# A Tuesday, ten in the morning in Los Angeles.
NOW = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
KEY = "k" * 32
REAL_HOURS = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00"}


class SilentWaker:
    """A Redis that takes every wake-up."""

    def __init__(self) -> None:
        self.woken: list[str] = []

    def wake(self, job: str, rest: float = 0.0) -> bool:  # noqa: ARG002 - the waker's form
        self.woken.append(job)
        return True


def make_settings(**given: Any) -> Settings:
    return Settings.model_validate({"secret_key": KEY, "suppression_key": KEY, **given})


def make_app(monkeypatch: pytest.MonkeyPatch, **given: Any) -> Flask:
    """Return the application on the test's transaction."""
    started = process.Process(make_settings(**given), engine=None, waker=SilentWaker())  # type: ignore[arg-type]
    monkeypatch.setattr(process, "_current", started)
    return create_app(started)


def make_member(session: Session, name: str = "Ana Prueba", **facts: Any) -> tuple[Person, PhoneNumber]:
    number = make_number(session)
    return make_person(session, name, numbers=[number], **facts), number


def make_reading(intent: str = "question", **parts: Any) -> dict[str, Any]:
    return {"intent": intent, "rule": f"test: {intent}", "human_review": True, **parts}


def make_live_conversation(session: Session, person: Person, number: PhoneNumber) -> Conversation:
    """Return a conversation in the middle of a flow that says nothing."""
    version = FlowVersion(flow="test", checksum="0" * 64, definition={}, created_at=NOW)
    session.add(version)
    session.flush()
    conversation = Conversation(
        number_id=number.id,
        person_id=person.id,
        flow_version_id=version.id,
        flow="test",
        state=ConversationState.LIVE,
        step="ask",
        started_at=NOW,
    )
    session.add(conversation)
    session.flush()
    return conversation


def make_waiting(
    session: Session,
    number: PhoneNumber,
    body: str = "is there parking?",
    *,
    person: Person | None = None,
    reading: dict[str, Any] | None = None,
    at: datetime = NOW - timedelta(minutes=10),
    status: TextStatus = TextStatus.NEEDS_PERSON,
) -> Text:
    """Return a text that came in and waits for a person."""
    text = Text(
        direction=Direction.IN,
        number_id=number.id,
        person_id=person.id if person else None,
        sender="+12135550100",
        body=body,
        segments=1,
        status=status,
        created_at=at,
        reading=reading if reading is not None else make_reading(),
    )
    session.add(text)
    number.last_inbound_at = max(number.last_inbound_at or at, at)
    session.flush()
    return text
