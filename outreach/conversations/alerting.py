"""Telling whoever looks after a reply that it waits, without name or words; and passing on what nobody took."""

from datetime import datetime, time, timedelta

from sqlalchemy import Select, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.duties import Ringable, duties_of, is_on_duty, on_duty
from outreach.conversations.house import house_text
from outreach.conversations.inbox import comes_today, hosts_today
from outreach.conversations.models import DutyKind, OwnerAlert
from outreach.database import transaction
from outreach.people.models import PhoneNumber
from outreach.people.numbers import find_or_create_number
from outreach.settings import Settings
from outreach.texting.models import Kind, Text, TextStatus
from outreach.texting.outbox import Draft, put_in_outbox, sender_for
from outreach.understanding import Intent

ALERT = "outreach.conversations.jobs.alert_owners"
DIGEST_AT = time(17)
# A reply older than this is for the digest: nobody is rung for what was missed for hours.
AT_ONCE_WITHIN = timedelta(hours=1)
UNCLAIMED_FOR = timedelta(hours=24)
BY_PROGRAM = "outreach"


def pressing_texts(settings: Settings, now: datetime) -> Select[Text]:
    """Select texts of which somebody is told at once and has not been: “call me”, and today's sessions."""
    wants_call = or_(
        Text.reading["intent"].astext == Intent.CALLBACK, Text.reading["also"].contains([Intent.CALLBACK.value])
    )
    today = Text.number_id.in_(comes_today(now, settings.zone))
    told = exists().where(OwnerAlert.text_id == Text.id)
    return (
        select(Text)
        .where(Text.status == TextStatus.NEEDS_PERSON, Text.created_at > now - AT_ONCE_WITHIN)
        .where(Text.restricted.is_(False), or_(wants_call, today), ~told)
        .order_by(Text.id)
    )


def tell_at_once(settings: Settings, now: datetime, limit: int) -> int:
    """Text the owner, else who is on duty, of each pressing reply, and the host of a session today; once each."""
    with transaction() as session:
        texts = session.scalars(pressing_texts(settings, now).limit(limit)).all()
        for text in texts:
            owner = session.scalar(select(PhoneNumber.owner).where(PhoneNumber.id == text.number_id))
            told = [*_phones_of(session, settings, owner, now)[:1], *_greeters(session, settings, text, now)]
            for ringable in told or [Ringable("", email="")]:
                fresh = insert(OwnerAlert).values(email=ringable.email or "", text_id=text.id, at=now)
                newly = session.execute(fresh.on_conflict_do_nothing().returning(OwnerAlert.id)).first()
                if newly and ringable.phone:
                    text_one_of_us(
                        session, settings, ringable, house_text("waits_now", ringable.language, settings), now
                    )
    return len(texts)


def digest_is_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Tell whether somebody on duty is still to be told what waits today."""
    return now.astimezone(settings.zone).time() >= DIGEST_AT and bool(_untold(session, settings, now))


def tell_digest(settings: Settings, now: datetime) -> int:
    """Tell each of those on duty, once a day from five o'clock, how many replies wait for them; return how many."""
    local = now.astimezone(settings.zone)
    if local.time() < DIGEST_AT:
        return 0
    with transaction() as session:
        untold = _untold(session, settings, now)
        for ringable in untold:
            fresh = insert(OwnerAlert).values(email=ringable.email or "", on_day=local.date(), at=now)
            if not session.execute(fresh.on_conflict_do_nothing().returning(OwnerAlert.id)).first():
                continue
            count = _waiting_for(session, ringable.email or "", now)
            if count:
                body = house_text("waits_today", ringable.language, settings, count=str(count))
                text_one_of_us(session, settings, ringable, body, now)
    return len(untold)


