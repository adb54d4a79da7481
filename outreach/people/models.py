"""Tables of who we know: people, their numbers, what they wish, their membership and what they have done."""

import enum
from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from outreach.database import Base, identity_key


class Membership(enum.StrEnum):
    """What the newest list says a person is to the chapter."""

    GOOD_STANDING = "good_standing"
    MEMBER = "member"
    LAPSED = "lapsed"
    UNKNOWN = "unknown"
    CONTACT = "contact"


class NumberKind(enum.StrEnum):
    """Where a number rings, as far as its list says."""

    MOBILE = "mobile"
    HOME = "home"
    WORK = "work"
    UNKNOWN = "unknown"


class NumberStatus(enum.StrEnum):
    """What is known of the number itself, apart from anyone's wishes."""

    OK = "ok"
    BAD = "bad"
    LANDLINE = "landline"
    INVALID = "invalid"


class ConsentAction(enum.StrEnum):
    """What a line of the consent ledger did."""

    CONSENT = "consent"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    WITHDRAWN = "withdrawn"  # a consent that an import recorded, taken back with that import


class Reach(enum.StrEnum):
    """Whether a person can be texted and, if not, the first reason why not (`Standing.reach`)."""

    TEXTABLE = "textable"
    NO_CONSENT = "no_consent"
    NO_MOBILE = "no_mobile"
    OPTED_OUT = "opted_out"
    WRONG_NUMBER = "wrong_number"
    NO_NUMBER = "no_number"
    HELD = "held"
    UNDER_18 = "under_18"
    DECEASED = "deceased"


UNREACHABLE = frozenset(
    {Reach.OPTED_OUT, Reach.WRONG_NUMBER, Reach.NO_NUMBER, Reach.HELD, Reach.UNDER_18, Reach.DECEASED}
)


class Belonging(enum.StrEnum):
    """What a person is to the chapter, as far as segments ask (`Standing.belonging`)."""

    CONTACT = "contact"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    MEMBER = "member"


class Scope(enum.StrEnum):
    """Which way of reaching somebody a wish is about."""

    TEXTS = "texts"
    CALLS = "calls"


class Person(Base):
    """One human being whom the chapter knows. Wishes belong to numbers, membership and activity to their own tables."""

    __tablename__ = "people"

    id: Mapped[int] = identity_key()
    first_name: Mapped[str] = mapped_column(default="")
    last_name: Mapped[str] = mapped_column(default="")
    preferred_name: Mapped[str | None]
    pronouns: Mapped[str | None]
    folded_name: Mapped[str] = mapped_column(default="")
    email: Mapped[str | None]
    language: Mapped[str | None] = mapped_column(String(8))
    written_language: Mapped[str | None] = mapped_column(String(8))
    timezone: Mapped[str | None]
    zip: Mapped[str | None] = mapped_column(String(10))
    branch: Mapped[str | None]
    committees: Mapped[list[str]] = mapped_column(JSONB, default=list)
    tags: Mapped[list[str]] = mapped_column(JSONB, default=list)
    source: Mapped[str] = mapped_column(default="")
    source_since: Mapped[date | None]
    under_18: Mapped[bool] = mapped_column(default=False)
    deceased: Mapped[bool] = mapped_column(default=False)
    held_because: Mapped[str | None]
    snoozed_until: Mapped[date | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    kept: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    numbers: Mapped[list["PersonNumber"]] = relationship(back_populates="person", cascade="all, delete-orphan")
    membership: Mapped["MembershipRecord | None"] = relationship(back_populates="person", cascade="all, delete-orphan")
    activity: Mapped["Activity | None"] = relationship(back_populates="person", cascade="all, delete-orphan")

    __table_args__ = (
        Index("ix_people_folded_name_prefix", "folded_name", postgresql_ops={"folded_name": "text_pattern_ops"}),
        Index("ix_people_email", "email", postgresql_where=text("email IS NOT NULL")),
        Index("ix_people_held", "id", postgresql_where=text("held_because IS NOT NULL")),
    )

    @property
    def known_as(self) -> str:
        """Return the name to greet them by: the preferred one, else the first name."""
        return self.preferred_name or self.first_name

    @property
    def speaks(self) -> str | None:
        """Return the language that they asked for, else the one they write in."""
        return self.language or self.written_language


class PhoneNumber(Base):
    """One phone number in E.164: what it can take, what whoever holds it wishes, and who of ours looks after it.

    `owner` is the e-mail of whoever answers this thread; since `taken_at` the program is silent there.
    """

    __tablename__ = "phone_numbers"

    id: Mapped[int] = identity_key()
    phone: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[NumberKind] = mapped_column(String(16), default=NumberKind.UNKNOWN)
    status: Mapped[NumberStatus] = mapped_column(String(16), default=NumberStatus.OK)
    consented_at: Mapped[datetime | None]
    texts_opted_out_at: Mapped[datetime | None]
    calls_opted_out_at: Mapped[datetime | None]
    automation_held_at: Mapped[datetime | None]
    sender: Mapped[str | None]
    greeted_at: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime | None]
    owner: Mapped[str | None]
    owned_since: Mapped[datetime | None]
    taken_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    created_at: Mapped[datetime]

    people: Mapped[list["PersonNumber"]] = relationship(back_populates="number")

    __table_args__ = (Index("ix_phone_numbers_taken", "taken_at", postgresql_where=text("taken_at IS NOT NULL")),)


