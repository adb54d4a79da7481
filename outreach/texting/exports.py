"""The texts as rows of an export."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber
from outreach.texting.models import Direction, ProviderId, Text

TEXT_COLUMNS = (
    "id",
    "direction",
    "person_id",
    "phone",
    "sender",
    "body",
    "segments",
    "status",
    "error_code",
    "campaign_id",
    "conversation_id",
    "queued_at",
    "sent_at",
    "final_at",
    "provider_sid",
)
BATCH = 2000


def text_rows(session: Session, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    """Yield every text, oldest first, with its times in the chapter's zone."""
    sid = select(ProviderId.sid).where(ProviderId.text_id == Text.id).order_by(ProviderId.sid).limit(1)
    wanted = select(Text, PhoneNumber.phone, sid.scalar_subquery()).join(PhoneNumber, PhoneNumber.id == Text.number_id)
    for text, phone, provider_sid in session.execute(wanted.order_by(Text.id).execution_options(yield_per=BATCH)):
        yield (
            text.id,
            text.direction,
            text.person_id,
            phone,
            text.sender,
            # What is for the grievance officers alone leaves the program by no file.
            "" if text.restricted else text.body,
            text.segments,
            text.status,
            text.error_code,
            text.campaign_id,
            text.conversation_id,
            iso(text.created_at if text.direction == Direction.OUT else None, zone),
            iso(text.sent_at if text.direction == Direction.OUT else text.created_at, zone),
            iso(text.final_at, zone),
            provider_sid,
        )


def iso(moment: datetime | None, zone: ZoneInfo) -> str:
    """Write a moment in ISO 8601 with the zone's offset, to the second; empty when there is none."""
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else ""
