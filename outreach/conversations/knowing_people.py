"""What a flow's branches ask of the person, from the database: only what the flow asks for."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.conversations.facts import Facts
from outreach.conversations.flow import Flow
from outreach.conversations.knowing import needs_of_person
from outreach.conversations.models import Task, TaskKind
from outreach.people.models import Activity, Belonging, ListEntry, MembershipRecord, Person, PhoneNumber, Standing
from outreach.people.segments import SegmentLimits, segment_of
from outreach.settings import Settings
from outreach.trainings.attendance import absences_since
from outreach.trainings.models import Rsvp, RsvpStatus, SessionState, TrainingSession

MEMBERS = frozenset({Belonging.MEMBER, Belonging.EXPIRED, Belonging.LAPSED})
UNTRAINED = "none"
# A card that failed is no decision to leave (words of the national list's billing column).
CARD_FAILED = frozenset({"past_due", "overdue", "2mo_plus_failed", "canceled_by_failure"})
# Whoever was missed more than once in so long is called.
QUARTER = timedelta(days=90)
# More days than anybody has been silent who ever wrote.
NEVER = 1_000_000


def with_person_facts(  # noqa: PLR0913, PLR0917 - one turn has these parts
    session: Session, flow: Flow, facts: Facts, person: Person, number: PhoneNumber, settings: Settings, now: datetime
) -> Facts:
    """Return the facts with what this flow's branches ask of the person; as they are when they ask nothing."""
    wanted = needs_of_person(flow)
    if not wanted:
        return facts
    today = now.astimezone(settings.zone).date()
    readers: dict[str, Callable[[], object]] = {
        "attended": lambda: _activity(session, person).attended_count,
        "trained": lambda: _activity(session, person).trained_level or UNTRAINED,
        "named": lambda: bool(person.known_as),
        "zip_known": lambda: bool(person.zip),
        "email_known": lambda: bool(person.email),
        "consented": lambda: number.consented_at is not None and number.texts_opted_out_at is None,
        "member": lambda: _belonging(session, person) in MEMBERS,
        "listed": lambda: _listed(session, person),
        "coming": lambda: _coming(session, person, now),
        "absences": lambda: len(absences_since(session, person.id, now - QUARTER)),
        "calls_made": lambda: _calls_made(session, person, now),
        "days_silent": lambda: _days_silent(number, now),
        "card_failed": lambda: _billing(session, person) in CARD_FAILED,
        "tag": lambda: frozenset(person.tags),
        "cohort": lambda: session.scalar(
            select(segment_of(_limits(settings), today)).where(Standing.person_id == person.id)
        ),
    }
    known = {name: readers[name]() for name in wanted & readers.keys()}
    rsvps = _rsvps(session, person, facts) if "rsvp" in wanted else {}
    return replace(facts, person=known, rsvps=rsvps)


def _limits(settings: Settings) -> SegmentLimits:
    return SegmentLimits(settings.new_days, settings.active_days, settings.inactive_days, settings.attendance_since)


def _activity(session: Session, person: Person) -> Activity:
    return session.get(Activity, person.id) or Activity(person_id=person.id, attended_count=0)


def _belonging(session: Session, person: Person) -> str | None:
    return session.scalar(select(Standing.belonging).where(Standing.person_id == person.id))


def _listed(session: Session, person: Person) -> bool:
    return session.scalar(select(ListEntry.person_id).where(ListEntry.person_id == person.id).limit(1)) is not None


def _coming(session: Session, person: Person, now: datetime) -> bool:
    said_yes = select(Rsvp.id).join(TrainingSession, TrainingSession.id == Rsvp.session_id)
    ahead = TrainingSession.starts_at > now, TrainingSession.state == SessionState.SCHEDULED
    mine = said_yes.where(Rsvp.person_id == person.id, Rsvp.status == RsvpStatus.YES, *ahead)
    return session.scalar(mine.limit(1)) is not None


def _days_silent(number: PhoneNumber, now: datetime) -> int:
    return (now - number.last_inbound_at).days if number.last_inbound_at else NEVER


def _calls_made(session: Session, person: Person, now: datetime) -> int:
    """Count the calls to them that somebody of ours has made and marked as done, lately."""
    made = select(func.count(Task.id)).where(Task.person_id == person.id, Task.kind == TaskKind.CALL)
    return session.scalar(made.where(Task.done_at > now - QUARTER)) or 0


def _billing(session: Session, person: Person) -> str | None:
    return session.scalar(select(MembershipRecord.billing).where(MembershipRecord.person_id == person.id))


def _rsvps(session: Session, person: Person, facts: Facts) -> dict[int, str]:
    mine = select(Rsvp.session_id, Rsvp.status).where(
        Rsvp.person_id == person.id, Rsvp.session_id.in_([each.id for each in facts.sessions])
    )
    return {session_id: str(status) for session_id, status in session.execute(mine)}
