"""People whom no list names: they wrote to us first."""

from datetime import datetime

from sqlalchemy.orm import Session

from outreach.people.models import Membership, MembershipRecord, NumberKind, Person, PersonNumber, PhoneNumber

# A source that begins so is the word that somebody texted us.
TEXTED = "texted "


def add_contact(session: Session, number: PhoneNumber, word: str, language: str, now: datetime) -> Person:
    """Add somebody who texted us a word from a number that we did not know; consent is theirs to give later."""
    person = Person(
        source=f"{TEXTED}{word}",
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
