"""Reminding people of the session that they said yes to. A session that moves takes its reminders along."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

import structlog
from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from outreach.conversations.gaps import NotStartedError
from outreach.conversations.gathering import DAY_BEFORE
from outreach.conversations.models import Reminder
from outreach.conversations.reaching import reach_person
from outreach.conversations.reminder_times import EARLIEST, PLAN, ReminderTime, due_reminders
from outreach.conversations.seats import offer_is_open
from outreach.conversations.signing import signature
from outreach.conversations.starting import Opening, start_conversation
from outreach.conversations.tasks import call_task
from outreach.database import transaction
from outreach.people.models import Person, PhoneNumber, Standing
from outreach.queues import describe_error
from outreach.settings import Settings
from outreach.texting.claims import hours_of
from outreach.texting.hours import Hours, Window
from outreach.texting.models import Kind
from outreach.texting.whereabouts import Whereabouts, places_of, windows_of
from outreach.trainings.models import Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.trainings.sessions import is_on_site

log = structlog.get_logger()

REMIND = "outreach.conversations.jobs.remind"
FLOW = "reminder"
BATCH = 200
# The earliest reminder is that of the day before, at eleven: no session is further off then.
ELSEWHERE_AHEAD = timedelta(hours=38)


class Due(NamedTuple):
    """One person to remind now."""

    rsvp_id: int
    person_id: int
    session_id: int
    starts_at: datetime
    time: ReminderTime


def people_to_remind(session: Session, settings: Settings, now: datetime) -> list[Due]:
    """Return whom to remind now, soonest session first, at most a batch."""
    coming = select(TrainingSession).where(
        TrainingSession.state == SessionState.SCHEDULED,
        TrainingSession.starts_at > now,
        TrainingSession.starts_at < now + EARLIEST,
    )
    due, hours = list[Due](), hours_of(settings)
    for gathering in session.scalars(coming.order_by(TrainingSession.starts_at)):
        zone = gathering.timezone
        for each in _due(gathering, hours.at(zone), now):
            due += _unreminded(session, gathering, each, hours, BATCH - len(due))
        if not hours.always and gathering.starts_at - now < ELSEWHERE_AHEAD:
            due += islice(_elsewhere(session, gathering, hours, now), BATCH - len(due))
    return due


def _due(gathering: TrainingSession, windows: Sequence[Window], now: datetime) -> Iterator[ReminderTime]:
    """Yield what is due now: a plan is asked for only of who comes somewhere."""
    for each in due_reminders(gathering.starts_at, gathering.timezone, windows, now):
        if each.kind != PLAN or is_on_site(gathering):
            yield each


def _unreminded(
    session: Session, gathering: TrainingSession, each: ReminderTime, hours: Hours, limit: int
) -> Iterator[Due]:
    wanted = _wanted(gathering, each)
    # A plan is as welcome some hours later: it waits in the outbox until they may be texted where they live.
    if not hours.always and each.kind != PLAN:
        wanted = wanted.where(~_lives_elsewhere(gathering.timezone))
    for rsvp in session.scalars(wanted.order_by(Rsvp.id).limit(max(0, limit))):
        yield Due(rsvp.id, rsvp.person_id, gathering.id, gathering.starts_at, each)


def _elsewhere(session: Session, gathering: TrainingSession, hours: Hours, now: datetime) -> Iterator[Due]:
    """Yield those whose own hours differ from the session's: each is reminded when they may be texted."""
    coming = (
        select(Rsvp.id, PhoneNumber.phone, Person.timezone, Person.zip)
        .join(Person, Person.id == Rsvp.person_id)
        .join(Standing, Standing.person_id == Rsvp.person_id)
        .join(PhoneNumber, PhoneNumber.id == Standing.number_id)
        .where(Rsvp.session_id == gathering.id, Rsvp.status == RsvpStatus.YES)
        .where(_lives_elsewhere(gathering.timezone))
    )
    for rsvp_id, phone, zone, zip_code in session.execute(coming.order_by(Rsvp.id)).all():
        windows = windows_of(Whereabouts(phone, zone, zip_code), hours)
        for each in _due(gathering, windows, now):
            rsvp = session.scalar(_wanted(gathering, each).where(Rsvp.id == rsvp_id))
            if rsvp is not None:
                yield Due(rsvp.id, rsvp.person_id, gathering.id, gathering.starts_at, each)


