"""What somebody of ours writes down for a member by hand: an RSVP, a need, when they can come, a note."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.models import Note
from outreach.conversations.seats import tell_promoted
from outreach.database import ROW
from outreach.errors import OutreachError
from outreach.people.models import Person, PersonNumber
from outreach.people.numbers import lock_numbers_of
from outreach.settings import Settings
from outreach.trainings.availability import note_availability
from outreach.trainings.models import NeedState, RsvpStatus
from outreach.trainings.needs import note_need
from outreach.trainings.rsvps import RsvpKind, answer
from outreach.understanding import Context, read

ANSWERS = (RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.NO)
LONGEST_NOTE = 2000
DECEASED_SAID_BY = "deceased, said by "


class NotNotedError(OutreachError):
    """Say why something could not be written down, and what to do instead."""


def rsvp_by_hand(  # noqa: PLR0913, PLR0917 - one answer has these parts
    session: Session, settings: Settings, person_id: int, session_id: int, status: RsvpStatus, by: str, now: datetime
) -> RsvpKind:
    """Write down what a person answers to a session; who moves up because of it is told. Raises NotNotedError."""
    if status not in ANSWERS:
        raise NotNotedError("Choose yes, maybe or no.")
    lock_numbers_of(session, [person_id])
    result = answer(session, person_id, session_id, status, now=now)
    if result.kind is RsvpKind.CLOSED:
        raise NotNotedError("This session is over, cancelled or not there. Choose another.")
    record_act(session, by, "rsvp by hand", now, person=person_id, training_session=session_id, status=str(status))
    tell_promoted(session, settings, result.promoted, now)
    return result.kind


def need_by_hand(  # noqa: PLR0913, PLR0917 - one need has these parts
    session: Session, person_id: int, session_id: int | None, kind: str, words: str, by: str, now: datetime
) -> None:
    """Write down what a person needs to be able to come; whoever wrote it owns it where nobody is named."""
    need = note_need(session, person_id, session_id, kind, words, now)
    need.owner = need.owner or by
    if need.state == NeedState.TOLD:
        need.state = NeedState.ASKED
    record_act(session, by, "need by hand", now, need=need.id)


def availability_by_hand(  # noqa: PLR0913, PLR0917 - as above
    session: Session, settings: Settings, person_id: int, words: str, by: str, now: datetime
) -> None:
    """Write down when a person can come, in words as they would write them. Raises NotNotedError."""
    reading = read(words, context=Context.AVAILABILITY, now=now.astimezone(settings.zone))
    if reading.availability is None or not any(reading.availability.as_dict().values()):
        raise NotNotedError("No day or hour was found in it. Write it like “Saturday mornings, not Mondays”.")
    note_availability(session, person_id, reading.availability.as_dict(), words.strip(), now)
    record_act(session, by, "availability by hand", now, person=person_id)


def add_note(session: Session, person_id: int, body: str, by: str, now: datetime) -> Note:
    """Keep a note on a person. Raises NotNotedError for an empty or endless one."""
    words = body.strip()
    if not words:
        raise NotNotedError("Write a note first.")
    if len(words) > LONGEST_NOTE:
        raise NotNotedError(f"A note has at most {LONGEST_NOTE} characters.")
    note = Note(person_id=person_id, body=words, by=by, at=now)
    session.add(note)
    session.flush()
    record_act(session, by, "note written", now, note=note.id, person=person_id)
    return note


def say_deceased(session: Session, person_id: int, by: str, now: datetime) -> bool:
    """Note that somebody has died; it counts once a second person of ours says so. Returns whether it does now."""
    lock_numbers_of(session, [person_id])
    person = session.get_one(Person, person_id, with_for_update=ROW, populate_existing=True)
    said_by = (person.held_because or "").removeprefix(DECEASED_SAID_BY)
    second = (person.held_because or "").startswith(DECEASED_SAID_BY) and said_by != by
    if second:
        person.deceased = True
    elif not (person.held_because or "").startswith(DECEASED_SAID_BY):
        person.held_because = f"{DECEASED_SAID_BY}{by}"
    person.updated_at = now
    record_act(session, by, "deceased confirmed" if second else "said to have died", now, person=person_id)
    return second


def keep_for(session: Session, number_id: int, person_id: int, by: str, now: datetime) -> None:
    """Split a shared number: it is this person's alone from now on, and retired for the others."""
    links = session.scalars(
        select(PersonNumber).where(PersonNumber.number_id == number_id, PersonNumber.retired_at.is_(None))
    ).all()
    if person_id not in {link.person_id for link in links}:
        raise NotNotedError("This person is not reached at this number.")
    for link in links:
        if link.person_id != person_id:
            link.retired_at, link.retired_because = now, "the number is another person's"
    record_act(session, by, "shared number split", now, number=number_id, person=person_id)
