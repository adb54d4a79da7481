"""Enrolling somebody in a flow that is to begin at a moment."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.conversations.models import Enrolment


def enrol(  # noqa: PLR0913, PLR0917 - one enrolment has these parts
    session: Session,
    person_id: int,
    flow: str,
    key: str,
    due_at: datetime,
    now: datetime,
    offer: Mapping[str, Any] | None = None,
) -> bool:
    """Let a person begin a flow at a moment, once for one key; tell whether this is new.

    `offer` is what a campaign would give the flow: sessions, sender, organizer, fields.
    """
    fresh = insert(Enrolment).values(
        person_id=person_id, flow=flow, key=key, offer=dict(offer or {}), due_at=due_at, created_at=now
    )
    return session.scalar(fresh.on_conflict_do_nothing().returning(Enrolment.id)) is not None


def leave_out(  # noqa: PLR0913, PLR0917 - as above
    session: Session, person_id: int, flow: str, key: str, because: str, now: datetime
) -> None:
    """Write down that somebody did not begin a flow, and why: nobody is silently left out."""
    row = {"due_at": now, "created_at": now, "done_at": now, "because": because, "offer": {}}
    fresh = insert(Enrolment).values(person_id=person_id, flow=flow, key=key, **row)
    session.execute(fresh.on_conflict_do_nothing())
