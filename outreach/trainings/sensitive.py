"""Sensitive sessions: the host confirms each person, the address goes out on the day, and the roster is purged."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from outreach.trainings.models import Attendance, Need, Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.refusals import RefusedError

KEPT_FOR = timedelta(days=30)


def may_see_roster(gathering: TrainingSession, viewer: str) -> bool:
    """Tell whether an account (its e-mail) may see who comes: of a sensitive session only its host."""
    return not gathering.sensitive or (gathering.host is not None and viewer.lower() == gathering.host.lower())


def confirm_person(session: Session, rsvp_id: int, host: str, now: datetime) -> Rsvp:
    """Let a session's host confirm one person; a second time changes nothing. Raises RefusedError for anybody else."""
    rsvp = session.get(Rsvp, rsvp_id, populate_existing=True)
    if rsvp is None:
        raise RefusedError(f"There is no RSVP {rsvp_id}.")
    if not may_see_roster(session.get_one(TrainingSession, rsvp.session_id), host):
        raise RefusedError("Only the host of this session confirms who comes. Ask the host.")
    rsvp.host_confirmed_at = rsvp.host_confirmed_at or now
    session.flush()
    return rsvp


def day_of_address(session: Session, session_id: int, person_id: int, now: datetime) -> str | None:
    """Return the address to tell this person, or None if it is not theirs to know (yet).

    Only who said yes; of a sensitive session only who is confirmed by the host, and only on its local day.
    """
    gathering = session.get(TrainingSession, session_id)
    rsvp = session.scalar(select(Rsvp).where(Rsvp.session_id == session_id, Rsvp.person_id == person_id))
    if gathering is None or rsvp is None or rsvp.status != RsvpStatus.YES:
        return None
    if gathering.sensitive and (rsvp.host_confirmed_at is None or not _is_today(gathering, now)):
        return None
    return gathering.address or gathering.place


def purge_sensitive(session: Session, now: datetime) -> int:
    """Forget who came to sensitive sessions, and where, 30 days after they ended; return how many were purged.

    RSVPs, needs, sign-ins, place, address, link and contact go. What people did stays as a date in their activity.
    """
    ended = TrainingSession.starts_at + TrainingSession.minutes * timedelta(minutes=1)
    over = select(TrainingSession.id).where(TrainingSession.sensitive, ended < now - KEPT_FOR)
    for table in (Rsvp, Need, Attendance):
        session.execute(delete(table).where(table.session_id.in_(over)))
    purged = session.scalars(
        update(TrainingSession)
        .where(TrainingSession.id.in_(over), TrainingSession.purged_at.is_(None))
        .values(taken=0, place="", address="", link="", contact="", purged_at=now)
        .returning(TrainingSession.id)
    )
    return len(purged.all())


def _is_today(gathering: TrainingSession, now: datetime) -> bool:
    zone = ZoneInfo(gathering.timezone)
    return gathering.starts_at.astimezone(zone).date() == now.astimezone(zone).date()
