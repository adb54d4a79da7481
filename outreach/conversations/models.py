"""Tables of what is said: flow versions, conversations, timers."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from outreach.database import Base, identity_key

BOT = "bot"


class ConversationState(enum.StrEnum):
    """Whether a conversation goes on."""

    LIVE = "live"
    SUSPENDED = "suspended"
    ENDED = "ended"


class FlowVersion(Base):
    """One version of a flow file, as it was when it was first seen."""

    __tablename__ = "flow_versions"

    id: Mapped[int] = identity_key()
    flow: Mapped[str]
    checksum: Mapped[str] = mapped_column(String(64))
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("flow", "checksum"),)


class Conversation(Base):
    """One run of a flow with one person on one number; at most one is live on a number."""

    __tablename__ = "conversations"

    id: Mapped[int] = identity_key()
    number_id: Mapped[int] = mapped_column(ForeignKey("phone_numbers.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"), index=True)
    flow_version_id: Mapped[int] = mapped_column(ForeignKey("flow_versions.id"))
    flow: Mapped[str]
    campaign_id: Mapped[int | None]
    state: Mapped[ConversationState] = mapped_column(String(16))
    owner: Mapped[str] = mapped_column(default=BOT)
    step: Mapped[str]
    turn: Mapped[int] = mapped_column(default=0)
    memory: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    offer: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    answer: Mapped[str | None] = mapped_column(String(16))
    outcome: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_conversations_live_number", "number_id", unique=True, postgresql_where=text("state = 'live'")),
        Index("ix_conversations_campaign_id", "campaign_id"),
        Index("ix_conversations_number_id", "number_id"),
    )


class Timer(Base):
    """A moment at which a conversation goes on by itself; stale once its turn is over."""

    __tablename__ = "timers"

    id: Mapped[int] = identity_key()
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    turn: Mapped[int]
    name: Mapped[str]
    due_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("conversation_id", "turn", "name"),
        Index("ix_timers_due", "due_at", postgresql_where=text("done_at IS NULL")),
    )


class Reminder(Base):
    """One reminder that was taken care of, for the session as it then stood: texted, or given to a person."""

    __tablename__ = "reminders"

    rsvp_id: Mapped[int] = mapped_column(ForeignKey("rsvps.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(primary_key=True)
    at: Mapped[datetime]


class TaskKind(enum.StrEnum):
    """What somebody is to do."""

    CALL = "call"
    ANSWER = "answer"
    STORY = "story"
    NEED = "need"
    WAITLIST = "waitlist"
    UNKNOWN = "unknown"
    DELETE_DATA = "delete_data"
    OTHER = "other"


class Task(Base):
    """Something that a person of ours is to do for somebody, with an owner and a time by which.

    What the member wrote stays on the text that it came with; a task says in our own words why it is there.
    """

    __tablename__ = "tasks"

    id: Mapped[int] = identity_key()
    kind: Mapped[TaskKind] = mapped_column(String(16))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    number_id: Mapped[int | None] = mapped_column(ForeignKey("phone_numbers.id", ondelete="SET NULL"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)
    text_id: Mapped[int | None]
    because: Mapped[str]
    owner: Mapped[str]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by: Mapped[str | None]

    __table_args__ = (Index("ix_tasks_open", "due_at", postgresql_where=text("done_at IS NULL")),)
