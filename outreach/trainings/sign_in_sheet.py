"""The sign-in sheet of a session: who was expected, who is here, and writing it down all at once."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.people.short_names import short_name
from outreach.trainings.attendance import DOORS_OPEN, sign_in, undo_sign_in
from outreach.trainings.check_in_codes import check_in_code
from outreach.trainings.models import Attendance, Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.trainings.refusals import RefusedError
from outreach.trainings.sensitive import may_see_roster

NO_ANSWER = ""
# Whoever has a seat is looked for first at the door.
ORDER = (RsvpStatus.YES, RsvpStatus.WAITLISTED, RsvpStatus.MAYBE, RsvpStatus.CANCELLED, RsvpStatus.NO, NO_ANSWER)


@dataclass(frozen=True, slots=True)
class Line:
    """One person of the sheet: what they had answered, and whether they are here."""

    person_id: int
    name: str
    status: str
    came: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A session's sheet, and the code with which people sign themselves in by text."""

    gathering: TrainingSession
    code: str
    lines: tuple[Line, ...]

    @property
    def came(self) -> int:
        """Return how many are here."""
        return sum(line.came for line in self.lines)

    def is_open(self, now: datetime) -> bool:
        """Tell whether people can be signed in by now."""
        return self.gathering.state == SessionState.SCHEDULED and now >= self.gathering.starts_at - DOORS_OPEN


def sheet(session: Session, session_id: int, viewer: str) -> Sheet:
    """Return the sheet as an account (its e-mail) may see it. Raises RefusedError."""
    gathering = session.get(TrainingSession, session_id)
    if gathering is None:
        raise RefusedError(f"There is no session {session_id}.")
    if not may_see_roster(gathering, viewer):
        raise RefusedError("This session is sensitive: only its host sees who comes.")
    found = session.execute(
        select(Person, Rsvp.status, Attendance.person_id)
        .outerjoin(Rsvp, (Rsvp.person_id == Person.id) & (Rsvp.session_id == session_id))
        .outerjoin(Attendance, (Attendance.person_id == Person.id) & (Attendance.session_id == session_id))
        .where(or_(Rsvp.id.is_not(None), Attendance.person_id.is_not(None)))
    )
    lines = [
        Line(person.id, short_name(person), status or NO_ANSWER, here is not None) for person, status, here in found
    ]
    lines.sort(key=lambda line: (ORDER.index(line.status), line.name, line.person_id))
    return Sheet(gathering, check_in_code(session_id), tuple(lines))


def write_sheet(session: Session, session_id: int, came: Collection[int], viewer: str, now: datetime) -> int:
    """Write down who of the sheet is here; return how many lines changed.

    Nobody is taken off once the sign-in is closed. Raises RefusedError.
    """
    changed = 0
    closed = False
    for line in sorted(sheet(session, session_id, viewer).lines, key=lambda line: line.person_id):
        if line.person_id in came and not line.came:
            sign_in(session, session_id, line.person_id, now)
            changed += 1
        elif line.came and line.person_id not in came:
            closed = closed or session.get_one(TrainingSession, session_id).sign_in_closed_at is not None
            if not closed:
                undo_sign_in(session, session_id, line.person_id)
                changed += 1
    return changed
