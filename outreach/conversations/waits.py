"""When a waiting conversation goes on by itself: pure."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from outreach.conversations.effects import TimerSpec
from outreach.conversations.facts import Facts
from outreach.conversations.flow import Anchor, Flow, Moment, Step

EXPIRED = "expired"
SILENCE = "silence"

# When that happened, or will, which moments are counted from; what did not happen has no entry.
Anchors = Mapping[Anchor, datetime]


def waits_at(  # noqa: PLR0913, PLR0917 - one wait has these parts
    flow: Flow, step: Step, rung: int | None, facts: Facts, anchors: Anchors, now: datetime
) -> tuple[TimerSpec, ...]:
    """Return the timers of a wait: the next rung of silence, if any, and the conversation's own end."""
    over = TimerSpec(EXPIRED, max(now, facts.started_at + flow.expires))
    moments = moments_of(step)
    if rung is None or rung >= len(moments):
        return (over,)
    return (TimerSpec(f"{SILENCE}:{rung}", moment_due(moments[rung], anchors, facts.zone, now)), over)


def moments_of(step: Step) -> tuple[Moment, ...]:
    """Return the moments at which a step goes on by itself: those of its ladder, or the end of its wait."""
    return (step.wait,) if step.wait is not None else tuple(rung.moment for rung in step.silence)


def moment_due(moment: Moment, anchors: Anchors, zone: str, now: datetime) -> datetime:
    """Return when a moment is due, never before now.

    So long from what it counts from, then at its time of day in the person's zone, then within its hours. What never
    happened is counted from now.
    """
    counted = anchors.get(moment.anchor) if moment.anchor is not None else None
    due = counted_from(replace(moment, between=None), counted or now, zone)
    if counted is None and due <= now:
        due += timedelta(days=1)
    return _within(max(due, now), moment.between, ZoneInfo(zone))


def counted_from(moment: Moment, at: datetime, zone: str) -> datetime:
    """Return when a moment is that is counted from `at`, be it past or to come."""
    due, place = at + moment.offset, ZoneInfo(zone)
    if moment.at is not None:
        due = datetime.combine(due.astimezone(place).date(), moment.at, tzinfo=place)
    return _within(due, moment.between, place)


def _within(due: datetime, between: tuple[time, time] | None, place: ZoneInfo) -> datetime:
    if between is None:
        return due
    opens, closes = between
    here = due.astimezone(place)
    if opens <= here.time() <= closes:
        return due
    day = here.date() if here.time() < opens else here.date() + timedelta(days=1)
    return datetime.combine(day, opens, tzinfo=place)
