"""Tables of how a text leaves and arrives: texts, provider ids, delivery events, gates, pace, leases."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, false, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from outreach.database import Base, identity_key


class Direction(enum.StrEnum):
    """Which way a text went."""

    IN = "in"
    OUT = "out"


class TextStatus(enum.StrEnum):
    """Where a text stands. The first three are of texts that came in, the rest of texts that go out."""

    RECEIVED = "received"
    HANDLED = "handled"
    NEEDS_PERSON = "needs_person"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    CANCELED = "canceled"
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"


FINAL_STATUSES = frozenset(
    {
        TextStatus.DELIVERED,
        TextStatus.UNDELIVERED,
        TextStatus.FAILED,
        TextStatus.CANCELED,
        TextStatus.EXPIRED,
        TextStatus.SUPPRESSED,
    }
)


class Kind(enum.StrEnum):
    """Why a text goes out; replies before transactional texts before bulk."""

    REPLY = "reply"
    TRANSACTIONAL = "transactional"
    BULK = "bulk"


PRIORITY = {Kind.REPLY: 0, Kind.TRANSACTIONAL: 1, Kind.BULK: 2}


class Text(Base):
    """One text, in or out. Campaigns and conversations stand on floors above, so only their numbers are kept here.

    `restricted`: its words are for the grievance officers alone. `despite_hold`: people approved these words for a
    number that the program must otherwise leave alone.
    """

    __tablename__ = "texts"

    id: Mapped[int] = identity_key()
    direction: Mapped[Direction] = mapped_column(String(3))
    number_id: Mapped[int] = mapped_column(ForeignKey("phone_numbers.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="SET NULL"))
    sender: Mapped[str | None]
    body: Mapped[str]
    segments: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[TextStatus] = mapped_column(String(16))
    error_code: Mapped[int | None]
    created_at: Mapped[datetime]
    campaign_id: Mapped[int | None]
    conversation_id: Mapped[int | None]

    kind: Mapped[Kind | None] = mapped_column(String(16))
    priority: Mapped[int | None] = mapped_column(SmallInteger)
    turn: Mapped[int | None]
    place_in_turn: Mapped[int | None] = mapped_column(SmallInteger)
    first_of_campaign: Mapped[bool] = mapped_column(default=False)
    gate: Mapped[str | None]
    due_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    answers_at: Mapped[datetime | None]
    exempt_from_opt_out: Mapped[bool] = mapped_column(default=False)
    automated: Mapped[bool] = mapped_column(default=True)
    is_change: Mapped[bool] = mapped_column(default=False, server_default=false())
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    claimed_at: Mapped[datetime | None]
    claim: Mapped[str | None] = mapped_column(String(32))
    settle_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    retry_of: Mapped[int | None]
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))

    reading: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    media: Mapped[list[dict[str, str]] | None] = mapped_column(JSONB)
    opt_out_type: Mapped[str | None] = mapped_column(String(8))
    retry_at: Mapped[datetime | None]
    despite_hold: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    restricted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))

    __table_args__ = (
        UniqueConstraint("conversation_id", "turn", "place_in_turn"),
        CheckConstraint("direction = 'in' OR (kind IS NOT NULL AND due_at IS NOT NULL)", name="out_is_scheduled"),
        Index("ix_texts_due", "priority", "due_at", "id", postgresql_where=text("status = 'queued'")),
        Index("ix_texts_queued_number", "number_id", postgresql_where=text("status = 'queued'")),
        Index("ix_texts_sending", "claimed_at", postgresql_where=text("status = 'sending'")),
        Index("ix_texts_unknown", "settle_at", postgresql_where=text("status = 'unknown'")),
        Index("ix_texts_received", "retry_at", postgresql_where=text("status = 'received'")),
        Index("ix_texts_needs_person", "number_id", "id", postgresql_where=text("status = 'needs_person'")),
        Index("ix_texts_media", "created_at", postgresql_where=text("media IS NOT NULL AND media <> 'null'")),
        Index("ix_texts_number_id_id", "number_id", "id"),
        Index(
            "ix_texts_campaign_first",
            "campaign_id",
            "status",
            postgresql_where=text("first_of_campaign"),
        ),
        Index(
            "ix_texts_campaign_replies",
            "campaign_id",
            "conversation_id",
            postgresql_where=text("direction = 'in' AND campaign_id IS NOT NULL"),
        ),
        Index("ix_texts_retry_of", "retry_of", unique=True, postgresql_where=text("retry_of IS NOT NULL")),
        Index("ix_texts_queued_due_at", "due_at", postgresql_where=text("status = 'queued'")),
    )


class ProviderId(Base):
    """Twilio's id of a text, unique over all texts; apart, so that texts can be partitioned later."""

    __tablename__ = "provider_ids"

    sid: Mapped[str] = mapped_column(String(64), primary_key=True)
    text_id: Mapped[int] = mapped_column(index=True)


class DeliveryEvent(Base):
    """One status callback, as it came; applied in batches, only ever forward."""

    __tablename__ = "delivery_events"

    id: Mapped[int] = identity_key()
    text_id: Mapped[int | None]
    sid: Mapped[str] = mapped_column(String(64))
    status: Mapped[str] = mapped_column(String(16))
    error_code: Mapped[int | None]
    received_at: Mapped[datetime]
    applied_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_delivery_events_waiting", "id", postgresql_where=text("applied_at IS NULL")),)


class Gate(Base):
    """A gate that texts pass on their way out: `all` (stop-all) or one campaign's; closed, nothing leaves.

    `told_at`: when somebody of ours was texted that the program itself closed it.
    """

    __tablename__ = "gates"

    name: Mapped[str] = mapped_column(primary_key=True)
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    because: Mapped[str | None]
    told_at: Mapped[datetime | None]


class SenderPace(Base):
    """How much a sender may still send now: a token bucket, in segments."""

    __tablename__ = "sender_paces"

    sender: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    refilled_at: Mapped[datetime]
    slow_until: Mapped[datetime | None]
    campaigns_rest_until: Mapped[datetime | None]


class MonthSpend(Base):
    """What a month's texts came to so far, in millionths of a dollar.

    Outgoing ones count as they are claimed, incoming ones now and then, up to the text `counted_to`.
    """

    __tablename__ = "month_spends"

    month: Mapped[date] = mapped_column(primary_key=True)
    out: Mapped[int] = mapped_column(default=0)
    incoming: Mapped[int] = mapped_column(default=0)
    counted_to: Mapped[int] = mapped_column(default=0)


class Lease(Base):
    """Who does a thing that one process at a time should do; the token rises at each change of hands."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    token: Mapped[int]
    expires_at: Mapped[datetime]


class Heartbeat(Base):
    """When a part of the program last said that it lives."""

    __tablename__ = "heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
