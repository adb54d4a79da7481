"""What a person is called, speaks and belongs to, and how we know them."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.people.names import fold

Grouping = Literal["tags", "committees"]


@dataclass(frozen=True)
class KnownFrom:
    """The true answer to "how did you get my number": whose list, and since when."""

    source: str
    since: date | None


def how_we_know(person: Person) -> KnownFrom:
    """Return where somebody's number came from, as it was first noted."""
    since = person.source_since or person.created_at.date()
    return KnownFrom(person.source, since)


def rename(session: Session, person_id: int, first_name: str, last_name: str, now: datetime) -> None:
    """Correct somebody's name, and the form of it that is searched."""
    person = session.get_one(Person, person_id)
    person.first_name, person.last_name = first_name.strip(), last_name.strip()
    person.folded_name, person.updated_at = fold(f"{first_name} {last_name}"), now
    session.flush()


def note_written_language(session: Session, person_id: int, language: str, now: datetime) -> None:
    """Note the language somebody writes in; a language they asked for goes before it (`Person.speaks`)."""
    person = session.get_one(Person, person_id)
    if person.written_language != language:
        person.written_language, person.updated_at = language, now
        session.flush()


def add_to(session: Session, person_id: int, grouping: Grouping, names: list[str], now: datetime) -> None:
    """Add tags, or committees, that the person does not have yet."""
    person = session.get_one(Person, person_id)
    here: list[str] = getattr(person, grouping)
    missing = [name for name in dict.fromkeys(map(str.strip, names)) if name and name not in here]
    if missing:
        setattr(person, grouping, [*here, *missing])
        person.updated_at = now
        session.flush()


def remove_from(session: Session, person_id: int, grouping: Grouping, name: str, now: datetime) -> None:
    """Take a tag, or a committee, away."""
    person = session.get_one(Person, person_id)
    here: list[str] = getattr(person, grouping)
    if name in here:
        setattr(person, grouping, [other for other in here if other != name])
        person.updated_at = now
        session.flush()
