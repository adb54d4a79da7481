"""Timers: rows that tie a moment to a conversation's turn, so that a stale one does nothing."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ARRAY, DateTime, String, bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from outreach.conversations.effects import TimerSpec
from outreach.conversations.models import Conversation, Timer
from outreach.conversations.signals import Expired, Signal, Silence
from outreach.conversations.waits import EXPIRED

FIRE = "outreach.conversations.jobs.fire_timers"

# Built once, and one statement for both, for every turn ends with this.
_TIMERS = Timer.__table__.c
_OVER = (
    update(Timer.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .where(_TIMERS.conversation_id == bindparam("of"), _TIMERS.done_at.is_(None))
    .values(done_at=_TIMERS.due_at)
    .cte("over")
)
_NEW = (
    func.unnest(bindparam("names", type_=ARRAY(String)), bindparam("dues", type_=ARRAY(DateTime(timezone=True))))
    .table_valued("name", "due_at")
    .render_derived()
)
_REPLACE = (
    insert(Timer.__table__)  # type: ignore[arg-type] # as above
    .from_select(
        ["conversation_id", "turn", "name", "due_at"],
        select(
            bindparam("of", type_=_TIMERS.conversation_id.type),
            bindparam("in_turn", type_=_TIMERS.turn.type),
            _NEW.c.name,
            _NEW.c.due_at,
        ),
    )
    .add_cte(_OVER)
)


def replace_timers(session: Session, conversation_id: int, turn: int, timers: Sequence[TimerSpec]) -> None:
    """Replace a conversation's timers by those of its present turn."""
    session.execute(
        _REPLACE,
        {
            "of": conversation_id,
            "in_turn": turn,
            "names": [timer.name for timer in timers],
            "dues": [timer.due_at for timer in timers],
        },
    )


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
