"""What a month's texts cost, and the budget at which sending stops (MONTHLY_BUDGET)."""

from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.settings import Settings
from outreach.texting.models import Direction, MonthSpend, Text


def month_of(settings: Settings, now: datetime) -> date:
    """Return the first day of the chapter's present month."""
    return now.astimezone(settings.zone).date().replace(day=1)


def spent(session: Session, settings: Settings, now: datetime) -> int:
    """Return what this month came to so far, in millionths of a dollar."""
    both = select(MonthSpend.out + MonthSpend.incoming).where(MonthSpend.month == month_of(settings, now))
    return session.scalar(both) or 0


def segments_left(session: Session, settings: Settings, now: datetime) -> int | None:
    """Return how many segments the month's budget still pays for; None without a budget."""
    budget = settings.monthly_budget_millionths
    if budget is None:
        return None
    left = max(0, budget - spent(session, settings, now))
    return left // settings.segment_out_millionths if settings.segment_out_millionths else None


def note_spent(session: Session, settings: Settings, segments: int, now: datetime) -> None:
    """Count outgoing segments; a negative number takes back those that did not leave after all."""
    if segments == 0:
        return
    cost = segments * settings.segment_out_millionths
    row = insert(MonthSpend).values(month=month_of(settings, now), out=cost, incoming=0, counted_to=0)
    session.execute(row.on_conflict_do_update(index_elements=[MonthSpend.month], set_={"out": MonthSpend.out + cost}))


def count_incoming(session: Session, settings: Settings, now: datetime) -> None:
    """Count what came in since the last look, at the price of incoming segments."""
    month = month_of(settings, now)
    note = insert(MonthSpend).values(month=month, out=0, incoming=0, counted_to=0).on_conflict_do_nothing()
    session.execute(note)
    counted_to = session.scalar(select(func.max(MonthSpend.counted_to))) or 0
    newest = session.scalar(select(func.max(Text.id))) or 0
    segments = session.scalar(
        select(func.coalesce(func.sum(Text.segments), 0)).where(
            Text.id > counted_to, Text.id <= newest, Text.direction == Direction.IN
        )
    )
    session.execute(
        update(MonthSpend)
        .where(MonthSpend.month == month)
        .values(incoming=MonthSpend.incoming + (segments or 0) * settings.segment_in_millionths, counted_to=newest)
    )
