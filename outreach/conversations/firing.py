"""Firing timers that are due: each takes its conversation one turn further, if it is not stale."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from outreach.conversations.models import BOT, Conversation, ConversationState, Timer
from outreach.conversations.runner import Turn, end_conversation
from outreach.conversations.signals import Expired
from outreach.conversations.starting import follow_on
from outreach.conversations.timers import signal_of
from outreach.conversations.waits import EXPIRED
from outreach.database import ROW, transaction
from outreach.people.models import Person, PhoneNumber
from outreach.people.numbers import people_on
from outreach.queues import describe_error
from outreach.settings import Settings
from outreach.texting.models import Text

log = structlog.get_logger()

STOPPED = "stopped"
# A suspended conversation's clock stands still until the newer one has ended.
LOOK_AGAIN = timedelta(hours=1)


def fire_timer(settings: Settings, timer_id: int, now: datetime) -> None:
    """Fire one timer; harmless when it is stale, done, or fired twice. If its step raises, it is tried again later."""
    with transaction() as session:
        number = _lock_number_of(session, timer_id)
        timer = session.get(Timer, timer_id, with_for_update=ROW)
        if number is None or timer is None or timer.done_at is not None:
            return
        conversation = session.get_one(Conversation, timer.conversation_id, with_for_update=ROW)
        if conversation.state == ConversationState.SUSPENDED:
            timer.due_at = now + LOOK_AGAIN
            return
        try:
            with session.begin_nested():
                timer.done_at = now
                if conversation.state == ConversationState.LIVE and conversation.turn == timer.turn:
                    _take(session, settings, conversation, number, timer, now)
        except Exception as error:
            if isinstance(error, DBAPIError):
                raise
            # It must not stand in the way of the timers behind it.
            log.error("timer_failed", timer=timer_id, error=describe_error(error))  # noqa: TRY400 - its words may name somebody
            timer.due_at = now + LOOK_AGAIN


def _lock_number_of(session: Session, timer_id: int) -> PhoneNumber | None:
    """Lock the number first, as every turn does."""
    mine = (
        select(PhoneNumber)
        .join(Conversation, Conversation.number_id == PhoneNumber.id)
        .join(Timer, Timer.conversation_id == Conversation.id)
        .where(Timer.id == timer_id)
    )
    return session.scalar(mine.with_for_update(key_share=True, of=PhoneNumber))


def _take(  # noqa: PLR0913, PLR0917 - one turn has these parts
    session: Session, settings: Settings, conversation: Conversation, number: PhoneNumber, timer: Timer, now: datetime
) -> None:
    person = session.get(Person, conversation.person_id) if conversation.person_id else None
    if person is None or number.texts_opted_out_at is not None:
        end_conversation(session, conversation, STOPPED, now)
        return
    signal = signal_of(timer)
    if conversation.owner != BOT or number.automation_held_at is not None:
        if isinstance(signal, Expired):
            end_conversation(session, conversation, EXPIRED, now)
        return
    shared = len(people_on(session, number.id)) > 1
    gate = _gate_of(session, conversation)
    turn = Turn(session, settings, conversation, person, number, now, shared=shared, gate=gate)
    turn.take(signal)
    follow_on(turn)


def _gate_of(session: Session, conversation: Conversation) -> str | None:
    """Return the gate that this conversation's first text passed: nudges pass it too."""
    first = select(Text.gate).where(Text.conversation_id == conversation.id, Text.first_of_campaign)
    return session.scalar(first.limit(1))
