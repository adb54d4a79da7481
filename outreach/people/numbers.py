"""Telephone numbers that we know, and who is reached there. The number is what is locked, opted out and counted."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Select, bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, defer

from outreach.people.consent import keep_earlier_wishes
from outreach.people.models import Person, PersonNumber, PhoneNumber

# What answers hardly ever need is read when it is asked for.
SELDOM_ASKED = (
    Person.folded_name,
    Person.committees,
    Person.tags,
    Person.source,
    Person.source_since,
    Person.kept,
    Person.created_at,
    Person.updated_at,
)
IS_REACHED = (PersonNumber.number_id == bindparam("number_id")) & PersonNumber.retired_at.is_(None)
COUNTS = Person.merged_into_id.is_(None) & Person.deceased.is_(False)
# Built once, for every conversation that begins asks this.
_PEOPLE_ON = (
    select(Person).options(*map(defer, SELDOM_ASKED)).join(PersonNumber).where(IS_REACHED, COUNTS).order_by(Person.id)
)


def find_or_create_number(session: Session, phone: str, now: datetime, key: str | None = None) -> PhoneNumber:
    """Return the number's row, made when it is new.

    With `key` (SUPPRESSION_KEY) a new row takes over what the consent ledger remembers of the number, so that
    somebody who was deleted stays opted out. Give it wherever the number may have been known before.
    """
    statement = insert(PhoneNumber).values(phone=phone, created_at=now).on_conflict_do_nothing()
    made = session.scalar(statement.returning(PhoneNumber.id))
    number = session.scalars(select(PhoneNumber).where(PhoneNumber.phone == phone)).one()
    if made is not None and key is not None:
        keep_earlier_wishes(session, number, key)
    return number


def lock_number(session: Session, phone: str, now: datetime, key: str | None = None) -> PhoneNumber:
    """Return the number's row, made when it is new, locked until the transaction ends: the first lock of a turn."""
    find_or_create_number(session, phone, now, key)
    locked = select(PhoneNumber).where(PhoneNumber.phone == phone).with_for_update(key_share=True)
    return session.scalars(locked.execution_options(populate_existing=True)).one()


def lock_numbers_of(session: Session, person_ids: Collection[int]) -> None:
    """Lock every number of these people: numbers before people, as everywhere, so that nobody waits in a circle."""
    lock_numbers(session, select(PersonNumber.number_id).where(PersonNumber.person_id.in_(person_ids)))


def lock_numbers(session: Session, ids: Collection[int] | Select[int]) -> None:
    """Lock several numbers, always in the order of their ids."""
    wanted = select(PhoneNumber.id).where(PhoneNumber.id.in_(ids)).order_by(PhoneNumber.id)
    session.execute(wanted.with_for_update(key_share=True))


def people_on(session: Session, number_id: int) -> list[Person]:
    """Return who is reached at a number, lowest id first; without the merged, the dead and those it was retired for."""
    return list(session.scalars(_PEOPLE_ON, {"number_id": number_id}))


def retire_number(session: Session, person_id: int, number_id: int, because: str, now: datetime) -> bool:
    """Stop reaching a person at a number (wrong number, disconnected); others on it, and their other numbers, stay.

    Returns whether anything changed.
    """
    link = session.get(PersonNumber, (person_id, number_id))
    if link is None or link.retired_at is not None:
        return False
    link.retired_at, link.retired_because = now, because
    session.flush()
    return True
