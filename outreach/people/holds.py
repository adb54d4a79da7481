"""Leaving somebody in peace: for a while, until a person has looked, or for good."""

from datetime import date, datetime

from sqlalchemy.orm import Session

from outreach.people.models import Person


def hold_person(session: Session, person_id: int, because: str, now: datetime) -> None:
    """Keep automation and lists away from somebody until a person has looked; the first reason stands."""
    person = session.get_one(Person, person_id)
    if person.held_because is None:
        person.held_because, person.updated_at = because, now
        session.flush()


def release_person(session: Session, person_id: int, now: datetime) -> None:
    """End a hold: a person has looked."""
    _set(session, person_id, now, held_because=None)


def snooze_person(session: Session, person_id: int, until: date | None, now: datetime) -> None:
    """Text somebody nothing before a day, on which they may be texted again; None wakes them."""
    _set(session, person_id, now, snoozed_until=until)


def mark_minor(session: Session, person_id: int, now: datetime, *, minor: bool = True) -> None:
    """Note that somebody is under 18: no automation, a person. Only a person takes it back."""
    _set(session, person_id, now, under_18=minor)


def mark_deceased(session: Session, person_id: int, now: datetime, *, deceased: bool = True) -> None:
    """Freeze all contact at once; that a second person confirms it is for the pages to see to."""
    _set(session, person_id, now, deceased=deceased)


def _set(session: Session, person_id: int, now: datetime, **facts: object) -> None:
    person = session.get_one(Person, person_id)
    for name, value in facts.items():
        setattr(person, name, value)
    person.updated_at = now
    session.flush()
