"""RSVPs as a CSV file that a spreadsheet can open."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Any, TextIO
from zoneinfo import ZoneInfo

from sqlalchemy import Row, ScalarSelect, Select, func, literal, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.trainings.models import Attendance, Need, Rsvp, Training, TrainingSession
from outreach.trainings.spreadsheets import harmless

RSVP_COLUMNS = (
    "person_id",
    "first_name",
    "last_name",
    "phone",
    "session_id",
    "training",
    "starts_at",
    "status",
    "attended",
    "needs",
    "party_size",
    "answered_at",
)
AT_ONCE = 1000


def export_rsvps(session: Session, file: TextIO) -> int:
    """Write all RSVPs to an open file, header first, and return how many; oldest session first.

    Those of sensitive sessions are left out: they have no roster to export. Times are in the session's zone.
    """
    writer = csv.writer(file)
    writer.writerow(RSVP_COLUMNS)
    count = 0
    for row in session.execute(_all_rsvps().execution_options(yield_per=AT_ONCE)):
        writer.writerow(map(harmless, _rsvp_cells(row)))
        count += 1
    return count


def _all_rsvps() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Rsvp.person_id,
            Person.first_name,
            Person.last_name,
            _main_number().label("phone"),
            Rsvp.session_id,
            Training.title,
            TrainingSession.starts_at,
            TrainingSession.timezone,
            Rsvp.status,
            TrainingSession.sign_in_closed_at,
            Attendance.signed_in_at,
            _needs().label("needs"),
            Rsvp.party_size,
            Rsvp.answered_at,
        )
        .join(Person, Person.id == Rsvp.person_id)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .join(Training, Training.id == TrainingSession.training_id)
        .outerjoin(Attendance, (Attendance.session_id == Rsvp.session_id) & (Attendance.person_id == Rsvp.person_id))
        .where(TrainingSession.sensitive.is_(False))
        .order_by(TrainingSession.starts_at, Rsvp.session_id, Rsvp.id)
    )


def _main_number() -> ScalarSelect[str]:
    """Select the number that a person is reached at first."""
    return (
        select(PhoneNumber.phone)
        .join(PersonNumber, PersonNumber.number_id == PhoneNumber.id)
        .where(PersonNumber.person_id == Rsvp.person_id, PersonNumber.retired_at.is_(None))
        .order_by(PersonNumber.rank, PersonNumber.number_id)
        .limit(1)
        .scalar_subquery()
    )


def _needs() -> ScalarSelect[str]:
    return (
        select(func.string_agg(Need.kind, aggregate_order_by(literal(";"), Need.kind)))
        .where(Need.person_id == Rsvp.person_id, Need.session_id == Rsvp.session_id)
        .scalar_subquery()
    )


def _rsvp_cells(row: Row[Any]) -> Iterator[object]:
    zone = ZoneInfo(row.timezone)
    yield from (row.person_id, row.first_name, row.last_name, row.phone, row.session_id, row.title)
    yield _local(row.starts_at, zone)
    yield row.status
    yield _attended(row)
    yield from (row.needs, row.party_size)
    yield _local(row.answered_at, zone)


def _attended(row: Row[Any]) -> str:
    """Tell whether somebody came: nobody is absent before the sign-in is closed."""
    if row.signed_in_at is not None:
        return "true"
    return "" if row.sign_in_closed_at is None else "false"


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return moment.astimezone(zone).isoformat()
