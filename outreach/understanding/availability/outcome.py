from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from datetime import date

from outreach.understanding.availability import cells
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.grammar import Statement
from outreach.understanding.reading import CELLS, DAYS, PARTS, Availability

WORKDAYS = frozenset(DAYS[:5])
NOTHING = Availability()


def availability_of(statement: Statement) -> Availability | None:
    """Give what the statement says as weekly cells, windows and dates; None when it says nothing."""
    weekly = [group for group in statement.groups if not group.dates and not group.ambiguous]
    _fill_rests(weekly)
    _give_hours_to_preferred(weekly)
    _give_workdays(statement, weekly)
    can = [group for group in weekly if group.sign > 0]
    can = [group for group in can if not group.weak] or can
    if (statement.bounds.not_before or statement.bounds.not_after) and all(_is_any_time(group) for group in can):
        can = []
    cannot = [group for group in weekly if group.sign < 0 and (group.days or not group.whole)]
    cannot = [group for group in cannot if not (group.weak and (can or len(cannot) > 1))]
    available, optional = _gather(can)
    taken, partly = _gather(cannot)
    taken -= _kept(can, cannot)
    if statement.excepted and not can:
        available = set(CELLS)
    optional |= partly | _gather([group for group in weekly if group.sign == 0])[0] | _friday_evenings(can)
    if statement.only_days and can and not statement.bounds.freq and all(group.days for group in can):
        named = {day for group in can for day in group.days}
        taken |= cells.cross(tuple([day for day in DAYS if day not in named]), PARTS)
    dated = [group for group in statement.groups if group.dates and group.sign >= 0 and not group.ambiguous]
    dated = [group for place, group in enumerate(dated) if not _is_narrowed(group, dated[place + 1 :])]
    first = _iso(statement.bounds.not_before)
    if first and not statement.bounds.not_after and any(min(group.dates) >= first for group in dated):
        first = None
    found = Availability(
        available=cells.in_order(available - taken),
        unavailable=cells.in_order(taken),
        optional=cells.in_order(optional - taken),
        windows=tuple(cells.window_of(group, cells.parts_of(group)[0]) for group in can),
        not_before=first,
        not_after=_iso(statement.bounds.not_after),
        dates=tuple(dict.fromkeys(cells.date_of(group, day) for group in dated for day in group.dates)),
        prefer=cells.in_order(_preferred(can)),
        freq=statement.bounds.freq,
    )
    return found if found != NOTHING else None


def _is_narrowed(group: Group, later: Sequence[Group]) -> bool:
    """Tell whether some of a group's days are named again: "this weekend ok? like sunday"."""
    return any({*other.dates} < {*group.dates} for other in later)


def _is_any_time(group: Group) -> bool:
    """Tell whether a group narrows nothing: "anytime from april 12 on" says when it begins, not at which hours."""
    return group.days in {(), DAYS} and not (group.parts or group.timed or group.rest)


def _give_workdays(statement: Statement, groups: Sequence[Group]) -> None:
    """Give "mornings, when the kids are in school" the days of school, unless others are named."""
    can = [group for group in groups if group.sign > 0]
    if statement.bounds.of_workdays and not any(group.names_days for group in can):
        for group in can:
            group.days = () if group.whole else DAYS[:5]


def _fill_rests(groups: Sequence[Group]) -> None:
    """Give "the other days" and "everything else" the days that they leave over."""
    others = [group for group in groups if not group.rest]
    if any(group.rest and group.sign > 0 for group in groups) and not any(group.sign < 0 for group in others):
        for group in others:
            group.sign = -1 if group.told else group.sign
    named = {day for group in others for day in group.days}
    for group in (group for group in groups if group.rest):
        week = DAYS[:5] if group.rest == "workdays" else DAYS
        group.days = tuple(day for day in week if day not in named)
        whole_cells = group.rest == "cells" and group.sign > 0 and not (group.parts or group.timed)
        group.days = DAYS if whole_cells or not group.days else group.days


def _give_hours_to_preferred(groups: Sequence[Group]) -> None:
    """Give "any weeknight, wednesday best" the evening for the Wednesday too."""
    for place, group in enumerate(groups):
        if not group.preferred or group.names_hours:
            continue
        wider = [g for g in groups[:place] if g.sign > 0 and g.names_hours and set(group.days) <= set(g.days or DAYS)]
        for other in wider[-1:]:
            group.parts, group.start, group.end = other.parts, other.start, other.end


def _kept(can: Iterable[Group], cannot: Sequence[Group]) -> set[str]:
    """Give the cells of what is allowed within a wider no: "can't do weekdays, only fridays", "work 9-5, free weekends"."""
    denied = [_cells_of(group)[0] for group in cannot]
    kept: set[str] = set()
    at_work = any(group.taken and not group.days for group in cannot)
    for group in can:
        allowed = _cells_of(group)[0]
        narrower = any(allowed < wider or (group.timed and allowed == wider) for wider in denied)
        if narrower or (at_work and (group.names_hours or group.days not in {(), DAYS})):
            kept |= allowed
    return kept


def _preferred(can: Iterable[Group]) -> set[str]:
    return _gather([group for group in can if group.preferred])[0]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _cells_of(group: Group) -> tuple[AbstractSet[str], AbstractSet[str]]:
    covered, touched = cells.parts_of(group)
    days = group.days or DAYS
    return cells.cross(days, tuple(covered)), cells.cross(days, tuple(touched))


def _gather(groups: Iterable[Group]) -> tuple[set[str], set[str]]:
    covered: set[str] = set()
    touched: set[str] = set()
    for group in groups:
        sure, part = _cells_of(group)
        covered |= sure
        touched |= part
    return covered, touched - covered


def _friday_evenings(groups: Iterable[Group]) -> set[str]:
    """Friday evening hangs in the balance when someone says "weeknights"."""
    weeknights = any(set(g.days) == WORKDAYS and cells.parts_of(g)[0] == ["evening"] for g in groups)
    return {"fri_evening"} if weeknights else set()
