"""Tables of what we invite people to: the catalogue, sessions, RSVPs and needs."""

import enum
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.database import Base, identity_key


class Level(enum.StrEnum):
    """How far along the programme a training stands."""

    FUNDAMENTALS = "fundamentals"
    INTERMEDIATE = "intermediate"
    ADVANCED = "advanced"


class SessionKind(enum.StrEnum):
    """What sort of gathering a session is."""

    TRAINING = "training"
    ACTION = "action"
    MEETING = "meeting"
    SOCIAL = "social"


class SessionState(enum.StrEnum):
    """Whether a session will take place."""

    SCHEDULED = "scheduled"
    CANCELLED = "cancelled"


class RsvpStatus(enum.StrEnum):
    """What a person said about coming."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"
    WAITLISTED = "waitlisted"
    CANCELLED = "cancelled"


class NeedState(enum.StrEnum):
    """How far a need has come: asked, then arranged or cannot, then the person is told."""

    ASKED = "asked"
    ARRANGED = "arranged"
    CANNOT = "cannot"
    TOLD = "told"


class Training(Base):
    """One training of the catalogue, in both languages."""

    __tablename__ = "trainings"

    id: Mapped[int] = identity_key()
    slug: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    title_es: Mapped[str] = mapped_column(default="")
    level: Mapped[Level] = mapped_column(String(16))
    area: Mapped[str | None]
    blurb: Mapped[str] = mapped_column(default="")
    blurb_es: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]

    sessions: Mapped[list["TrainingSession"]] = relationship(back_populates="training")


class Material(Base):
    """A guide or handout of a training, with its version and language."""

    __tablename__ = "materials"

    id: Mapped[int] = identity_key()
    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    link: Mapped[str]
    version: Mapped[str]
    language: Mapped[str] = mapped_column(String(8))
    licence: Mapped[str | None]


class Agreement(Base):
    """One line of the chapter's agreements on how we treat each other, in both languages."""

    __tablename__ = "agreements"

    id: Mapped[int] = identity_key()
    slug: Mapped[str] = mapped_column(unique=True)
    position: Mapped[int]
    words: Mapped[str]
    words_es: Mapped[str]


class TrainingSession(Base):
    """One gathering that people can come to.

    `taken` counts the seats given, by party size; `sequence` counts the changes that people must be told of;
    `host` is the e-mail of the account that may see the roster of a sensitive session and confirms who comes.
    `neighbourhood` is public, `address` only for those who said yes.
    """

    __tablename__ = "training_sessions"

    id: Mapped[int] = identity_key()
    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"), index=True)
    kind: Mapped[SessionKind] = mapped_column(String(16), default=SessionKind.TRAINING)
    state: Mapped[SessionState] = mapped_column(String(16), default=SessionState.SCHEDULED)
    starts_at: Mapped[datetime] = mapped_column(index=True)
    minutes: Mapped[int]
    timezone: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    neighbourhood: Mapped[str] = mapped_column(default="")
    address: Mapped[str] = mapped_column(default="")
    link: Mapped[str] = mapped_column(default="")
    contact: Mapped[str] = mapped_column(default="")
    capacity: Mapped[int | None]
    taken: Mapped[int] = mapped_column(default=0)
    languages: Mapped[list[str]] = mapped_column(JSONB, default=list)
    hosts: Mapped[list[str]] = mapped_column(JSONB, default=list)
    sensitive: Mapped[bool] = mapped_column(default=False)
    host: Mapped[str | None]
    sequence: Mapped[int] = mapped_column(default=0)
    sign_in_closed_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    training: Mapped[Training] = relationship(back_populates="sessions")

    __table_args__ = (
        CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity_positive"),
        CheckConstraint("taken >= 0 AND (capacity IS NULL OR taken <= capacity)", name="seats"),
        CheckConstraint("minutes > 0", name="minutes_positive"),
    )


class Rsvp(Base):
    """What one person said about one session; whether they came is a fact of its own (Attendance).

    `told_sequence` is the newest change of the session that this person was told of; `seat_offered_at` when they were
    last told that a seat is kept for them.
    """

    __tablename__ = "rsvps"

    id: Mapped[int] = identity_key()
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"))
    session_id: Mapped[int] = mapped_column(ForeignKey("training_sessions.id"))
    status: Mapped[RsvpStatus] = mapped_column(String(16))
    party_size: Mapped[int] = mapped_column(default=1)
    waitlisted_at: Mapped[datetime | None]
    seat_offered_at: Mapped[datetime | None]
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    host_confirmed_at: Mapped[datetime | None]
    told_sequence: Mapped[int] = mapped_column(default=0)
    answered_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("person_id", "session_id"),
        Index("ix_rsvps_session_id_status", "session_id", "status"),
        Index("ix_rsvps_waitlist", "session_id", "waitlisted_at", postgresql_where=text("status = 'waitlisted'")),
        CheckConstraint("party_size > 0", name="party_positive"),
    )


class Attendance(Base):
    """That one person signed in to one session, whether or not they had answered before."""

    __tablename__ = "attendances"

    session_id: Mapped[int] = mapped_column(ForeignKey("training_sessions.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    walk_in: Mapped[bool] = mapped_column(default=False)
    signed_in_at: Mapped[datetime]


class NeedOwner(Base):
    """Who sees to needs of one kind: the e-mail of an account, or a name."""

    __tablename__ = "need_owners"

    kind: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str]


class Need(Base):
    """Something that makes coming possible: a task with an owner and a deadline.

    `outcome` keeps what was found (arranged or cannot) once the person is told.
    """

    __tablename__ = "needs"

    id: Mapped[int] = identity_key()
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    session_id: Mapped[int | None] = mapped_column(ForeignKey("training_sessions.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    words: Mapped[str] = mapped_column(default="")
    state: Mapped[NeedState] = mapped_column(String(16), default=NeedState.ASKED)
    outcome: Mapped[NeedState | None] = mapped_column(String(16))
    owner: Mapped[str | None]
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]

    # Without a session there is still only one need of a kind: NULL counts as one value here.
    __table_args__ = (UniqueConstraint("person_id", "session_id", "kind", postgresql_nulls_not_distinct=True),)


class AvailabilityNote(Base):
    """When a person can come: days by parts with bounds, not-before and dates, as understood."""

    __tablename__ = "availability"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    cells: Mapped[dict[str, object]] = mapped_column(JSONB)
    not_before: Mapped[date | None]
    words: Mapped[str] = mapped_column(default="")
    noted_at: Mapped[datetime]


class DateWish(Base):
    """That a person was promised the next date of a training, and when they were told of one."""

    __tablename__ = "date_wishes"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    training_id: Mapped[int] = mapped_column(ForeignKey("trainings.id"), primary_key=True, index=True)
    wished_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
