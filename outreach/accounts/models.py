"""Tables of who may do what: so far the trail of who did what."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from outreach.database import Base, identity_key


class AuditEvent(Base):
    """One thing that somebody did, kept for good. Details hold ids and counts, never names or numbers."""

    __tablename__ = "audit_events"

    id: Mapped[int] = identity_key()
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    act: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
