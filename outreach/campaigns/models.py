"""Tables of who is asked, when, and how it goes: campaigns and their recipients."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from outreach.database import Base, identity_key


class CampaignState(enum.StrEnum):
    """Where a campaign stands. Whether it is paused is its gate's to say."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    DONE = "done"
    CANCELLED = "cancelled"


class RecipientState(enum.StrEnum):
    """What became of one recipient: waiting for their turn, started, or skipped with a reason."""

    WAITING = "waiting"
    STARTED = "started"
    SKIPPED = "skipped"


class Campaign(Base):
    """One round of asking: a flow, a segment, sessions, a sender's name, a time.

    `form_key` names the form that launched it, so that a form sent twice launches once. `guarded_texts` and
    `guarded_opt_outs` are its figures when the guard last paused it: the guard counts from there.
    """

    __tablename__ = "campaigns"

    id: Mapped[int] = identity_key()
    name: Mapped[str]
    flow: Mapped[str]
    segment: Mapped[str]
    sender_name: Mapped[str]
    offer: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    state: Mapped[CampaignState] = mapped_column(String(16))
    starts_at: Mapped[datetime]
    frozen_at: Mapped[datetime | None]
    audience: Mapped[int] = mapped_column(default=0)
    created_by: Mapped[str]
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    form_key: Mapped[str | None] = mapped_column(String(32), unique=True)
    guarded_texts: Mapped[int] = mapped_column(default=0)
    guarded_opt_outs: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("ix_campaigns_open", "starts_at", postgresql_where=text("state IN ('scheduled', 'running')")),
    )

    @property
    def gate(self) -> str:
        """Return the name of the gate that this campaign's texts pass."""
        return gate_of(self.id)


def gate_of(campaign_id: int) -> str:
    """Return the name of the gate that a campaign's texts pass."""
    return f"campaign:{campaign_id}"


class Recipient(Base):
    """One person whom a campaign asks, fixed when it starts."""

    __tablename__ = "recipients"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    number_id: Mapped[int] = mapped_column(ForeignKey("phone_numbers.id"))
    state: Mapped[RecipientState] = mapped_column(String(16))
    skipped_because: Mapped[str | None]
    conversation_id: Mapped[int | None]

    __table_args__ = (
        Index("ix_recipients_waiting", "campaign_id", "number_id", postgresql_where=text("state = 'waiting'")),
        Index("ix_recipients_person_id", "person_id"),
    )
