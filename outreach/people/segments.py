"""Segments: groups of people by what they are to the chapter and when they were last active.

They partition the list, in the order of `PARTITION`: everybody is in exactly one. `everyone` is not part of it: all
who may be texted, members and contacts, but the lapsed. Unreachable people are in no other segment.
"""

import enum
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from outreach.people.models import UNREACHABLE, Belonging, Reach, Standing


class Segment(enum.StrEnum):
    """A group of people to address; the names are part of the command line."""

    EVERYONE = "everyone"
    UNREACHABLE = "unreachable"
    CONTACT = "contact"
    LAPSED = "lapsed"
    EXPIRED = "expired"
    NEW = "new"
    ACTIVE = "active"
    COOLING = "cooling"
    INACTIVE = "inactive"
    NEVER_ACTIVE = "never_active"
    UNKNOWN_ACTIVITY = "unknown_activity"


PARTITION = tuple(segment for segment in Segment if segment is not Segment.EVERYONE)
SEGMENTS = tuple(segment for segment in Segment if segment is not Segment.UNREACHABLE)

SNOOZED = "snoozed"
SHARED_NUMBER = "shared_number"


@dataclass(frozen=True)
class SegmentLimits:
    """The days that set segments apart, and since when attendance is recorded (None: nobody knows)."""

    new_days: int = 90
    active_days: int = 90
    inactive_days: int = 180
    attendance_since: date | None = None


def group_of(limits: SegmentLimits, today: date) -> ColumnElement[str]:
    """Return the segment a standing would be in, were the person reachable, as an SQL expression."""
    new_since, active_since, cooling_since = (
        today - timedelta(days=days) for days in (limits.new_days, limits.active_days, limits.inactive_days)
    )
    return case(
        (Standing.belonging == Belonging.CONTACT, Segment.CONTACT),
        (Standing.belonging == Belonging.LAPSED, Segment.LAPSED),
        (Standing.belonging == Belonging.EXPIRED, Segment.EXPIRED),
        (Standing.joined_on >= new_since, Segment.NEW),
        (Standing.last_active_on >= active_since, Segment.ACTIVE),
        (Standing.last_active_on >= cooling_since, Segment.COOLING),
        (Standing.last_active_on.is_not(None), Segment.INACTIVE),
        (_never_came(limits, today), Segment.NEVER_ACTIVE),
        else_=Segment.UNKNOWN_ACTIVITY,
    )


def _never_came(limits: SegmentLimits, today: date) -> ColumnElement[bool]:
    # "Never" may only be said of whom we would have seen: a member for long enough while attendance was recorded.
    since = limits.attendance_since
    seen_since = today - timedelta(days=limits.new_days)
    if since is None or since >= seen_since:
        return literal(value=False)
    return or_(Standing.joined_on.is_(None), Standing.joined_on < seen_since)


def segment_of(limits: SegmentLimits, today: date) -> ColumnElement[str]:
    """Return the one segment of the partition that a standing is in, as an SQL expression."""
    return case((Standing.reach.in_(UNREACHABLE), Segment.UNREACHABLE), else_=group_of(limits, today))


def _belongs(segment: Segment, limits: SegmentLimits, today: date) -> ColumnElement[bool]:
    if segment is Segment.EVERYONE:
        return Standing.belonging != Belonging.LAPSED
    return group_of(limits, today) == segment


def is_textable(today: date) -> ColumnElement[bool]:
    """Tell whether a standing is of somebody who may be texted today, as an SQL expression."""
    awake = or_(Standing.snoozed_until.is_(None), Standing.snoozed_until <= today)
    return and_(Standing.reach == Reach.TEXTABLE, awake)


def textable_people(segment: Segment, limits: SegmentLimits, today: date) -> Select[int, int]:
    """Return a select of (person_id, number_id): who of a segment can be texted, each number once.

    Where several of the segment share a number, the lowest person id stands for it. `today` is the chapter's day.
    """
    mine = select(Standing.person_id, Standing.number_id).where(_belongs(segment, limits, today), is_textable(today))
    alone = mine.where(Standing.shared.is_(False))
    together = (
        mine.where(Standing.shared.is_(True))
        .ext(distinct_on(Standing.number_id))
        .order_by(Standing.number_id, Standing.person_id)
        .subquery()
    )
    both = union_all(alone, select(together)).subquery("textable")
    return select(both.c.person_id, both.c.number_id)


def count_textable(session: Session, segment: Segment, limits: SegmentLimits, today: date) -> int:
    """Return how many texts a campaign to the segment would begin with."""
    statement = select(
        func.count().filter(Standing.shared.is_(False))
        + func.count(Standing.number_id.distinct()).filter(Standing.shared.is_(True))
    ).where(_belongs(segment, limits, today), is_textable(today))
    return session.scalars(statement).one()


def partition_counts(session: Session, limits: SegmentLimits, today: date) -> dict[Segment, int]:
    """Return how many people each segment of the partition holds; they sum to everybody we know."""
    place = segment_of(limits, today).label("segment")
    found = {Segment(name): count for name, count in session.execute(select(place, func.count()).group_by(place))}
    return {segment: found.get(segment, 0) for segment in PARTITION}


def why_left_out(session: Session, segment: Segment, limits: SegmentLimits, today: date) -> dict[str, int]:
    """Return how many people a campaign to the segment leaves out, by reason.

    Reasons are the names of `Reach`, `snoozed` and `shared_number` (somebody else on the number gets the text).
    """
    reason = case((and_(Standing.reach == Reach.TEXTABLE, ~is_textable(today)), SNOOZED), else_=Standing.reach)
    label = reason.label("reason")
    statement = select(label, func.count()).where(_belongs(segment, limits, today)).group_by(label)
    counts: dict[str, int] = {name: count for name, count in session.execute(statement)}  # noqa: C416 - rows are no pairs to mypy
    shared = counts.pop(Reach.TEXTABLE, 0) - count_textable(session, segment, limits, today)
    return {**counts, SHARED_NUMBER: shared} if shared else counts