class PersonNumber(Base):
    """A number that a person is reached at; several people may share one."""

    __tablename__ = "person_numbers"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    number_id: Mapped[int] = mapped_column(ForeignKey("phone_numbers.id"), primary_key=True)
    kind: Mapped[NumberKind] = mapped_column(String(16), default=NumberKind.UNKNOWN)
    rank: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None]
    retired_because: Mapped[str | None]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("list_imports.id"))

    person: Mapped[Person] = relationship(back_populates="numbers")
    number: Mapped[PhoneNumber] = relationship(back_populates="people")

    __table_args__ = (Index("ix_person_numbers_number_id", "number_id"),)


class MembershipRecord(Base):
    """What the newest list says of a person's membership: the raw word beside the mapped one."""

    __tablename__ = "memberships"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    standing: Mapped[Membership] = mapped_column(String(16), default=Membership.UNKNOWN)
    raw_word: Mapped[str | None]
    joined_on: Mapped[date | None]
    expires_on: Mapped[date | None]
    lifetime: Mapped[bool] = mapped_column(default=False)
    dues: Mapped[str | None]
    billing: Mapped[str | None]
    listed_on: Mapped[date | None]

    person: Mapped[Person] = relationship(back_populates="membership")


class Activity(Base):
    """What a person has done with us, written down by the floors above; segments read it."""

    __tablename__ = "activities"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    last_active_on: Mapped[date | None]
    attended_count: Mapped[int] = mapped_column(default=0)
    trained_level: Mapped[str | None]

    person: Mapped[Person] = relationship(back_populates="activity")


class ExternalId(Base):
    """The key by which another list knows a person."""

    __tablename__ = "external_ids"

    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), index=True)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("list_imports.id"))


class AttendanceRecord(Base):
    """That a person came to something, as a list of another tool says; once per person and event."""

    __tablename__ = "attendance_records"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True)
    event: Mapped[str] = mapped_column(primary_key=True)
    attended_on: Mapped[date]
    import_id: Mapped[int | None] = mapped_column(ForeignKey("list_imports.id"))


class Standing(Base):
    """What segments read: one narrow row a person, kept by triggers of the tables above (migrations/standings.sql).

    `number_id` is where a text would go, filled when `reach` is textable; `shared` says that somebody else is
    reached there too. Nothing here depends on the day; merged people have no row.
    """

    __tablename__ = "standings"

    person_id: Mapped[int] = mapped_column(
        ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    number_id: Mapped[int | None]
    joined_on: Mapped[date | None]
    last_active_on: Mapped[date | None]
    snoozed_until: Mapped[date | None]
    shared: Mapped[bool]
    callable: Mapped[bool]
    reach: Mapped[Reach] = mapped_column(String(16))
    belonging: Mapped[Belonging] = mapped_column(String(16))


class ConsentEvent(Base):
    """One line of the consent ledger. Lines are only ever added; a trigger refuses anything else."""

    __tablename__ = "consent_events"

    id: Mapped[int] = identity_key()
    number_hash: Mapped[str] = mapped_column(String(64), index=True)
    action: Mapped[ConsentAction] = mapped_column(String(16))
    scope: Mapped[Scope] = mapped_column(String(16))
    source: Mapped[str]
    rule: Mapped[str | None]
    wording: Mapped[str | None]
    raw_text: Mapped[str | None]
    by: Mapped[str | None]
    at: Mapped[datetime]

    __table_args__ = (CheckConstraint("action <> 'consent' OR wording IS NOT NULL", name="consent_has_wording"),)


class ListImport(Base):
    """One file that was imported: from where, what came of it."""

    __tablename__ = "list_imports"

    id: Mapped[int] = identity_key()
    source: Mapped[str]
    file_name: Mapped[str]
    consent_wording: Mapped[str | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, default=dict)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    warnings: Mapped[list[str]] = mapped_column(JSONB, default=list)


class ListEntry(Base):
    """That a person is on a source's list, and which import first and last said so."""

    __tablename__ = "list_entries"

    source: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    first_import_id: Mapped[int] = mapped_column(ForeignKey("list_imports.id"))
    last_import_id: Mapped[int] = mapped_column(ForeignKey("list_imports.id"))


class ImportChange(Base):
    """What an import did to a person: made them (`before` is empty), or changed what stands in `before`."""

    __tablename__ = "import_changes"

    import_id: Mapped[int] = mapped_column(ForeignKey("list_imports.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
