"""Ringing somebody of ours for a sensitive text: who is on call, the next after 15 minutes, admins after 45."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, or_, select, update
from sqlalchemy.orm import Session

from outreach.conversations.duties import Ringable, phones_of_admins, whom_to_ring
from outreach.conversations.house import house_text
from outreach.conversations.keywords import exact_word
from outreach.conversations.models import CaseRing, SensitiveCase
from outreach.database import ROW, transaction
from outreach.people.models import PhoneNumber
from outreach.people.numbers import find_or_create_number
from outreach.settings import Settings
from outreach.texting.models import Kind as TextKind
from outreach.texting.outbox import Draft, put_in_outbox, sender_for
from outreach.understanding import Kind

RING = "outreach.conversations.jobs.ring_on_call"
# Until the next is called: from the first to the second, from the second to the admins, and then hourly.
NEXT_AFTER = (timedelta(minutes=15), timedelta(minutes=30))
AGAIN_AFTER = timedelta(hours=1)
RINGS_AT_MOST = 12
EVERYBODY_FROM = 3
PASS_WORDS = frozenset({"pass", "paso", "pase"})


def due_cases(now: datetime) -> Select[int]:
    """Select the cases for which somebody is to be rung now: nobody has opened them."""
    passed = exists().where(
        CaseRing.case_id == SensitiveCase.id,
        CaseRing.ring == SensitiveCase.rings,
        CaseRing.passed_at.is_not(None),
    )
    return select(SensitiveCase.id).where(
        SensitiveCase.ring_at.is_not(None), SensitiveCase.seen_at.is_(None), or_(SensitiveCase.ring_at <= now, passed)
    )


def cases_to_ring(session: Session, now: datetime, limit: int) -> list[int]:
    """Return the cases to ring for now, the longest waiting first."""
    return list(session.scalars(due_cases(now).order_by(SensitiveCase.ring_at).limit(limit)))


def ring(settings: Settings, case_id: int, now: datetime) -> None:
    """Ring whoever is next for a case; harmless when somebody has opened it, or it is not due."""
    with transaction() as session:
        case = session.scalar(due_cases(now).where(SensitiveCase.id == case_id).with_only_columns(SensitiveCase.id))
        if case is None:
            return
        locked = session.get_one(SensitiveCase, case_id, with_for_update=ROW, populate_existing=True)
        if locked.seen_at is not None or locked.ring_at is None:
            return
        _ring_next(session, settings, locked, now)


def _ring_next(session: Session, settings: Settings, case: SensitiveCase, now: datetime) -> None:
    roster = whom_to_ring(session, settings, case, now)
    case.rings += 1
    waits = NEXT_AFTER[case.rings - 1] if case.rings <= len(NEXT_AFTER) else AGAIN_AFTER
    case.ring_at = now + waits if case.rings < RINGS_AT_MOST else None
    for ringable in _next_of(session, case, roster):
        number = find_or_create_number(session, ringable.phone, now)
        sender_for(session, number, settings.senders)
        body = house_text("on_call", ringable.language, settings)
        # They agreed to be rung at any hour when they took the shift: it counts as an answer.
        draft = Draft(body=body, kind=TextKind.REPLY, answers_at=now, despite_hold=True, expires_at=case.ring_at)
        put_in_outbox(session, number, draft, now)
        session.add(CaseRing(case_id=case.id, number_id=number.id, ring=case.rings, at=now))


def _next_of(session: Session, case: SensitiveCase, roster: Sequence[Ringable]) -> Sequence[Ringable]:
    if case.rings >= EVERYBODY_FROM:
        if case.kind == Kind.HARASSMENT:
            return roster
        return list({each.phone: each for each in [*phones_of_admins(session), *roster]}.values())
    return roster[case.rings - 1 : case.rings] or roster[:1]


def pass_on(session: Session, number: PhoneNumber, body: str, now: datetime) -> bool:
    """Hand a call to the next person, at the word of whoever was rung; False for any other text."""
    if exact_word(body) not in PASS_WORDS:
        return False
    unseen = select(SensitiveCase.id).where(SensitiveCase.ring_at.is_not(None), SensitiveCase.seen_at.is_(None))
    passed = (
        update(CaseRing)
        .where(CaseRing.number_id == number.id, CaseRing.passed_at.is_(None), CaseRing.case_id.in_(unseen))
        .values(passed_at=now)
        .returning(CaseRing.id)
    )
    return bool(session.scalars(passed).all())
