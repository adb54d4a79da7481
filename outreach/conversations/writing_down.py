"""Writing down where a conversation stands: its row, its timers and its nudges in one statement, below the ORM.

The statements are built once: SQLAlchemy needs more time to build one than to run it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, DateTime, String, bindparam, func, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from outreach.conversations.effects import TimerSpec
from outreach.conversations.models import Conversation, ConversationState, Timer
from outreach.texting.models import Kind, Text, TextStatus

_ROW, _TIMERS, _TEXTS = Conversation.__table__.c, Timer.__table__.c, Text.__table__.c
_CANCEL_NUDGES = (
    update(Text.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .where(
        _TEXTS.conversation_id == bindparam("of", type_=_TEXTS.conversation_id.type),
        _TEXTS.status == TextStatus.QUEUED,
        _TEXTS.kind == Kind.BULK,
        _TEXTS.first_of_campaign.is_(False),
    )
    .values(status=TextStatus.CANCELED, final_at=bindparam("at", type_=_TEXTS.final_at.type))
)
_IN_TURN = bindparam("in_turn", type_=_ROW.turn.type)
_OVER = (
    update(Timer.__table__)  # type: ignore[arg-type] # as above
    .where(_TIMERS.conversation_id == bindparam("of", type_=_TIMERS.conversation_id.type), _TIMERS.done_at.is_(None))
    .values(done_at=_TIMERS.due_at)
    .cte("over")
)
_STOOD = (
    update(Conversation.__table__)  # type: ignore[arg-type] # as above
    .where(_ROW.id == bindparam("of", type_=_ROW.id.type))
    .values(
        turn=_IN_TURN,
        step=bindparam("at_step", type_=_ROW.step.type),
        memory=bindparam("remembering", type_=_ROW.memory.type),
        answer=bindparam("answered", type_=_ROW.answer.type),
    )
    .cte("stood")
)
_NEW = (
    func.unnest(bindparam("names", type_=ARRAY(String)), bindparam("dues", type_=ARRAY(DateTime(timezone=True))))
    .table_valued("name", "due_at")
    .render_derived()
)
_STAND = (
    insert(Timer.__table__)  # type: ignore[arg-type] # as above
    .from_select(
        ["conversation_id", "turn", "name", "due_at"],
        select(bindparam("of", type_=_TIMERS.conversation_id.type), _IN_TURN, _NEW.c.name, _NEW.c.due_at),
    )
    # What this very turn says stays queued.
    .add_cte(_STOOD, _OVER, _CANCEL_NUDGES.where(_TEXTS.turn.is_distinct_from(_IN_TURN)).cte("nudges"))
)
_END = (
    update(Conversation.__table__)  # type: ignore[arg-type] # as above
    .where(_ROW.id == bindparam("of", type_=_ROW.id.type))
    .values(
        state=ConversationState.ENDED,
        outcome=bindparam("ended_as", type_=_ROW.outcome.type),
        ended_at=bindparam("at", type_=_ROW.ended_at.type),
    )
    .add_cte(_OVER)
)


class Stand(NamedTuple):
    """Where a conversation stands after a turn."""

    turn: int
    step: str
    memory: dict[str, Any]
    answer: str | None


def write_stand(
    session: Session, conversation: Conversation, stand: Stand, timers: Sequence[TimerSpec], now: datetime
) -> None:
    """Write down where a conversation stands and the timers that it waits for now, in place of those it had.

    Nudges that it still has queued from earlier turns are taken back: this turn makes them pointless.
    """
    session.execute(
        _STAND,
        {
            "of": conversation.id,
            "in_turn": stand.turn,
            "at_step": stand.step,
            "remembering": stand.memory,
            "answered": stand.answer,
            "names": [timer.name for timer in timers],
            "dues": [timer.due_at for timer in timers],
            "at": now,
        },
    )
    for name, value in stand._asdict().items():
        set_committed_value(conversation, name, value)


def write_end(session: Session, conversation: Conversation, outcome: str, now: datetime) -> None:
    """Write down that a conversation has ended, and take back whatever it still waited for."""
    session.execute(_END, {"of": conversation.id, "ended_as": outcome, "at": now})
    for name, value in (("state", ConversationState.ENDED), ("outcome", outcome), ("ended_at", now)):
        set_committed_value(conversation, name, value)


def cancel_nudges(session: Session, conversation_id: int, now: datetime) -> None:
    """Take a conversation's queued nudges back: somebody has taken it over."""
    session.execute(_CANCEL_NUDGES, {"of": conversation_id, "at": now})
