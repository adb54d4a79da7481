"""Timers: rows that tie a moment to a conversation's turn, so that a stale one does nothing."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Timer
from outreach.conversations.signals import Expired, Signal, Silence
from outreach.conversations.waits import EXPIRED

FIRE = "outreach.conversations.jobs.fire_timers"


def due_timer_ids(session: Session, now: datetime, limit: int) -> list[int]:
    """Return timers that are due, the earliest first."""
    due = select(Timer.id).where(Timer.done_at.is_(None), Timer.due_at <= now)
    return list(session.scalars(due.order_by(Timer.due_at).limit(limit)))


def signal_of(timer: Timer) -> Signal:
    """Return the signal that a timer stands for."""
    if timer.name == EXPIRED:
        return Expired()
    return Silence(int(timer.name.rpartition(":")[2]))
