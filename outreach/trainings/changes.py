"""Who still has to be told that their session was moved or cancelled."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.trainings.models import Rsvp, RsvpStatus, SessionState, TrainingSession

TO_TELL = (RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.WAITLISTED)


@dataclass(frozen=True)
class Untold:
    """One person who does not know yet how their session stands. `sequence` is what `mark_told` is to be given."""

    rsvp_id: int
    person_id: int
    session_id: int
    sequence: int
    cancelled: bool


def people_to_tell(session: Session, now: datetime, limit: int = 100) -> list[Untold]:
    """Return who said yes or maybe, or waits, and has not been told of the newest change; soonest session first.

    For the sweep: a session that has begun is no longer told of.
    """
    behind = (
        select(Rsvp, TrainingSession)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .where(TrainingSession.starts_at > now, TrainingSession.sequence > Rsvp.told_sequence)
        .where(Rsvp.status.in_(TO_TELL))
        .order_by(TrainingSession.starts_at, Rsvp.id)
        .limit(limit)
    )
    return [
        Untold(rsvp.id, rsvp.person_id, gathering.id, gathering.sequence, gathering.state == SessionState.CANCELLED)
        for rsvp, gathering in session.execute(behind)
    ]


def mark_told(session: Session, rsvp_id: int, sequence: int) -> bool:
    """Write down that a person is being told of a change; False if somebody else has done so already.

    Call it in the transaction that puts the text into the outbox, before the text.
    """
    told = session.execute(
        update(Rsvp)
        .where(Rsvp.id == rsvp_id, Rsvp.told_sequence < sequence)
        .values(told_sequence=sequence)
        .returning(Rsvp.id)
    )
    return told.scalar() is not None
