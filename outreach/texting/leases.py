"""Leases: one process at a time does a thing. They keep processes out of each other's way; safety rests on claims."""

from datetime import datetime, timedelta

from sqlalchemy import or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.texting.models import Lease


def take_lease(session: Session, name: str, holder: str, length: timedelta, now: datetime) -> bool:
    """Take or renew a lease; False while another holds it."""
    values = {"holder": holder, "expires_at": now + length}
    statement = insert(Lease).values(name=name, token=1, **values)
    taken = session.execute(
        statement.on_conflict_do_update(
            index_elements=[Lease.name],
            set_={**values, "token": Lease.token + 1},
            where=or_(Lease.expires_at < now, Lease.holder == holder),
        ).returning(Lease.token)
    )
    return taken.first() is not None


def give_back_lease(session: Session, name: str, holder: str, now: datetime) -> None:
    """End a lease that this holder has; harmless when it has not."""
    session.execute(update(Lease).where(Lease.name == name, Lease.holder == holder).values(expires_at=now))
