"""Timers: rows that tie a moment to a conversation's turn, so that a stale one does nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from outreach.conversations.effects import TimerSpec
from outreach.conversations.models import Conversation, Timer
from outreach.conversations.signals import Expired, Signal, Silence
from outreach.conversations.waits import EXPIRED

FIRE = "outreach.conversations.jobs.fire_timers"


def set_timers(session: Session, conversation: Conversation, timers: Sequence[TimerSpec]) -> None:
    """Replace a conversation's timers by those of its present turn."""
    drop_timers(session, conversation)
    rows = [
        {"conversation_id": conversation.id, "turn": conversation.turn, "name": timer.name, "due_at": timer.due_at}
        for timer in timers
    ]
    if rows:
        session.execute(insert(Timer), rows)


def drop_timers(session: Session, conversation: Conversation) -> None:
    """Take back whatever a conversation still waits for."""
    session.execute(
        update(Timer)
        .where(Timer.conversation_id == conversation.id, Timer.done_at.is_(None))
        .values(done_at=Timer.due_at)
    )


def due_timer_ids(session: Session, now: datetime, limit: int) -> list[int]:
    """Return timers that are due, the earliest first."""
    due = select(Timer.id).where(Timer.done_at.is_(None), Timer.due_at <= now)
    return list(session.scalars(due.order_by(Timer.due_at).limit(limit)))


def signal_of(timer: Timer) -> Signal:
    """Return the signal that a timer stands for."""
    if timer.name == EXPIRED:
        return Expired()
    return Silence(int(timer.name.rpartition(":")[2]))