def _wanted(gathering: TrainingSession, each: ReminderTime) -> Select[Rsvp]:
    """Select who says yes to a session and has not had this reminder of it."""
    reminded = select(Reminder.rsvp_id).where(
        Reminder.rsvp_id == Rsvp.id, Reminder.kind == each.kind, Reminder.starts_at == gathering.starts_at
    )
    wanted = select(Rsvp).where(
        Rsvp.session_id == gathering.id, Rsvp.status == RsvpStatus.YES, ~reminded.exists(), ~offer_is_open()
    )
    if each.kind in {PLAN, DAY_BEFORE}:
        # Who said yes after that hour has just been told all of it.
        told = func.greatest(Rsvp.answered_at, Rsvp.seat_offered_at)
        wanted = wanted.where(told < each.due_at)
    if gathering.sensitive:
        wanted = wanted.where(Rsvp.host_confirmed_at.is_not(None))
    return wanted


def _lives_elsewhere(zone: str) -> ColumnElement[bool]:
    """Tell, in SQL, whether other clocks than the session's may count for the one of an RSVP."""
    codes, zips = places_of(zone)
    elsewhere = or_(
        func.substr(PhoneNumber.phone, 1, 5).not_in(codes),
        Person.timezone != zone,
        func.substr(Person.zip, 1, 3).not_in(zips),
    )
    theirs = (
        select(Standing.person_id)
        .join(PhoneNumber, PhoneNumber.id == Standing.number_id)
        .join(Person, Person.id == Standing.person_id)
        .where(Standing.person_id == Rsvp.person_id, elsewhere)
        .correlate(Rsvp)
    )
    return theirs.exists()


def remind(settings: Settings, due: Due, now: datetime) -> None:
    """Remind one person, once; who cannot be texted becomes somebody's call."""
    with transaction() as session:
        number = reach_person(session, due.person_id)
        if not _still_holds(session, due):
            return
        fresh = insert(Reminder).values(rsvp_id=due.rsvp_id, kind=due.time.kind, starts_at=due.starts_at, at=now)
        if session.execute(fresh.on_conflict_do_nothing().returning(Reminder.rsvp_id)).first() is None:
            return
        person = session.get_one(Person, due.person_id)
        because = _text(session, settings, person, number, due, now) if number else "not_textable"
        if because and due.time.kind != PLAN:
            # Whom no text reaches is called the day before, not asked for a plan as well.
            log.info("reminder_by_call", rsvp=due.rsvp_id, because=because)
            call_task(session, person, f"remind of session {due.session_id}: {because}", due.starts_at, now)


def _still_holds(session: Session, due: Due) -> bool:
    """Tell whether this person still comes to this session at this hour: both may have changed since the look."""
    same = (
        select(Rsvp.id)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .where(Rsvp.id == due.rsvp_id, Rsvp.status == RsvpStatus.YES)
        .where(TrainingSession.starts_at == due.starts_at, TrainingSession.state == SessionState.SCHEDULED)
    )
    return session.scalar(same) is not None


def _text(  # noqa: PLR0913, PLR0917 - one reminder has these parts
    session: Session, settings: Settings, person: Person, number: PhoneNumber, due: Due, now: datetime
) -> str | None:
    """Start the reminder's conversation; return why it could not be, or None."""
    opening = Opening(
        flow=FLOW,
        offer={
            **signature(session, due.person_id, due.session_id),
            "sessions": [due.session_id],
            "reminder": due.time.kind,
        },
        kind=Kind.TRANSACTIONAL,
        expires_at=due.time.expires_at,
    )
    try:
        with session.begin_nested():
            start_conversation(session, settings, person, number, opening, now)
    except NotStartedError as error:
        return error.because
    except DBAPIError:
        raise
    except Exception as error:  # noqa: BLE001 - one reminder that fails must not keep the others from leaving
        log.error("reminder_failed", rsvp=due.rsvp_id, error=describe_error(error))  # noqa: TRY400 - its words may name somebody
        return "failed"
    return None
