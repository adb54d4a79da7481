"""Numbers rest when nobody has confirmed for a year whose they are: a third of a list decays in one."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.conversations.gaps import NotStartedError
from outreach.people.models import ListEntry, ListImport, Person, PhoneNumber

RESTS_AFTER = timedelta(days=365)
UNVERIFIED = "unverified"


def check_verified(session: Session, person: Person, number: PhoneNumber, now: datetime) -> None:
    """Raise NotStartedError when within a year they neither agreed nor wrote, and no list named them."""
    known = [at for at in (number.consented_at, number.last_inbound_at) if at is not None]
    if known and max(known) > now - RESTS_AFTER:
        return
    listed = (
        select(func.max(ListImport.started_at))
        .join(ListEntry, ListEntry.last_import_id == ListImport.id)
        .where(ListEntry.person_id == person.id, ListImport.undone_at.is_(None))
    )
    listed_at = session.scalar(listed)
    if listed_at is None or listed_at <= now - RESTS_AFTER:
        raise NotStartedError(UNVERIFIED)
