"""Writing down where a conversation stands: its row, timers, nudges and answer in one statement, below the ORM.

The statements are built once: SQLAlchemy needs more time to build one than to run it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, DateTime, String, bindparam, func, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from outreach.conversations.effects import TimerSpec
from outreach.conversations.models import Conversation, ConversationState, Timer
from outreach.prepared import Prepared
from outreach.texting.models import Kind, Text, TextStatus
from outreach.texting.outbox import PUT

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
_OF = bindparam("of", type_=_ROW.id.type)
_OVER = (
    update(Timer.__table__)  # type: ignore[arg-type] # as above
    .where(_TIMERS.conversation_id == _OF, _TIMERS.done_at.is_(None))
    .values(done_at=_TIMERS.due_at)
    .cte("over")
)
_MINE = update(Conversation.__table__).where(_ROW.id == _OF)  # type: ignore[arg-type] # as above
_STANDS = {
    "turn": _IN_TURN,
    "step": bindparam("at_step", type_=_ROW.step.type),
    "memory": bindparam("remembering", type_=_ROW.memory.type),
    "answer": bindparam("answered", type_=_ROW.answer.type),
}
_ENDS = {
    "state": ConversationState.ENDED,
    "outcome": bindparam("ended_as", type_=_ROW.outcome.type),
    "ended_at": bindparam("at", type_=_ROW.ended_at.type),
}
_NEW = (
    func.unnest(bindparam("names", type_=ARRAY(String)), bindparam("dues", type_=ARRAY(DateTime(timezone=True))))
    .table_valued("name", "due_at")
    .render_derived()
)
# What this very turn says stays queued.
_OTHER_NUDGES = _CANCEL_NUDGES.where(_TEXTS.turn.is_distinct_from(_IN_TURN)).cte("nudges")
_SAID = PUT.cte("said")
_WAITS = (
    insert(Timer.__table__)  # type: ignore[arg-type] # as above
    .from_select(
        ["conversation_id", "turn", "name", "due_at"],
        select(_OF, _IN_TURN, _NEW.c.name, _NEW.c.due_at),
    )
    .add_cte(_MINE.values(_STANDS).cte("stood"), _OVER, _OTHER_NUDGES)
)
_OTHER = Conversation.__table__.alias("other").c
_IS_WAITED_FOR = (
    select(_OTHER.id)
    .where(_OTHER.number_id == bindparam("on", type_=_ROW.number_id.type))
    .where(_OTHER.state == ConversationState.SUSPENDED, _OTHER.id != _OF)
    .exists()
)
_STANDS_AND_ENDS = _MINE.values(_STANDS | _ENDS).returning(_IS_WAITED_FOR).add_cte(_OVER, _OTHER_NUDGES)
_END = Prepared(_MINE.values(_ENDS).returning(_IS_WAITED_FOR).add_cte(_OVER))
_WAIT, _WAIT_SAYING = Prepared(_WAITS), Prepared(_WAITS.add_cte(_SAID))
_STAND_AND_END, _STAND_AND_END_SAYING = Prepared(_STANDS_AND_ENDS), Prepared(_STANDS_AND_ENDS.add_cte(_SAID))


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a conversation stands after a turn, and what was last said in it: the values of its `PUT`, if anything."""

    turn: int
    step: str
    memory: dict[str, Any]
    answer: str | None
    said: Mapping[str, Any] = field(default_factory=dict)

    def values(self) -> dict[str, Any]:
        """Return what the statements need to know of it."""
        return {
            "in_turn": self.turn,
            "at_step": self.step,
            "remembering": self.memory,
            "answered": self.answer,
            **self.said,
        }


def write_wait(
    session: Session, conversation: Conversation, stand: Stand, timers: Sequence[TimerSpec], now: datetime
) -> None:
    """Write down where a conversation stands and the timers that it waits for now, in place of those it had.

    Nudges that it still has queued from earlier turns are taken back: this turn makes them pointless.
    """
    waits = {"names": [timer.name for timer in timers], "dues": [timer.due_at for timer in timers]}
    values = {"of": conversation.id, "at": now, **waits, **stand.values()}
    (_WAIT_SAYING if stand.said else _WAIT).run(session, values)
    _stand(conversation, stand)


def write_end(
    session: Session, conversation: Conversation, outcome: str, now: datetime, stand: Stand | None = None
) -> bool:
    """Write down that a conversation has ended, where it then stood, and take back whatever it still waited for.

    True: another one of this number is suspended.
    """
    statement = _END if stand is None else _STAND_AND_END_SAYING if stand.said else _STAND_AND_END
    ends = {"of": conversation.id, "on": conversation.number_id, "ended_as": outcome, "at": now}
    ((others_wait,),) = statement.rows(session, {**ends, **(stand.values() if stand else {})})
    for name, value in (("state", ConversationState.ENDED), ("outcome", outcome), ("ended_at", now)):
        set_committed_value(conversation, name, value)
    if stand is not None:
        _stand(conversation, stand)
    return bool(others_wait)


def _stand(conversation: Conversation, stand: Stand) -> None:
    for name in _STANDS:
        set_committed_value(conversation, name, getattr(stand, name))


def cancel_nudges(session: Session, conversation_id: int, now: datetime) -> None:
    """Take a conversation's queued nudges back: somebody has taken it over."""
    session.execute(_CANCEL_NUDGES, {"of": conversation_id, "at": now})
