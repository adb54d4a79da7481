"""Deleting a person for good. The keyed hash of their numbers stays, so that no list has them texted again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.consent import opt_out_number
from outreach.people.models import NumberStatus, Person, PersonNumber, PhoneNumber, Scope
from outreach.people.numbers import lock_numbers_of


@dataclass(frozen=True)
class Deleted:
    """Who was deleted, and the numbers that were theirs alone; floors above blank what they hold of these."""

    person_ids: tuple[int, ...]
    number_ids: tuple[int, ...]


def delete_person(session: Session, person_id: int, *, now: datetime, key: str, by: str) -> Deleted:
    """Delete a person and whoever was merged into them; opt their own numbers out of texts and calls for good.

    A number that somebody else is reached at stays theirs. Raises OutreachError where there is nobody.
    """
    mine = or_(Person.id == person_id, Person.merged_into_id == person_id)
    people = tuple(session.scalars(select(Person.id).where(mine).order_by(Person.id)))
    if person_id not in people:
        raise OutreachError(f"there is no person {person_id}")
    lock_numbers_of(session, people)
    numbers = _own_numbers(session, people)
    for number in numbers:
        for scope in Scope:
            opt_out_number(session, number, scope=scope, source="deletion", now=now, key=key, by=by)
        _forget(number)
    session.flush()
    session.execute(delete(Person).where(Person.id.in_(people)))
    session.expire_all()
    return Deleted(people, tuple(number.id for number in numbers))


def _own_numbers(session: Session, people: tuple[int, ...]) -> list[PhoneNumber]:
    """Return the numbers at which nobody else is reached."""
    of_others = exists().where(PersonNumber.number_id == PhoneNumber.id, PersonNumber.person_id.not_in(people))
    theirs = exists().where(PersonNumber.number_id == PhoneNumber.id, PersonNumber.person_id.in_(people))
    return list(session.scalars(select(PhoneNumber).where(theirs, ~of_others).order_by(PhoneNumber.id)))


def _forget(number: PhoneNumber) -> None:
    """Take the number itself out of its row, which texts and conversations still point to."""
    number.phone = f"deleted:{number.id}"
    number.status = NumberStatus.INVALID
    number.consented_at = None
    number.sender = None
