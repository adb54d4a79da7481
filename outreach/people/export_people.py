"""Everybody we know, as rows of the people export."""

from collections.abc import Iterator
from datetime import date

from sqlalchemy import FromClause, Select, func, select, true
from sqlalchemy.orm import Session

from outreach.people.models import (
    Membership,
    MembershipRecord,
    Person,
    PersonNumber,
    PhoneNumber,
    Standing,
)
from outreach.people.segments import SegmentLimits, is_textable, segment_of

COLUMNS = (
    "id", "first_name", "last_name", "preferred_name", "phone", "email", "language", "zip", "branch", "membership",
    "segment", "textable", "callable", "source", "consent",
)  # fmt: skip
AT_ONCE = 2_000  # rows fetched at a time


def people_rows(session: Session, limits: SegmentLimits, today: date) -> Iterator[tuple[object, ...]]:
    """Yield a row of `COLUMNS` for everybody, by id; `consent` is since when the number may be texted."""
    statement = _statement(limits, today).execution_options(yield_per=AT_ONCE)
    for row in session.execute(statement):
        yield tuple(row)


def _statement(limits: SegmentLimits, today: date) -> Select[*tuple[object, ...]]:
    phone = _best_number()
    columns = (
        Person.id,
        Person.first_name,
        Person.last_name,
        Person.preferred_name,
        phone.c.phone,
        Person.email,
        func.coalesce(Person.language, Person.written_language),
        Person.zip,
        Person.branch,
        func.coalesce(MembershipRecord.standing, Membership.CONTACT),
        segment_of(limits, today),
        is_textable(today),
        Standing.callable,
        Person.source,
        phone.c.consented_at,
    )
    return (
        select(*columns)
        .join(Standing, Standing.person_id == Person.id)
        .outerjoin(MembershipRecord, MembershipRecord.person_id == Person.id)
        .outerjoin(phone, true())
        .order_by(Person.id)
    )


def _best_number() -> FromClause:
    """Return the number where a text would go, else the first that still is the person's."""
    return (
        select(PhoneNumber.phone, PhoneNumber.consented_at)
        .join(PersonNumber, PersonNumber.number_id == PhoneNumber.id)
        .where(PersonNumber.person_id == Person.id, PersonNumber.retired_at.is_(None))
        .order_by((PhoneNumber.id == func.coalesce(Standing.number_id, 0)).desc(), PersonNumber.rank, PhoneNumber.id)
        .limit(1)
        .lateral("best_number")
    )
