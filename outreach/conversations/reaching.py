"""How a person is reached by text: the one number, locked before anything else of a turn."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber, Reach, Standing


def reach_person(session: Session, person_id: int) -> PhoneNumber | None:
    """Return the number at which a person may be texted, locked; None when there is none."""
    mine = (
        select(PhoneNumber)
        .join(Standing, Standing.number_id == PhoneNumber.id)
        .where(Standing.person_id == person_id, Standing.reach == Reach.TEXTABLE)
    )
    return session.scalar(mine.with_for_update(of=PhoneNumber))
