"""How fast each sender may send: a token bucket in segments, one row per sender."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.texting.models import SenderPace

# A claim takes at most so much of the pace, so that pause, stop and opt-out stay close behind.
CLAIM_SECONDS = 2.0


def lock_paces(session: Session, senders: Sequence[str], rate: float, now: datetime) -> dict[str, SenderPace]:
    """Lock and refill the bucket of each sender, and return those that may send now, by sender."""
    full = max(1.0, rate)
    for sender in senders:
        fresh = insert(SenderPace).values(sender=sender, tokens=full, refilled_at=now)
        session.execute(fresh.on_conflict_do_nothing())
    rows = session.scalars(
        select(SenderPace)
        .where(SenderPace.sender.in_(senders))
        .order_by(SenderPace.sender)
        .with_for_update(key_share=True)
    ).all()
    for row in rows:
        elapsed = max(0.0, (now - row.refilled_at).total_seconds())
        row.tokens = min(max(1.0, rate * CLAIM_SECONDS), row.tokens + elapsed * rate)
        row.refilled_at = now
    return {row.sender: row for row in rows if row.tokens >= 1 and not _is_slowed(row, now)}


def _is_slowed(row: SenderPace, now: datetime) -> bool:
    return row.slow_until is not None and row.slow_until > now


def seconds_until_ready(session: Session, senders: Sequence[str], rate: float, now: datetime) -> dict[str, float]:
    """Return how long until each of the senders may send again, in seconds, by sender."""
    rows = session.scalars(select(SenderPace).where(SenderPace.sender.in_(senders))).all()
    return dict.fromkeys(senders, 0.0) | {row.sender: _wait(row, rate, now) for row in rows}


def _wait(row: SenderPace, rate: float, now: datetime) -> float:
    slowed = (row.slow_until - now).total_seconds() if row.slow_until else 0.0
    return max(0.0, slowed, (1 - row.tokens) / rate - (now - row.refilled_at).total_seconds())


def slow_down(session: Session, sender: str, length: timedelta, now: datetime) -> None:
    """Let a sender rest for a while; a longer rest already set stays."""
    _lock_all(session)
    session.execute(
        update(SenderPace)
        .where(SenderPace.sender == sender, (SenderPace.slow_until.is_(None)) | (SenderPace.slow_until < now + length))
        .values(slow_until=now + length)
    )


def _lock_all(session: Session) -> None:
    """Lock every sender's row in the order in which a claim does: one transaction may slow several, in any order."""
    session.execute(select(SenderPace.sender).order_by(SenderPace.sender).with_for_update(key_share=True))


def rest_campaigns(session: Session, until: datetime) -> None:
    """Let no sender send for campaigns until then; answers go on. A longer rest already set stays."""
    _lock_all(session)
    resting = SenderPace.campaigns_rest_until
    session.execute(update(SenderPace).where(resting.is_(None) | (resting < until)).values(campaigns_rest_until=until))


def campaigns_rest(session: Session, now: datetime) -> datetime | None:
    """Return until when a sender does not send for campaigns; None when all do."""
    return session.scalar(
        select(func.max(SenderPace.campaigns_rest_until)).where(SenderPace.campaigns_rest_until > now)
    )
