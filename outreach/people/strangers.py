"""People whom no list names: they wrote to us first."""

from datetime import datetime

from sqlalchemy.orm import Session

from outreach.people.models import Membership, MembershipRecord, NumberKind, Person, PersonNumber, PhoneNumber


def add_contact(session: Session, number: PhoneNumber, source: str, language: str, now: datetime) -> Person:
    """Add somebody who wrote from a number that we did not know; consent is theirs to give later."""
    person = Person(
        source=source,
        source_since=now.date(),
        written_language=language,
        created_at=now,
        updated_at=now,
        membership=MembershipRecord(standing=Membership.CONTACT),
    )
    session.add(person)
    session.flush()
    session.add(PersonNumber(person_id=person.id, number_id=number.id, kind=NumberKind.MOBILE))
    session.flush()
    return person
