"""Whose thread it is: taken over from the program and given back, assigned, put off."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act, record_restricted_act
from outreach.accounts.models import Role, User, UserRole
from outreach.conversations.models import BOT, Conversation, ConversationState, Timer
from outreach.conversations.sensitive import open_cases
from outreach.conversations.writing_down import cancel_nudges
from outreach.database import ROW
from outreach.people.models import PhoneNumber
from outreach.understanding import Kind

# A thread that somebody took over and forgot goes back to the program.
TAKEN_FOR = timedelta(days=3)
ANSWERS = (Role.ADMIN, Role.CAMPAIGN_ORGANIZER, Role.BRANCH_ORGANIZER)


def take_over(session: Session, number: PhoneNumber, by: str, now: datetime) -> None:
    """Make the program silent on a locked number until it is given back; its timers stand still meanwhile."""
    if number.taken_at is None:
        number.taken_at = now
        for conversation in _open_conversations(session, number):
            conversation.owner = by
            cancel_nudges(session, conversation.id, now)
            _move_timers(session, conversation, TAKEN_FOR)
    else:
        for conversation in _open_conversations(session, number):
            conversation.owner = by
    _own(number, by, now)
    _write_down(session, number, by, "thread taken over", now)


def give_back(session: Session, number: PhoneNumber, by: str, now: datetime) -> None:
    """Let the program go on where it stood: what a timer had left when it was stopped, it has left now."""
    if number.taken_at is None:
        return
    unspent = max(TAKEN_FOR - (now - number.taken_at), timedelta(0))
    number.taken_at = None
    for conversation in _open_conversations(session, number):
        conversation.owner = BOT
        _move_timers(session, conversation, -unspent)
    _write_down(session, number, by, "thread given back", now)


def assign(session: Session, number: PhoneNumber, to: str | None, by: str, now: datetime) -> None:
    """Say who looks after a thread; None: nobody in particular."""
    number.owner, number.owned_since = to, now if to else None
    _write_down(session, number, by, "thread assigned", now)


def put_off(session: Session, number: PhoneNumber, until: datetime, by: str, now: datetime) -> None:
    """Keep a thread out of the inbox until a moment, unless something urgent comes in."""
    number.snoozed_until = until
    _write_down(session, number, by, "thread put off", now)


def own_if_free(number: PhoneNumber, by: str, now: datetime) -> None:
    """Make whoever answers first the one who looks after a thread."""
    if number.owner is None:
        _own(number, by, now)


def forgotten_threads(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the numbers that were taken over and not given back in three days."""
    taken = select(PhoneNumber.id).where(PhoneNumber.taken_at <= now - TAKEN_FOR)
    return list(session.scalars(taken.order_by(PhoneNumber.taken_at).limit(limit)))


def give_back_forgotten(session: Session, now: datetime, limit: int = 100) -> int:
    """Give threads back that somebody took over and forgot; return how many."""
    ids = forgotten_threads(session, now, limit)
    for number_id in ids:
        number = session.get_one(PhoneNumber, number_id, with_for_update=ROW, populate_existing=True)
        give_back(session, number, "outreach", now)
    return len(ids)


def who_answers(session: Session) -> Sequence[str]:
    """Return the e-mails of everybody who may look after a thread."""
    mine = select(User.email).join(UserRole, UserRole.user_id == User.id)
    return session.scalars(mine.where(UserRole.name.in_(ANSWERS), User.active).distinct().order_by(User.email)).all()


def _own(number: PhoneNumber, by: str, now: datetime) -> None:
    number.owner, number.owned_since = by, now


def _open_conversations(session: Session, number: PhoneNumber) -> Sequence[Conversation]:
    mine = select(Conversation).where(
        Conversation.number_id == number.id, Conversation.state != ConversationState.ENDED
    )
    return session.scalars(mine.order_by(Conversation.id).with_for_update(key_share=True)).all()


def _move_timers(session: Session, conversation: Conversation, by: timedelta) -> None:
    session.execute(
        update(Timer)
        .where(Timer.conversation_id == conversation.id, Timer.done_at.is_(None))
        .values(due_at=Timer.due_at + by)
    )


def _write_down(session: Session, number: PhoneNumber, by: str, act: str, now: datetime) -> None:
    theirs = any(case.kind == Kind.HARASSMENT for case in open_cases(session, number.id))
    (record_restricted_act if theirs else record_act)(session, by, act, now, number=number.id)
