"""How often one person is asked something, over all flows: ASK_GAP_HOURS and ASKS_PER_MONTH."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber
from outreach.settings import Settings
from outreach.texting.models import Direction, Kind, Text, TextStatus

MONTH = timedelta(days=30)
# Asks that never left do not count.
NEVER_LEFT = (TextStatus.CANCELED, TextStatus.EXPIRED, TextStatus.SUPPRESSED, TextStatus.FAILED)
# Built once, for every invitation asks this.
_ASKS = (
    select(Text.created_at)
    .where(
        Text.number_id == bindparam("number_id"),
        Text.direction == Direction.OUT,
        # A nudge belongs to the ask that it repeats.
        Text.kind == Kind.BULK,
        Text.turn == 1,
        Text.retry_of.is_(None),
        Text.status.not_in(NEVER_LEFT),
        Text.created_at > bindparam("since"),
    )
    .order_by(Text.id.desc())
    .limit(bindparam("most"))
)


class NotStartedError(Exception):
    """Say why a conversation was not started, in a word for the list of who was left out."""

    def __init__(self, because: str) -> None:
        super().__init__(because)
        self.because = because


def check_gap(session: Session, settings: Settings, number: PhoneNumber, now: datetime) -> None:
    """Raise NotStartedError when this number was asked something too recently, or too often."""
    given = {"number_id": number.id, "since": now - MONTH, "most": settings.asks_per_month}
    asks = session.scalars(_ASKS, given).all()
    if asks and asks[0] > now - timedelta(hours=settings.ask_gap_hours):
        raise NotStartedError("asked_recently")
    if len(asks) >= settings.asks_per_month:
        raise NotStartedError("asked_often")
