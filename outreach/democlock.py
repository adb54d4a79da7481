"""The demo's clock: a row that moves the present, in the sandbox only. Processes look at it as they begin a thing."""

import time
from datetime import datetime, timedelta

from sqlalchemy import Interval, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from outreach import clock
from outreach.database import Base, transaction

ONE = 1
LONGEST_SKIP = timedelta(days=31)
LOOK_EVERY_SECONDS = 0.2
_looked_at = 0.0


class DemoClock(Base):
    """How far the demo's clock is ahead."""

    __tablename__ = "demo_clocks"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ahead: Mapped[timedelta] = mapped_column(Interval)


def skip(session: Session, seconds: int) -> datetime:
    """Move the demo's clock ahead, at most a month at a time, and return what it then shows."""
    more = min(max(timedelta(seconds=seconds), timedelta(0)), LONGEST_SKIP)
    row = insert(DemoClock).values(id=ONE, ahead=more)
    moved = row.on_conflict_do_update(index_elements=[DemoClock.id], set_={"ahead": DemoClock.ahead + more})
    clock.set_offset(session.execute(moved.returning(DemoClock.ahead)).scalar_one())
    return clock.now()


def refresh() -> None:
    """Set this process's clock by the row; looks a few times a second at most."""
    global _looked_at  # noqa: PLW0603 - a process has one clock
    if time.monotonic() - _looked_at < LOOK_EVERY_SECONDS:
        return
    _looked_at = time.monotonic()
    with transaction() as session:
        clock.set_offset(session.scalar(select(DemoClock.ahead)) or timedelta(0))
