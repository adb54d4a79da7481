"""What people have done with us, as far as segments ask. Floors above write it down here."""

from datetime import date

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.people.models import Activity


def note_activity(session: Session, person_id: int, on: date, *, attended: int = 0) -> None:
    """Note that somebody was active on a day, and how many events they came to; an earlier day changes no later one."""
    statement = insert(Activity).values(person_id=person_id, last_active_on=on, attended_count=attended)
    newest = func.greatest(Activity.last_active_on, statement.excluded.last_active_on)
    counted = Activity.attended_count + statement.excluded.attended_count
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id"], set_={"last_active_on": newest, "attended_count": counted}
        )
    )
