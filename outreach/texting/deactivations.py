"""Twilio's daily list of numbers that US carriers have taken back: who holds one next has agreed to nothing."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

import requests
import structlog
from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach.database import transaction
from outreach.people.models import NumberStatus, PhoneNumber
from outreach.people.numbers import lock_numbers
from outreach.settings import Settings
from outreach.texting.models import Heartbeat, TextStatus
from outreach.texting.outbox import cancel_queued
from outreach.texting.twilio import UNREADABLE

log = structlog.get_logger()

REST = "outreach.texting.jobs.rest_deactivated"
LOOKED, TRIED = "deactivations", "deactivations tried"
TRY_AGAIN = timedelta(hours=1)
DAYS_BACK_AT_MOST = 7
FILE_SECONDS = 60
AT_ONCE = 5000
_NUMBER = re.compile(r"\+?1?([2-9]\d{9})")


def is_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Tell whether a day's list is still to be read. The sandbox has none."""
    if not settings.real_twilio:
        return False
    looked, tried = (session.scalar(select(Heartbeat.at).where(Heartbeat.name == name)) for name in (LOOKED, TRIED))
    return bool(_days(looked, now)) and (tried is None or now - tried >= TRY_AGAIN)


def _days(looked: datetime | None, now: datetime) -> list[date]:
    """Return the days whose lists are still to be read, the oldest first; a day's is whole once the day is over."""
    yesterday = now.astimezone(UTC).date() - timedelta(days=1)
    first = yesterday if looked is None else looked.astimezone(UTC).date()
    days = [yesterday - timedelta(days=back) for back in reversed(range(DAYS_BACK_AT_MOST))]
    return [day for day in days if day >= first]


def rest_deactivated(client: Client, now: datetime) -> int:
    """Let the numbers rest that carriers have taken back since the last look; return how many of ours there were."""
    with transaction() as session:
        looked = session.scalar(select(Heartbeat.at).where(Heartbeat.name == LOOKED))
        _note(session, TRIED, now)
    rested = 0
    for day in _days(looked, now):
        try:
            numbers = _fetch(client, day)
        except UNREADABLE as error:
            log.warning("deactivations_put_off", error=type(error).__name__)
            return rested
        with transaction() as session:
            rested += rest_numbers(session, numbers, now)
            _note(session, LOOKED, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1))
    return rested


def _fetch(client: Client, day: date) -> list[str]:
    """Return one day's list in E.164: Twilio answers with an address that is good for two minutes."""
    address = client.messaging.v1.deactivations().fetch(date=day).redirect_to
    answer = requests.get(str(address), timeout=FILE_SECONDS)
    answer.raise_for_status()
    return read_list(answer.text.splitlines())


def read_list(lines: Iterable[str]) -> list[str]:
    """Return the numbers of a list, a line each, in E.164; other lines are passed over."""
    return [f"+1{found.group(1)}" for line in lines if (found := _NUMBER.fullmatch(line.strip().strip('"')))]


def rest_numbers(session: Session, numbers: Sequence[str], now: datetime) -> int:
    """Let those of the numbers that are ours be neither texted nor called; return how many there were."""
    rested = list[int]()
    for start in range(0, len(numbers), AT_ONCE):
        listed = PhoneNumber.phone.in_(numbers[start : start + AT_ONCE])
        ours = select(PhoneNumber.id).where(listed, PhoneNumber.status == NumberStatus.OK)
        rested += session.scalars(ours).all()
    lock_numbers(session, rested)
    gone = update(PhoneNumber).where(PhoneNumber.id.in_(rested))
    session.execute(gone.values(status=NumberStatus.INVALID, consented_at=None))
    cancel_queued(session, rested, TextStatus.SUPPRESSED, now)
    log.info("numbers_deactivated", count=len(rested))
    return len(rested)


def _note(session: Session, name: str, at: datetime) -> None:
    row = insert(Heartbeat).values(name=name, at=at)
    session.execute(row.on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": at}))
