"""Reminding whoever hosts a session that its sign-in is still open: until it is closed nobody counts as missed."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.conversations.alerting import text_one_of_us
from outreach.conversations.duties import Ringable, duties_of, on_duty
from outreach.conversations.house import house_text
from outreach.conversations.models import DutyKind, OwnerAlert
from outreach.settings import Settings
from outreach.texting.claims import hours_of
from outreach.texting.hours import next_open
from outreach.trainings.attendance import open_sign_ins
from outreach.trainings.models import TrainingSession
from outreach.trainings.sessions import facts_of

# People say goodbye first; what nobody closed for a day stands among the tasks as overdue.
AFTER = timedelta(minutes=30)
FOR = timedelta(days=1)


def remind_of_open_sheets(session: Session, settings: Settings, now: datetime) -> int:
    """Text the host of each session that is over and open, once and within text hours; without one, who is on duty."""
    if next_open(now, hours_of(settings).at(settings.org_timezone)) != now:
        return 0
    return sum(_remind(session, settings, gathering, now) for gathering in _just_over(session, now))


def _just_over(session: Session, now: datetime) -> list[TrainingSession]:
    found = (session.get_one(TrainingSession, session_id) for session_id in open_sign_ins(session, now - AFTER))
    return [gathering for gathering in found if gathering.starts_at > now - FOR]


def _remind(session: Session, settings: Settings, gathering: TrainingSession, now: datetime) -> int:
    ringable = _whom(session, settings, gathering, now)
    if ringable is None or not ringable.phone:
        return 0
    told = insert(OwnerAlert).values(email=ringable.email or "", session_id=gathering.id, at=now)
    if session.scalar(told.on_conflict_do_nothing().returning(OwnerAlert.id)) is None:
        return 0
    facts = facts_of(gathering)
    label = facts.label_es if ringable.language == "es" else facts.label_en
    text_one_of_us(
        session, settings, ringable, house_text("sign_in_open", ringable.language, settings, session=label), now
    )
    return 1


def _whom(session: Session, settings: Settings, gathering: TrainingSession, now: datetime) -> Ringable | None:
    """Return the phone of the host, whatever their duty; of a session without a host that of who is on duty."""
    if gathering.host is None:
        told = select(OwnerAlert.id).where(OwnerAlert.session_id == gathering.id)
        crew = on_duty(session, DutyKind.REPLIES, now, settings.zone)
        return crew[0] if crew and session.scalar(told.limit(1)) is None else None
    phones = (
        Ringable(duty.phone, duty.language, email)
        for kind in DutyKind
        for duty, email in duties_of(session, kind)
        if email == gathering.host
    )
    return next(phones, None)
