"""Tables of who may do what: users, their roles, and the trail of who did what."""

import enum
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.database import Base, identity_key


class Role(enum.StrEnum):
    """What somebody may do; the names are part of the command line."""

    ADMIN = "admin"
    DATA_STEWARD = "data_steward"
    CAMPAIGN_ORGANIZER = "campaign_organizer"
    BRANCH_ORGANIZER = "branch_organizer"
    PHONE_BANKER = "phone_banker"
    TRAINER = "trainer"
    VIEWER = "viewer"


class User(Base):
    """Somebody who signs in. The names `password`, `active` and `fs_uniquifier` are Flask-Security's.

    `password` is an argon2id hash; a new `fs_uniquifier` ends every session of the user; `test_phone` is where
    their test texts go, in E.164.
    """

    __tablename__ = "users"

    id: Mapped[int] = identity_key()
    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True, default=lambda: secrets.token_hex(32))
    test_phone: Mapped[str | None]
    created_at: Mapped[datetime]

    roles: Mapped[list["UserRole"]] = relationship(cascade="all, delete-orphan")


class UserRole(Base):
    """That a user has a role."""

    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[Role] = mapped_column(String(32), primary_key=True)

    def get_permissions(self) -> set[str]:
        """Return no permissions: Flask-Security asks for them, and pages ask for roles alone."""
        return set()


class AuditEvent(Base):
    """One thing that somebody did, kept for good. Details hold ids and counts, never names or numbers.

    `restricted`: the line is for the grievance officers alone.
    """

    __tablename__ = "audit_events"

    id: Mapped[int] = identity_key()
    at: Mapped[datetime] = mapped_column(index=True)
    who: Mapped[str]
    act: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    restricted: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
