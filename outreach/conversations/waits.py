"""When a waiting conversation goes on by itself: pure."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from outreach.conversations.effects import TimerSpec
from outreach.conversations.facts import Facts
from outreach.conversations.flow import Flow, Rung, Step

EXPIRED = "expired"
SILENCE = "silence"


def waits_at(flow: Flow, step: Step, rung: int | None, facts: Facts, now: datetime) -> tuple[TimerSpec, ...]:
    """Return the timers of a wait: the next rung of silence, if any, and the conversation's own end."""
    over = TimerSpec(EXPIRED, max(now, facts.started_at + flow.expires))
    if rung is None or rung >= len(step.silence):
        return (over,)
    return (TimerSpec(f"{SILENCE}:{rung}", rung_due(step.silence[rung], facts.zone, now)), over)


def rung_due(rung: Rung, zone: str, now: datetime) -> datetime:
    """Return when a rung is due: so long from now, then at its time of day in the person's zone."""
    if rung.at is None:
        return now + rung.after
    place = ZoneInfo(zone)
    day = (now + rung.after).astimezone(place).date()
    due = datetime.combine(day, rung.at, tzinfo=place)
    return due if due > now else due + timedelta(days=1)
