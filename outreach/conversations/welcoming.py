"""New members: seen on a list, given to an organizer who is there for them, written to within two days."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from outreach.conversations.duties import duties_of, is_on_duty
from outreach.conversations.enrolling import enrol
from outreach.conversations.gathering import language_of
from outreach.conversations.models import Duty, DutyKind, Enrolment, Task, TaskKind, Welcome
from outreach.conversations.tasks import ON_CALL, ToDo, add_task
from outreach.database import ROW
from outreach.errors import OutreachError
from outreach.people.models import Belonging, Person, Reach, Standing
from outreach.settings import Settings

FLOW = "welcome"
FIRST = "first sight"
# Each organizer looks after so many new members at a time.
AT_MOST = 10
# With the night that may come between, the first text leaves within 48 hours of first sight.
UNSIGNED_AFTER = timedelta(hours=30)
ACCEPT_WITHIN = timedelta(hours=24)
HOUR = timedelta(hours=1)
SEEN_WITHIN = timedelta(days=14)
A_SLICE = 100
ACCEPT = "a new member for your list: accept them on the page Welcome, and your name signs the first text"
NOBODY_HAS_ROOM = "a new member, and no organizer on duty has room: put somebody on duty for new members"


class Organizer(NamedTuple):
    """Somebody who is there for new members: how many they look after now, and in how many hours they are on duty."""

    duty: Duty
    email: str
    charges: int
    in_hours: int | None


def welcome_new_members(session: Session, settings: Settings, now: datetime) -> int:
    """Give everybody whom a list showed as new to an organizer, and let their welcome begin; return how many."""
    found = _unwelcomed(session, settings, now)
    for person in found:
        _assign(session, settings, person, now, without="")
        enrol(session, person.id, FLOW, FIRST, now + UNSIGNED_AFTER, now, _offer(session, person.id))
    return len(found)


def accept(session: Session, person_id: int, by: str, now: datetime) -> None:
    """Take a new member on: the organizer's name signs, and the first text leaves at the next text hour.

    Raises OutreachError when the member is not theirs to take.
    """
    mine = _mine(session, person_id, by)
    duty = next((duty for duty, email in duties_of(session, DutyKind.WELCOME) if email == by), None)
    if duty is None or not duty.known_as:
        raise OutreachError("Put yourself on duty for new members first, with the name that signs.")
    if mine.accepted_at is not None:
        return
    mine.accepted_at = now
    offer = {"organizer": by, "sender": duty.known_as}
    waiting = update(Enrolment).where(Enrolment.person_id == person_id, Enrolment.flow == FLOW, Enrolment.key == FIRST)
    session.execute(waiting.where(Enrolment.done_at.is_(None)).values(offer=offer, due_at=now))
    _finish_asking(session, person_id, by, now)


def pass_on(session: Session, person_id: int, by: str, now: datetime, settings: Settings) -> None:
    """Give a new member to another organizer. Raises OutreachError when they are not theirs to give."""
    _mine(session, person_id, by)
    _finish_asking(session, person_id, by, now)
    _assign(session, settings, session.get_one(Person, person_id), now, without=by)
    waiting = update(Enrolment).where(Enrolment.person_id == person_id, Enrolment.flow == FLOW, Enrolment.key == FIRST)
    session.execute(waiting.where(Enrolment.done_at.is_(None)).values(offer=_offer(session, person_id)))


def welcomes_of(session: Session, email: str | None) -> Sequence[tuple[Welcome, Person]]:
    """Return the new members whom an organizer looks after, the newest first; with None everybody's."""
    wanted = select(Welcome, Person).join(Person, Person.id == Welcome.person_id)
    if email is not None:
        wanted = wanted.where(Welcome.organizer == email)
    rows = session.execute(wanted.order_by(Welcome.assigned_at.desc(), Welcome.person_id).limit(A_SLICE))
    return [(welcome, person) for welcome, person in rows]


