"""Factories of people for tests: plain functions, every fact optional."""

import itertools
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from outreach.people.models import (
    Activity,
    Membership,
    MembershipRecord,
    NumberKind,
    NumberStatus,
    Person,
    PersonNumber,
    PhoneNumber,
)

NOW = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
TODAY = NOW.date()
KEY = "k" * 32
AREAS = (
    209,
    279,
    310,
    341,
    408,
    415,
    424,
    442,
    510,
    530,
    559,
    562,
    619,
    626,
    628,
    650,
    657,
    661,
    669,
    707,
    714,
    747,
    760,
)
_areas = itertools.count()


def any_phone() -> str:
    """Return a number that no other call returns: 555-01xx over area codes of one zone, Los Angeles's."""
    place = next(_areas)
    round_, rest = divmod(place, 100 * len(AREAS))
    return f"+1{AREAS[rest // 100]}{555 + round_}01{rest % 100:02d}"


def make_number(
    session: Session,
    phone: str | None = None,
    *,
    kind: NumberKind = NumberKind.MOBILE,
    status: NumberStatus = NumberStatus.OK,
    consented: bool = True,
    opted_out: bool = False,
    no_calls: bool = False,
    held: bool = False,
) -> PhoneNumber:
    number = PhoneNumber(
        phone=phone or any_phone(),
        kind=kind,
        status=status,
        consented_at=NOW if consented else None,
        texts_opted_out_at=NOW if opted_out else None,
        calls_opted_out_at=NOW if no_calls else None,
        automation_held_at=NOW if held else None,
        created_at=NOW,
    )
    session.add(number)
    session.flush()
    return number


def make_person(
    session: Session,
    name: str = "Ana Prueba",
    *,
    numbers: list[PhoneNumber] | None = None,
    standing: Membership | None = Membership.GOOD_STANDING,
    joined_on: date | None = date(2020, 1, 1),
    last_active_on: date | None = None,
    **facts: object,
) -> Person:
    first, _, last = name.partition(" ")
    person = Person(first_name=first, last_name=last, folded_name=name.casefold(), created_at=NOW, updated_at=NOW)
    for fact, value in facts.items():
        setattr(person, fact, value)
    session.add(person)
    session.flush()
    for rank, number in enumerate([make_number(session)] if numbers is None else numbers):
        session.add(PersonNumber(person_id=person.id, number_id=number.id, kind=number.kind, rank=rank))
    if standing is not None:
        session.add(MembershipRecord(person_id=person.id, standing=standing, joined_on=joined_on))
    if last_active_on is not None:
        session.add(Activity(person_id=person.id, last_active_on=last_active_on, attended_count=1))
    session.flush()
    return person