def pass_on_unclaimed(session: Session, settings: Settings, now: datetime, limit: int = 100) -> int:
    """Give what nobody answered for a day to the next person on duty; return how many threads."""
    crew = [email for duty, email in duties_of(session, DutyKind.REPLIES) if is_on_duty(duty, now, settings.zone)]
    if not crew:
        return 0
    since = func.greatest(func.min(Text.created_at), func.coalesce(PhoneNumber.owned_since, func.min(Text.created_at)))
    stale = (
        select(PhoneNumber.id, PhoneNumber.owner)
        .join(Text, Text.number_id == PhoneNumber.id)
        .where(Text.status == TextStatus.NEEDS_PERSON, Text.restricted.is_(False), PhoneNumber.taken_at.is_(None))
        .where(or_(PhoneNumber.snoozed_until.is_(None), PhoneNumber.snoozed_until <= now))
        .group_by(PhoneNumber.id)
        .having(since < now - UNCLAIMED_FOR)
        .limit(limit)
    )
    rows = session.execute(stale).all()
    for number_id, owner in rows:
        heir = _next_after(owner, crew)
        session.execute(update(PhoneNumber).where(PhoneNumber.id == number_id).values(owner=heir, owned_since=now))
        record_act(session, BY_PROGRAM, "thread passed on", now, number=number_id)
    return len(rows)


def _next_after(owner: str | None, crew: list[str]) -> str:
    place = crew.index(owner) + 1 if owner in crew else 0
    return crew[place % len(crew)]


def _phones_of(session: Session, settings: Settings, owner: str | None, now: datetime) -> list[Ringable]:
    crew = [
        (Ringable(duty.phone, duty.language, email), is_on_duty(duty, now, settings.zone))
        for duty, email in duties_of(session, DutyKind.REPLIES)
    ]
    mine = [ringable for ringable, _ in crew if ringable.email == owner]
    return mine or [ringable for ringable, there in crew if there]


def _greeters(session: Session, settings: Settings, text: Text, now: datetime) -> list[Ringable]:
    """Return the phones of whoever hosts a session today that somebody on this number is expected at."""
    hosts = set(session.scalars(hosts_today(text.number_id, now, settings.zone)))
    found = {
        email: Ringable(duty.phone, duty.language, email)
        for kind in (DutyKind.ON_CALL, DutyKind.REPLIES)
        for duty, email in duties_of(session, kind)
        if email in hosts
    }
    return list(found.values())


def _untold(session: Session, settings: Settings, now: datetime) -> list[Ringable]:
    crew = on_duty(session, DutyKind.REPLIES, now, settings.zone)
    today = now.astimezone(settings.zone).date()
    told = set(session.scalars(select(OwnerAlert.email).where(OwnerAlert.on_day == today)))
    return [ringable for ringable in crew if ringable.email not in told]


def _waiting_for(session: Session, email: str, now: datetime) -> int:
    """Count the threads that wait for somebody: theirs, and those that are nobody's."""
    waiting = (
        select(func.count(Text.number_id.distinct()))
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .where(Text.status == TextStatus.NEEDS_PERSON, Text.restricted.is_(False))
        .where(or_(PhoneNumber.owner.is_(None), PhoneNumber.owner == email))
        .where(or_(PhoneNumber.snoozed_until.is_(None), PhoneNumber.snoozed_until <= now))
    )
    return session.scalar(waiting) or 0


def text_one_of_us(session: Session, settings: Settings, ringable: Ringable, body: str, now: datetime) -> None:
    """Text somebody of ours, who agreed to it when they put themselves on duty."""
    number = find_or_create_number(session, ringable.phone, now)
    sender_for(session, number, settings.senders)
    draft = Draft(body=body, kind=Kind.REPLY, answers_at=now, despite_hold=True, expires_at=now + UNCLAIMED_FOR)
    put_in_outbox(session, number, draft, now)


def alert_work(session: Session, settings: Settings, now: datetime, limit: int) -> int:
    """Count what somebody is to be told of now, up to a limit."""
    found = session.scalars(pressing_texts(settings, now).with_only_columns(Text.id).limit(limit)).all()
    return len(found) or int(digest_is_due(session, settings, now))
