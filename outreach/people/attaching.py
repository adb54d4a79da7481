"""Finding somebody by name, and saying that a number is theirs."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.models import NumberKind, Person, PersonNumber
from outreach.people.names import fold

FOUND_AT_MOST = 20


def find_people(session: Session, words: str, limit: int = FOUND_AT_MOST) -> Sequence[Person]:
    """Return people whose folded name begins with these words, or has them as another part of it; merged ones not."""
    folded = fold(words)
    if not folded:
        return ()
    begins = Person.folded_name.startswith(folded, autoescape=True)
    found = select(Person).where(Person.merged_into_id.is_(None), begins).order_by(Person.folded_name, Person.id)
    people = list(session.scalars(found.limit(limit)))
    if people:
        return people
    inside = Person.folded_name.contains(f" {folded}", autoescape=True)
    return session.scalars(select(Person).where(Person.merged_into_id.is_(None), inside).limit(limit)).all()


def attach_number(
    session: Session, person_id: int, number_id: int, now: datetime, kind: NumberKind = NumberKind.UNKNOWN
) -> Person:
    """Say that somebody is reached at a number, also where it had been retired for them. Raises OutreachError."""
    person = session.get(Person, person_id)
    if person is None or person.merged_into_id is not None:
        raise OutreachError("There is no such person. Search again.")
    link = insert(PersonNumber).values(person_id=person_id, number_id=number_id, kind=kind, rank=0)
    back = {"retired_at": None, "retired_because": None}
    session.execute(link.on_conflict_do_update(index_elements=["person_id", "number_id"], set_=back))
    person.updated_at = now
    session.flush()
    return person


def add_person(session: Session, first_name: str, last_name: str, source: str, now: datetime) -> Person:
    """Add somebody whom we know by a text of theirs alone. Raises OutreachError without a name."""
    if not first_name.strip():
        raise OutreachError("Give at least a first name.")
    person = Person(
        first_name=first_name.strip(),
        last_name=last_name.strip(),
        folded_name=fold(f"{first_name} {last_name}"),
        source=source,
        created_at=now,
        updated_at=now,
    )
    session.add(person)
    session.flush()
    return person
