"""Finding who is to begin a flow by itself: so long after, or before, what the flow counts from."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from outreach.conversations.enrolling import enrol
from outreach.conversations.flow import Anchor, Begin, Flow
from outreach.conversations.models import FlowVersion
from outreach.conversations.versions import flow_of
from outreach.conversations.waits import counted_from
from outreach.people.models import Person, Reach, Standing
from outreach.settings import Settings
from outreach.trainings.models import Attendance, Rsvp, RsvpStatus, SessionState, TrainingSession

# What should have begun longer ago than this (cron was away) does not begin any more.
TOO_LATE = timedelta(hours=12)
AT_MOST = 1000


class Anchored(NamedTuple):
    """Somebody, and what happened to them, or will: the session if it is about one, and when."""

    person_id: int
    session: TrainingSession | None
    at: datetime


def enrol_who_is_due(session: Session, settings: Settings, now: datetime) -> int:
    """Enrol everybody for whom a flow begins by itself now; return how many are new."""
    return sum(_enrol(session, settings, flow, begin, now) for flow in _flows(session) for begin in flow.begins)


def organizing_conversation(session: Session, person_id: int, at: datetime, key: str, now: datetime) -> None:
    """Enrol a person in the flows that begin so long after an organizing conversation, which `key` names."""
    for flow in _flows(session):
        for begin in flow.begins:
            if begin.moment.anchor == "organizing conversation":
                due = counted_from(begin.moment, at, "UTC")
                offer = {"begun": begin.name, "happened_at": at.isoformat()}
                enrol(session, person_id, flow.name, f"{key}:{begin.name}", due, now, offer)


def _flows(session: Session) -> Iterator[Flow]:
    newest = (
        select(FlowVersion.id, FlowVersion.definition.has_key("begins").label("begins"))
        .ext(distinct_on(FlowVersion.flow))
        .order_by(FlowVersion.flow, FlowVersion.created_at.desc(), FlowVersion.id.desc())
        .subquery()
    )
    for version_id in session.scalars(select(newest.c.id).where(newest.c.begins)).all():
        yield flow_of(session, version_id)


def _enrol(session: Session, settings: Settings, flow: Flow, begin: Begin, now: datetime) -> int:
    fresh = 0
    for one in _anchored(session, begin, now):
        zone = one.session.timezone if one.session else settings.org_timezone
        due = counted_from(begin.moment, one.at, zone)
        if due <= now < due + TOO_LATE:
            key, offer = _about(begin, one)
            fresh += enrol(session, one.person_id, flow.name, key, due, now, offer)
    return fresh


def _about(begin: Begin, one: Anchored) -> tuple[str, dict[str, object]]:
    """Return the key under which somebody begins once, and what the flow is given."""
    name = begin.name or str(begin.moment.anchor)
    offer: dict[str, object] = {"begun": begin.name, "happened_at": one.at.isoformat()}
    if one.session is None:
        return f"{name}:{one.at.isoformat()}", offer
    starts_at = one.session.starts_at.isoformat()
    offer |= {"sessions": [one.session.id], "about": one.session.id}
    if begin.moment.anchor == "session":
        offer["starts_at"] = starts_at
    return f"{name}:session {one.session.id}:{starts_at}", offer


def _anchored(session: Session, begin: Begin, now: datetime) -> list[Anchored]:
    """Return whom a begin may be about now: those for whom the moment lies within the last hours."""
    moment = begin.moment
    # A time of day, the hours that a text may be in, and a session's length move a moment by less than two days.
    since, until = now - moment.offset - TOO_LATE - timedelta(days=2), now - moment.offset + timedelta(days=1)
    if moment.anchor == "session":
        held = TrainingSession.starts_at.between(since, until) & (TrainingSession.starts_at > now)
        return _people(session, _coming().where(held), "starts_at")
    if moment.anchor in {"attendance", "end of session"}:
        return _who_came(session, moment.anchor, since, until)
    if moment.anchor == "absence":
        there = select(Attendance.person_id).where(
            Attendance.session_id == Rsvp.session_id, Attendance.person_id == Rsvp.person_id
        )
        absent = _coming().where(TrainingSession.sign_in_closed_at.between(since, until), ~there.exists())
        return _people(session, absent, "sign_in_closed_at")
    if moment.anchor == "rsvp":
        said = select(Rsvp.person_id, TrainingSession, Rsvp.answered_at).join(
            TrainingSession, TrainingSession.id == Rsvp.session_id
        )
        yes = said.where(Rsvp.status == RsvpStatus.YES, Rsvp.answered_at.between(since, until)).limit(AT_MOST)
        return [Anchored(person_id, gathering, at) for person_id, gathering, at in session.execute(yes)]
    if moment.anchor == "first sight":
        seen = select(Person.id, Person.created_at).join(Standing, Standing.person_id == Person.id)
        new = seen.where(Person.created_at.between(since, until), Standing.reach == Reach.TEXTABLE).limit(AT_MOST)
        return [Anchored(person_id, None, at) for person_id, at in session.execute(new)]
    return []


def _who_came(session: Session, anchor: Anchor, since: datetime, until: datetime) -> list[Anchored]:
    """Return who came, and when the session ended. Whoever is written down only after it has come from then on."""
    came = select(Attendance.person_id, TrainingSession, Attendance.signed_in_at).join(
        TrainingSession, TrainingSession.id == Attendance.session_id
    )
    lately = or_(TrainingSession.starts_at.between(since, until), Attendance.signed_in_at.between(since, until))
    ended = [(one, gathering, _moment_of(gathering, "ends_at"), signed_in)
             for one, gathering, signed_in in session.execute(came.where(lately).limit(AT_MOST))]  # fmt: skip
    return [
        Anchored(one, gathering, max(ends, signed_in) if anchor == "attendance" else ends)
        for one, gathering, ends, signed_in in ended
    ]


def _coming() -> Select[int, TrainingSession]:
    return (
        select(Rsvp.person_id, TrainingSession)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .where(Rsvp.status == RsvpStatus.YES, TrainingSession.state == SessionState.SCHEDULED)
    )


def _people(session: Session, wanted: Select[int, TrainingSession], when: str) -> list[Anchored]:
    return [
        Anchored(person_id, gathering, _moment_of(gathering, when))
        for person_id, gathering in session.execute(wanted.limit(AT_MOST))
    ]


def _moment_of(gathering: TrainingSession, when: str) -> datetime:
    if when == "ends_at":
        return gathering.starts_at + timedelta(minutes=gathering.minutes)
    return gathering.sign_in_closed_at or gathering.starts_at if when == "sign_in_closed_at" else gathering.starts_at
