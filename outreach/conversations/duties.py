"""Who of ours is there, when, and where their phone rings."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import Role, User, UserRole
from outreach.conversations.models import Duty, DutyKind, SensitiveCase
from outreach.settings import Settings
from outreach.understanding import Kind

LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Ringable:
    """A phone of ours that may ring, in which language, and whose it is (None: ON_CALL_NUMBERS)."""

    phone: str
    language: str = LANGUAGE
    email: str | None = None


def duties_of(session: Session, kind: DutyKind) -> Sequence[tuple[Duty, str]]:
    """Return who has a duty, with their e-mail, the first to ring first."""
    mine = select(Duty, User.email).join(User, User.id == Duty.user_id).where(Duty.kind == kind, User.active)
    return [(duty, email) for duty, email in session.execute(mine.order_by(Duty.place, Duty.id))]


def is_on_duty(duty: Duty, now: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a moment lies within a duty's days and hours; hours may go past midnight."""
    local = now.astimezone(zone)
    minute, day = local.hour * 60 + local.minute, local.weekday()
    if duty.start_minute < duty.end_minute:
        return str(day) in duty.days and duty.start_minute <= minute < duty.end_minute
    late = str(day) in duty.days and minute >= duty.start_minute
    return late or (str((day - 1) % 7) in duty.days and minute < duty.end_minute)


def on_duty(session: Session, kind: DutyKind, now: datetime, zone: ZoneInfo) -> list[Ringable]:
    """Return the phones of who is on duty now."""
    return [
        Ringable(duty.phone, duty.language, email)
        for duty, email in duties_of(session, kind)
        if is_on_duty(duty, now, zone)
    ]


def on_call(session: Session, settings: Settings, now: datetime) -> list[Ringable]:
    """Return who is called for what is urgent, in order: the roster of this hour, then ON_CALL_NUMBERS."""
    roster = on_duty(session, DutyKind.ON_CALL, now, settings.zone)
    return _each_once([*roster, *(Ringable(phone) for phone in settings.on_call_numbers)])


def officers(session: Session, excluded: Iterable[str] = ()) -> list[tuple[Duty, str]]:
    """Return the grievance officers whom a second admin has confirmed, without those whom a case is about."""
    out = set(excluded)
    named = duties_of(session, DutyKind.GRIEVANCE)
    return [(duty, email) for duty, email in named if duty.confirmed_by is not None and email not in out]


def whom_to_ring(session: Session, settings: Settings, case: SensitiveCase, now: datetime) -> list[Ringable]:
    """Return the phones to ring for a case, in order. Harassment inside the chapter rings its officers alone."""
    if case.kind == Kind.HARASSMENT:
        return _each_once(
            Ringable(duty.phone, duty.language, email) for duty, email in officers(session, case.excluded)
        )
    called = on_call(session, settings, now)
    if case.kind == Kind.UNDER_18:
        youth = (Ringable(duty.phone, duty.language, email) for duty, email in duties_of(session, DutyKind.YOUTH))
        return _each_once([*youth, *called])
    return called


def phones_of_admins(session: Session) -> list[Ringable]:
    """Return where admins can be rung: the phone of any duty of theirs, else the one for test texts."""
    admins = (
        select(User, Duty)
        .join(UserRole, UserRole.user_id == User.id)
        .outerjoin(Duty, Duty.user_id == User.id)
        .where(UserRole.name == Role.ADMIN, User.active)
        .order_by(User.id, Duty.id)
    )
    found = []
    for user, duty in session.execute(admins):
        if duty is not None:
            found.append(Ringable(duty.phone, duty.language, user.email))
        elif user.test_phone:
            found.append(Ringable(user.test_phone, LANGUAGE, user.email))
    return _each_once(found)


def _each_once(ringable: Iterable[Ringable]) -> list[Ringable]:
    return list({each.phone: each for each in reversed(list(ringable))}.values())[::-1]
