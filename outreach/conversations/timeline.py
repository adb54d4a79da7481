"""Everything that happened between a person and us, in one line of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Note, Task
from outreach.conversations.reading_words import describe_reading
from outreach.conversations.seeing import Viewer, may_see_thread, sees_restricted
from outreach.conversations.told_wishes import SOURCES
from outreach.people.consent import number_hash
from outreach.people.models import ConsentEvent, Person, PersonNumber, PhoneNumber
from outreach.texting.models import Direction, Text
from outreach.trainings.models import Attendance, Need, Rsvp, TrainingSession
from outreach.trainings.sensitive import may_see_roster

NEWEST = 150


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened: when, of which kind, in what words, and what else is worth knowing."""

    at: datetime
    kind: str
    words: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A person with all that happened, who looks after them and what comes next."""

    person: Person
    numbers: list[PhoneNumber]
    owner: str | None
    next_step: Task | None
    happenings: list[Happening]


def person_page(session: Session, person_id: int, viewer: Viewer, key: str) -> PersonPage | None:
    """Return what somebody may see of a person, the newest first; None where there is nobody."""
    person = session.get(Person, person_id)
    if person is None:
        return None
    numbers = [number for number in _numbers(session, person_id) if may_see_thread(session, number.id, viewer)]
    happened = [
        *_texts(session, person_id, numbers, viewer),
        *_sessions(session, person_id, viewer),
        *_consent(session, numbers, key),
        *_tasks(session, person_id),
        *_notes(session, person_id),
    ]
    next_step = session.scalar(
        select(Task).where(Task.person_id == person_id, Task.done_at.is_(None)).order_by(Task.due_at).limit(1)
    )
    owner = next((number.owner for number in numbers if number.owner), None)
    newest = sorted(happened, key=lambda each: each.at, reverse=True)[:NEWEST]
    return PersonPage(person, numbers, owner, next_step, newest)


def _numbers(session: Session, person_id: int) -> list[PhoneNumber]:
    mine = select(PhoneNumber).join(PersonNumber, PersonNumber.number_id == PhoneNumber.id)
    mine = mine.where(PersonNumber.person_id == person_id, PersonNumber.retired_at.is_(None))
    return list(session.scalars(mine.order_by(PersonNumber.rank, PhoneNumber.id)))


def _texts(session: Session, person_id: int, numbers: list[PhoneNumber], viewer: Viewer) -> Iterator[Happening]:
    for number in numbers:
        mine = select(Text).where(Text.number_id == number.id, Text.person_id == person_id)
        if not sees_restricted(session, number.id, viewer):
            mine = mine.where(Text.restricted.is_(False))
        for text in session.scalars(mine.order_by(Text.id.desc()).limit(NEWEST)):
            came_in = text.direction == Direction.IN
            beside = f"read as: {describe_reading(text.reading)}" if came_in else str(text.status)
            kind = "They wrote" if came_in else "We wrote" if text.automated else "We wrote, by hand"
            yield Happening(text.sent_at or text.created_at, kind, text.body or "(no words)", beside)


def _sessions(session: Session, person_id: int, viewer: Viewer) -> Iterator[Happening]:
    answers = select(Rsvp, TrainingSession).join(TrainingSession, TrainingSession.id == Rsvp.session_id)
    for rsvp, gathering in session.execute(answers.where(Rsvp.person_id == person_id)):
        if may_see_roster(gathering, viewer.email):
            yield Happening(rsvp.answered_at, "RSVP", f"{gathering.training.title}: {rsvp.status}")
    came = select(Attendance, TrainingSession).join(TrainingSession, TrainingSession.id == Attendance.session_id)
    for attendance, gathering in session.execute(came.where(Attendance.person_id == person_id)):
        if may_see_roster(gathering, viewer.email):
            beside = "walk-in" if attendance.walk_in else ""
            yield Happening(attendance.signed_in_at, "Attended", gathering.training.title, beside)
    needs = select(Need, TrainingSession).outerjoin(TrainingSession, TrainingSession.id == Need.session_id)
    for need, gathering in session.execute(needs.where(Need.person_id == person_id)):
        if gathering is None or may_see_roster(gathering, viewer.email):
            yield Happening(need.created_at, "Need", f"{need.kind.replace('_', ' ')}: {need.state}", need.owner or "")


def _consent(session: Session, numbers: list[PhoneNumber], key: str) -> Iterator[Happening]:
    """Yield what was agreed to and revoked; the words too, where no text holds them."""
    hashes = [number_hash(number.phone, key) for number in numbers]
    lines = select(ConsentEvent).where(ConsentEvent.number_hash.in_(hashes)).order_by(ConsentEvent.id.desc())
    for line in session.scalars(lines.limit(NEWEST)):
        words = f"{line.action.replace('_', ' ')} ({line.scope}), {line.source}"
        if line.source in SOURCES and line.raw_text:
            words = f"{words}: “{line.raw_text}”"
        yield Happening(line.at, "Consent", words, line.by or line.rule or "")


def _tasks(session: Session, person_id: int) -> Iterator[Happening]:
    for task in session.scalars(select(Task).where(Task.person_id == person_id)):
        yield Happening(task.created_at, "Task", f"{task.kind}: {task.because}", f"for {task.owner}")
        if task.done_at is not None:
            yield Happening(task.done_at, "Task done", f"{task.kind}: {task.because}", task.done_by or "")


def _notes(session: Session, person_id: int) -> Iterator[Happening]:
    for note in session.scalars(select(Note).where(Note.person_id == person_id)):
        yield Happening(note.at, "Note", note.body, note.by)
