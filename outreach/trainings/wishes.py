"""Whom we promised the next date of a training, until they are told of one."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.people.models import Reach, Standing
from outreach.trainings.models import DateWish, Rsvp, TrainingSession


def wish_for_dates(session: Session, person_id: int, sessions: Iterable[int], now: datetime) -> None:
    """Keep that a person is to hear of the next date of the trainings that these sessions are of."""
    wanted = select(TrainingSession.training_id).where(TrainingSession.id.in_(list(sessions))).distinct()
    for training_id in session.scalars(wanted.order_by(TrainingSession.training_id)).all():
        wish = insert(DateWish).values(person_id=person_id, training_id=training_id, wished_at=now)
        session.execute(
            wish.on_conflict_do_update(
                index_elements=[DateWish.person_id, DateWish.training_id], set_={"wished_at": now, "told_at": None}
            )
        )


def who_wished_for(session: Session, gathering: TrainingSession) -> Sequence[int]:
    """Return who was promised a date like this one, planned after they were, and has not answered to it."""
    answered = select(Rsvp.id).where(Rsvp.person_id == DateWish.person_id, Rsvp.session_id == gathering.id)
    wished = (
        select(DateWish.person_id)
        .join(Standing, Standing.person_id == DateWish.person_id)
        .where(DateWish.training_id == gathering.training_id, DateWish.told_at.is_(None))
        .where(DateWish.wished_at < gathering.created_at, Standing.reach == Reach.TEXTABLE, ~answered.exists())
    )
    return session.scalars(wished.order_by(DateWish.person_id)).all()


def mark_wishes_told(session: Session, training_id: int, people: Iterable[int], now: datetime) -> None:
    """Write down that these people's wish is answered: they are told of a date."""
    mine = update(DateWish).where(DateWish.training_id == training_id, DateWish.person_id.in_(list(people)))
    session.execute(mine.values(told_at=now))
