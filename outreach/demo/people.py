"""Writing the invented members down: people, numbers, consent, wishes, membership."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from outreach.demo.members import Member, Wish
from outreach.people.consent import opt_out_number, record_consent
from outreach.people.models import (
    ListEntry,
    ListImport,
    MembershipRecord,
    NumberKind,
    Person,
    PersonNumber,
    PhoneNumber,
    Scope,
)
from outreach.people.names import fold
from outreach.people.numbers import find_or_create_number, retire_number
from outreach.people.standings import postponed_standings, refresh_standings
from outreach.settings import Settings

A_YEAR = timedelta(days=365)
SOURCE = "demo list"
IMPORTED_BY = "demo"
STOP_RULE = "consent: the word STOP"


@dataclass(frozen=True, slots=True)
class Consent:
    """A way in which people agreed to texts: where, and the words that they were shown."""

    source: str
    wording: str


CONSENTS = (
    Consent("membership form", "I agree to texts from DSA-LA about trainings and actions. STOP ends them."),
    Consent("event sign-in", "Text me about trainings, about 4 a month. Msg & data rates may apply. STOP to opt out."),
    Consent("web form (es)", "Acepto recibir textos de DSA-LA sobre talleres, unos 4 al mes. ALTO = no más textos."),
)


def add_members(session: Session, settings: Settings, members: Sequence[Member], now: datetime) -> dict[int, int]:
    """Add all members; return the id of each person by their place in the list."""
    key = settings.suppression_key.get_secret_value()
    with postponed_standings(session):
        people = {member.place: _person(member, now) for member in members}
        session.add_all(people.values())
        session.flush()
        ids = {place: person.id for place, person in people.items()}
        session.add_all(_membership(ids[member.place], member, now) for member in members if member.standing)
        for member in members:
            _reach_at_number(session, ids[member.place], member, now, key)
        _list_them(session, ids.values(), now)
        session.flush()
    refresh_standings(session, ids.values())
    return ids


def _list_them(session: Session, ids: Iterable[int], now: datetime) -> None:
    """Say that today's list names everybody: numbers that no list has confirmed for a year would rest."""
    listed = ListImport(source=SOURCE, file_name="demo.csv", consent_wording=None, started_at=now, finished_at=now)
    session.add(listed)
    session.flush()
    session.add_all(
        ListEntry(source=SOURCE, person_id=one, first_import_id=listed.id, last_import_id=listed.id) for one in ids
    )


# New members whom today's list shows for the first time: they are welcomed.
JUST_SEEN = frozenset({8, 16})


def _person(member: Member, now: datetime) -> Person:
    return Person(
        first_name=member.first_name,
        last_name=member.last_name,
        preferred_name=member.preferred_name,
        folded_name=fold(f"{member.first_name} {member.last_name}"),
        language=member.language,
        zip=member.zip,
        branch=member.branch,
        source=SOURCE,
        source_since=(now - timedelta(days=member.joined_days_ago)).date(),
        snoozed_until=(now + timedelta(days=30)).date() if member.wish is Wish.SNOOZED else None,
        held_because="missing from the newest list" if member.wish is Wish.HELD else None,
        created_at=now if member.place in JUST_SEEN else now - timedelta(days=member.joined_days_ago),
        updated_at=now,
    )


def _membership(person_id: int, member: Member, now: datetime) -> MembershipRecord:
    joined = (now - timedelta(days=member.joined_days_ago)).date()
    return MembershipRecord(
        person_id=person_id,
        standing=member.standing,
        joined_on=joined,
        expires_on=joined + A_YEAR,
        listed_on=now.date(),
    )


def _reach_at_number(session: Session, person_id: int, member: Member, now: datetime, key: str) -> None:
    number = find_or_create_number(session, member.phone, now, key)
    kind = NumberKind.HOME if member.wish is Wish.HOME_PHONE else NumberKind.MOBILE
    number.kind = kind
    session.add(PersonNumber(person_id=person_id, number_id=number.id, kind=kind))
    if member.wish is not Wish.NO_CONSENT:
        _consent(session, number, member, now, key)
    if member.wish is Wish.OPTED_OUT:
        _opt_out(session, number, now, key)
    if member.wish is Wish.WRONG_NUMBER:
        session.flush()
        retire_number(session, person_id, number.id, "wrong number", now - timedelta(days=60))


def _consent(session: Session, number: PhoneNumber, member: Member, now: datetime, key: str) -> None:
    consent = CONSENTS[2] if member.language == "es" else CONSENTS[member.place % 2]
    agreed = now - timedelta(days=member.joined_days_ago)
    record_consent(session, number, wording=consent.wording, source=consent.source, by=IMPORTED_BY, now=agreed, key=key)


def _opt_out(session: Session, number: PhoneNumber, now: datetime, key: str) -> None:
    opt_out_number(
        session,
        number,
        scope=Scope.TEXTS,
        source="text",
        rule=STOP_RULE,
        raw_text="STOP",
        now=now - timedelta(days=10),
        key=key,
    )
