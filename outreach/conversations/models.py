"""Tables of what is said, and of who looks after it: conversations, timers, tasks, duties, sensitive cases."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
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
        Index("ix_conversations_planned", "ended_at", postgresql_where=text("outcome = 'planned'")),
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


class FlowKeyword(Base):
    """One word that starts a flow, as its file says: kept here so that a turn finds it at once."""

    __tablename__ = "flow_keywords"

    word: Mapped[str] = mapped_column(primary_key=True)
    flow: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    anyone: Mapped[bool]
    with_code: Mapped[bool]


class Enrolment(Base):
    """Somebody who is to begin a flow at a moment, and what came of it; at most once for one key.

    `because` says why they were left out. What the moment is counted from stands in the key, so that a session that
    moves enrols anew.
    """

    __tablename__ = "enrolments"

    id: Mapped[int] = identity_key()
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    flow: Mapped[str]
    key: Mapped[str]
    offer: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    because: Mapped[str | None]
    conversation_id: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("person_id", "flow", "key"),
        Index("ix_enrolments_due", "due_at", postgresql_where=text("done_at IS NULL")),
    )


class Welcome(Base):
    """Which organizer a new member was given to, and whether they have taken them on; None: nobody has room."""

    __tablename__ = "welcomes"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    organizer: Mapped[str | None] = mapped_column(index=True)
    assigned_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]


class NotedAnswer(Base):
    """Something that a person told us in a conversation, under the name that the flow gives it."""

    __tablename__ = "noted_answers"

    id: Mapped[int] = identity_key()
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_sessions.id"))
    flow: Mapped[str]
    name: Mapped[str]
    words: Mapped[str] = mapped_column(default="")
    mark: Mapped[int | None]
    at: Mapped[datetime]

    __table_args__ = (Index("ix_noted_answers_session_id_name", "session_id", "name"),)


class TaskKind(enum.StrEnum):
    """What somebody is to do."""

    CALL = "call"
    ANSWER = "answer"
    STORY = "story"
    NEED = "need"
    WAITLIST = "waitlist"
    UNKNOWN = "unknown"
    DELETE_DATA = "delete_data"
    ASK_AGAIN = "ask_again"
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


class DutyKind(enum.StrEnum):
    """What somebody of ours is there for."""

    ON_CALL = "on_call"
    REPLIES = "replies"
    GRIEVANCE = "grievance"
    YOUTH = "youth"
    WELCOME = "welcome"


class Duty(Base):
    """That a user is on duty, when, and where their phone rings.

    `days` are digits, 0 for Monday; minutes count from local midnight. `known_as` is what members may call them: a text
    that names an officer is not for that officer. A grievance officer counts once a second admin has confirmed them.
    """

    __tablename__ = "duties"

    id: Mapped[int] = identity_key()
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[DutyKind] = mapped_column(String(16))
    known_as: Mapped[str] = mapped_column(default="")
    phone: Mapped[str]
    language: Mapped[str] = mapped_column(String(8), default="en")
    branch: Mapped[str] = mapped_column(default="", server_default="")
    days: Mapped[str] = mapped_column(String(7), default="0123456")
    start_minute: Mapped[int] = mapped_column(SmallInteger, default=0)
    end_minute: Mapped[int] = mapped_column(SmallInteger, default=1440)
    place: Mapped[int] = mapped_column(SmallInteger, default=0)
    named_by: Mapped[str]
    confirmed_by: Mapped[str | None]
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("user_id", "kind"),)


class ApprovedWords(Base):
    """Words of an acknowledgement, or a hotline's number, as an admin approved them, and when they were checked."""

    __tablename__ = "approved_words"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    en: Mapped[str]
    es: Mapped[str]
    checked_on: Mapped[date]
    approved_by: Mapped[str]
    approved_at: Mapped[datetime]


class SensitiveCase(Base):
    """A text that no machine may answer: who was called for it, who has seen it, and when it was over.

    `ring_at` is when the next person is called unless somebody opens it; `excluded` are the e-mails of officers whom it
    is about. `acknowledgement_id` is the one fixed text that was sent.
    """

    __tablename__ = "sensitive_cases"

    id: Mapped[int] = identity_key()
    text_id: Mapped[int] = mapped_column(unique=True)
    number_id: Mapped[int] = mapped_column(ForeignKey("phone_numbers.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(16))
    opened_at: Mapped[datetime]
    acknowledgement_id: Mapped[int | None]
    rings: Mapped[int] = mapped_column(SmallInteger, default=0)
    ring_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    seen_by: Mapped[str | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    excluded: Mapped[list[str]] = mapped_column(JSONB, default=list)

    __table_args__ = (
        Index("ix_sensitive_cases_open", "number_id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_sensitive_cases_ring", "ring_at", postgresql_where=text("ring_at IS NOT NULL")),
        Index("ix_sensitive_cases_person_id", "person_id"),
    )


class CaseRing(Base):
    """That a phone of ours was called for a case; `passed_at`: they handed it to the next person."""

    __tablename__ = "case_rings"

    id: Mapped[int] = identity_key()
    case_id: Mapped[int] = mapped_column(ForeignKey("sensitive_cases.id", ondelete="CASCADE"), index=True)
    number_id: Mapped[int] = mapped_column(ForeignKey("phone_numbers.id"), index=True)
    ring: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime]
    passed_at: Mapped[datetime | None]


class Correction(Base):
    """What a person says that a text meant, beside what the program had read: a line to learn from."""

    __tablename__ = "corrections"

    text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    intent: Mapped[str] = mapped_column(String(16))
    opt_out: Mapped[bool]
    by: Mapped[str]
    at: Mapped[datetime]


class Note(Base):
    """What somebody of ours wrote down about a person, who may read it one day."""

    __tablename__ = "notes"

    id: Mapped[int] = identity_key()
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    body: Mapped[str]
    by: Mapped[str]
    at: Mapped[datetime]


class OwnerAlert(Base):
    """That somebody of ours was told by text that something waits: a text, at once; a day's; a sheet to be closed."""

    __tablename__ = "owner_alerts"

    id: Mapped[int] = identity_key()
    email: Mapped[str]
    text_id: Mapped[int | None]
    on_day: Mapped[date | None]
    session_id: Mapped[int | None]
    at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("email", "text_id"),
        UniqueConstraint("email", "on_day"),
        UniqueConstraint("email", "session_id"),
        Index("ix_owner_alerts_text_id", "text_id"),
    )


class MediaFile(Base):
    """A photo or voice note that came with a text: kept out of sight until somebody opens it, and not for long."""

    __tablename__ = "media_files"

    text_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    content_type: Mapped[str]
    content: Mapped[bytes | None]
    fetched_at: Mapped[datetime]
    opened_by: Mapped[str]
    deleted_at: Mapped[datetime | None]
