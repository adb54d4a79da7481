"""The gates that texts pass on their way out: stop-all, and one for each campaign."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.texting.models import Gate

ALL = "all"
# Who closes a gate without a person: an error code of Twilio's, and the guard that counts opt-outs.
BY_TWILIO, BY_GUARD = "twilio", "the guard"


def close_gate(session: Session, name: str, by: str, because: str, now: datetime) -> None:
    """Close a gate, so that nothing more leaves through it; who closed it first stays on record."""
    closed = {"closed_at": now, "closed_by": by, "because": because, "told_at": None}
    statement = insert(Gate).values(name=name, **closed)
    session.execute(
        statement.on_conflict_do_update(index_elements=[Gate.name], set_=closed, where=Gate.closed_at.is_(None))
    )


def open_gate(session: Session, name: str) -> None:
    """Open a gate again, or for the first time."""
    opened = {"closed_at": None, "closed_by": None, "because": None, "told_at": None}
    statement = insert(Gate).values(name=name, **opened)
    session.execute(statement.on_conflict_do_update(index_elements=[Gate.name], set_=opened))


def closed_gate(session: Session, name: str = ALL) -> Gate | None:
    """Return the gate if it is closed."""
    return session.scalar(select(Gate).where(Gate.name == name, Gate.closed_at.is_not(None)))