def _unwelcomed(session: Session, settings: Settings, now: datetime) -> Sequence[Person]:
    joined_after = now.astimezone(settings.zone).date() - timedelta(days=settings.new_days)
    welcomed = select(Welcome.person_id).where(Welcome.person_id == Person.id)
    new = (
        select(Person)
        .join(Standing, Standing.person_id == Person.id)
        .where(
            Person.created_at > now - SEEN_WITHIN,
            Standing.reach == Reach.TEXTABLE,
            Standing.belonging == Belonging.MEMBER,
            Standing.joined_on > joined_after,
            ~welcomed.exists(),
        )
    )
    return session.scalars(new.order_by(Person.created_at, Person.id).limit(A_SLICE)).all()


def _assign(session: Session, settings: Settings, person: Person, now: datetime, without: str) -> None:
    """Give a person to the organizer of their language and branch who has the most room; else to who is on call."""
    chosen = _choose(session, settings, person, now, without)
    welcome = session.get(Welcome, person.id, with_for_update=ROW) or Welcome(person_id=person.id)
    welcome.organizer, welcome.assigned_at, welcome.accepted_at = chosen.email if chosen else None, now, None
    session.add(welcome)
    session.flush()
    kind, because = TaskKind.OTHER, ACCEPT if chosen else NOBODY_HAS_ROOM
    owner = chosen.email if chosen else ON_CALL
    add_task(session, ToDo(kind, because, now + ACCEPT_WITHIN, owner, person_id=person.id), now)


def _choose(session: Session, settings: Settings, person: Person, now: datetime, without: str) -> Organizer | None:
    language = language_of(person)
    there = [one for one in _organizers(session, settings, now) if one.in_hours is not None]
    room = [one for one in there if one.charges < AT_MOST and one.email != without]
    # Who writes Spanish is written to by somebody who does: the others could not read the answer.
    speaking = [one for one in room if one.duty.language == language or language != "es"]
    return min(speaking, key=lambda one: _distance(one, person, language), default=None)


def _distance(one: Organizer, person: Person, language: str) -> tuple[bool, bool, int, int, int]:
    near = bool(one.duty.branch) and one.duty.branch == person.branch
    return (not near, one.duty.language != language, one.in_hours or 0, one.charges, one.duty.id)


def _in_hours(duty: Duty, settings: Settings, now: datetime) -> int | None:
    """Return in how many hours a duty begins, 0 on duty; None when it does not before a member is to be accepted."""
    ahead = range(int(ACCEPT_WITHIN / HOUR))
    return next((hours for hours in ahead if is_on_duty(duty, now + hours * HOUR, settings.zone)), None)


def _organizers(session: Session, settings: Settings, now: datetime) -> list[Organizer]:
    # A member stays on an organizer's list for as long as they count as new.
    lately = Welcome.assigned_at > now - timedelta(days=90)
    counted = select(Welcome.organizer, func.count()).where(lately).group_by(Welcome.organizer)
    charges = {email: count for email, count in session.execute(counted)}  # noqa: C416 - rows are no pairs to mypy
    there = duties_of(session, DutyKind.WELCOME)
    return [Organizer(duty, email, charges.get(email, 0), _in_hours(duty, settings, now)) for duty, email in there]


def _offer(session: Session, person_id: int) -> dict[str, str]:
    organizer = session.scalar(select(Welcome.organizer).where(Welcome.person_id == person_id))
    return {"organizer": organizer or ON_CALL}


def _mine(session: Session, person_id: int, by: str) -> Welcome:
    welcome = session.get(Welcome, person_id, with_for_update=ROW)
    if welcome is None or welcome.organizer != by:
        raise OutreachError("This member is on somebody else's list now.")
    return welcome


def _finish_asking(session: Session, person_id: int, by: str, now: datetime) -> None:
    asking = update(Task).where(Task.person_id == person_id, Task.because == ACCEPT, Task.done_at.is_(None))
    session.execute(asking.values(done_at=now, done_by=by))
