"""How a person is reached by text: the one number, locked before anything else of a turn."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber, Reach, Standing


def reach_person(session: Session, person_id: int) -> PhoneNumber | None:
    """Return the number at which the program may text a person, locked; None when there is none.

    Where somebody of ours has taken the thread over, the program says nothing.
    """
    mine = (
        select(PhoneNumber)
        .join(Standing, Standing.number_id == PhoneNumber.id)
        .where(Standing.person_id == person_id, Standing.reach == Reach.TEXTABLE, PhoneNumber.taken_at.is_(None))
    )
    return session.scalar(mine.with_for_update(key_share=True, of=PhoneNumber))
