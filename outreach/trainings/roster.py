"""The roster of one session, for whoever stands at its door."""

import csv
from collections.abc import Iterator
from dataclasses import astuple, dataclass, fields
from typing import TextIO

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.trainings.models import Attendance, Need, Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.refusals import RefusedError
from outreach.trainings.sensitive import may_see_roster
from outreach.trainings.spreadsheets import harmless

EXPECTED = (RsvpStatus.YES, RsvpStatus.WAITLISTED, RsvpStatus.MAYBE)


@dataclass(frozen=True)
class RosterLine:
    """One person of a roster: enough to greet them by, never a number. `status` is empty for a walk-in."""

    first_name: str
    initial: str
    status: str
    party_size: int
    needs: str
    signed_in: bool
    walk_in: bool


def roster(session: Session, session_id: int, viewer: str) -> list[RosterLine]:
    """Return who is expected and who came, by name.

    `viewer` is the e-mail of the account that asks: only the host sees a sensitive session's. Raises RefusedError.
    """
    gathering = session.get(TrainingSession, session_id)
    if gathering is None:
        raise RefusedError(f"There is no session {session_id}.")
    if not may_see_roster(gathering, viewer):
        raise RefusedError("Only the host sees who comes to this session. Ask the host.")
    return sorted(_lines(session, session_id), key=lambda line: (line.first_name.casefold(), line.initial))


def write_roster(session: Session, session_id: int, viewer: str, file: TextIO) -> int:
    """Write the roster to an open file as CSV, header first; return how many it names. Raises RefusedError."""
    lines = roster(session, session_id, viewer)
    writer = csv.writer(file)
    writer.writerow(field.name for field in fields(RosterLine))
    writer.writerows([harmless(cell) for cell in astuple(line)] for line in lines)
    return len(lines)


def _lines(session: Session, session_id: int) -> Iterator[RosterLine]:
    needs = _needs_by_person(session, session_id)
    answered_and_came = (
        select(Person, Rsvp, Attendance)
        .outerjoin(Rsvp, (Rsvp.person_id == Person.id) & (Rsvp.session_id == session_id))
        .outerjoin(Attendance, (Attendance.person_id == Person.id) & (Attendance.session_id == session_id))
        .where(Rsvp.status.in_(EXPECTED) | Attendance.person_id.is_not(None))
    )
    for person, rsvp, came in session.execute(answered_and_came):
        yield RosterLine(
            first_name=person.known_as,
            initial=person.last_name[:1],
            status=rsvp.status if rsvp else "",
            party_size=rsvp.party_size if rsvp else 1,
            needs=";".join(needs.get(person.id, ())),
            signed_in=came is not None,
            walk_in=came is not None and came.walk_in,
        )


def _needs_by_person(session: Session, session_id: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for person_id, kind in session.execute(
        select(Need.person_id, Need.kind).where(Need.session_id == session_id).order_by(Need.kind)
    ):
        found.setdefault(person_id, []).append(kind)
    return found
