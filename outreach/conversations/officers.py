"""Naming who is on duty, and the way round an officer whom a complaint is about."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.accounts.models import User
from outreach.conversations.duties import officers
from outreach.conversations.models import Duty, DutyKind, SensitiveCase
from outreach.conversations.sensitive import open_cases, write_down
from outreach.database import ROW
from outreach.errors import OutreachError
from outreach.people.models import PhoneNumber
from outreach.people.phones import BadPhone, normalise_phone
from outreach.text_hours import MINUTES_A_DAY
from outreach.understanding import Kind


class NotNamedError(OutreachError):
    """Say why somebody could not be put on duty, and what to do instead."""


def name_duty(  # noqa: PLR0913 - a duty has these parts
    session: Session,
    email: str,
    kind: DutyKind,
    *,
    phone: str,
    known_as: str = "",
    language: str = "en",
    branch: str = "",
    days: str = "0123456",
    minutes: tuple[int, int] = (0, MINUTES_A_DAY),
    place: int = 0,
    by: str,
    now: datetime,
) -> Duty:
    """Put a user on duty, or change it; a grievance officer then waits for a second admin. Raises NotNamedError."""
    user = session.scalar(select(User).where(User.email == email.strip().lower()))
    if user is None:
        raise NotNamedError("There is no user of this address. Add them first.")
    try:
        number = normalise_phone(phone)
    except BadPhone as error:
        raise NotNamedError(f"Their phone: {error}.") from None
    if kind is DutyKind.GRIEVANCE and not known_as.strip():
        raise NotNamedError("Give the names that members call them by: a complaint that names them must go round them.")
    if not days or minutes[0] == minutes[1]:
        raise NotNamedError("Choose at least one day, and hours that differ.")
    facts = {
        "known_as": known_as.strip(),
        "phone": number,
        "language": "es" if language == "es" else "en",
        "branch": branch.strip(),
        "days": "".join(sorted(set(days) & set("0123456"))),
        "start_minute": minutes[0],
        "end_minute": minutes[1],
        "place": place,
        "named_by": by,
        "confirmed_by": None,
        "created_at": now,
    }
    row = insert(Duty).values(user_id=user.id, kind=kind, **facts)
    session.execute(row.on_conflict_do_update(index_elements=[Duty.user_id, Duty.kind], set_=facts))
    record_act(session, by, "duty named", now, user=user.id, duty=str(kind))
    mine = select(Duty).where(Duty.user_id == user.id, Duty.kind == kind)
    return session.scalars(mine.execution_options(populate_existing=True)).one()


def confirm_officer(session: Session, duty_id: int, by: str, now: datetime) -> None:
    """Let a second admin confirm a grievance officer: nobody makes themselves one alone. Raises NotNamedError."""
    duty = session.get(Duty, duty_id, with_for_update=ROW)
    if duty is None or duty.kind != DutyKind.GRIEVANCE:
        raise NotNamedError("There is no such officer.")
    user = session.get_one(User, duty.user_id)
    if by in {duty.named_by, user.email}:
        raise NotNamedError("A second admin has to confirm it: neither who named them, nor the officer.")
    duty.confirmed_by = by
    record_act(session, by, "grievance officer confirmed", now, user=user.id)


def end_duty(session: Session, duty_id: int, by: str, now: datetime) -> None:
    """Take somebody off duty; twice changes nothing."""
    duty = session.get(Duty, duty_id, with_for_update=ROW)
    if duty is not None:
        record_act(session, by, "duty ended", now, user=duty.user_id, duty=str(duty.kind))
        session.delete(duty)


def exclude_officer(session: Session, number: PhoneNumber, email: str, by: str, now: datetime) -> None:
    """Keep a number's complaints from one officer, and let the others be rung anew. Raises NotNamedError."""
    left = [mine for _, mine in officers(session) if mine not in {email, *_excluded(session, number)}]
    if email not in {mine for _, mine in officers(session)}:
        raise NotNamedError("There is no such officer.")
    if not left:
        raise NotNamedError("No officer would be left. Have another one named first.")
    for case in open_cases(session, number.id):
        if case.kind == Kind.HARASSMENT and email not in case.excluded:
            case.excluded = [*case.excluded, email]
            if case.seen_by == email:
                case.seen_at, case.seen_by, case.rings, case.ring_at = None, None, 0, now
            write_down(session, case, by, "officer kept out of a case", now)


def complaints_that_nobody_sees(session: Session) -> int:
    """Count the open complaints that are about every officer there is: another one must be named."""
    open_ones = select(SensitiveCase).where(SensitiveCase.kind == Kind.HARASSMENT, SensitiveCase.closed_at.is_(None))
    return sum(not officers(session, case.excluded) for case in session.scalars(open_ones))


def _excluded(session: Session, number: PhoneNumber) -> set[str]:
    mine = select(SensitiveCase.excluded).where(SensitiveCase.number_id == number.id, SensitiveCase.closed_at.is_(None))
    return {email for excluded in session.scalars(mine) for email in excluded}
