from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from outreach.understanding.availability import cells
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.clauses import (
    NEGATIVE,
    POSITIVE,
    Bounds,
    Clause,
    ClauseReader,
    merged,
    split_clauses,
)
from outreach.understanding.availability.dates import coming
from outreach.understanding.availability.tokens import Item
from outreach.understanding.reading import CELLS, DAYS, Availability

WORKDAYS = frozenset(DAYS[:5])


@dataclass
class Statement:
    """All that a text says about when: signed groups, bounds, "everything else", "only"."""

    groups: list[Group] = field(default_factory=list)
    bounds: Bounds = field(default_factory=Bounds)
    rest: bool = False
    only: bool = False
    excepted: bool = False


def parse(items: Sequence[Item], today: date) -> Statement:
    """Read the items of a text into a statement about when."""
    statement, clauses = Statement(), list[Clause]()
    for before, part in split_clauses(items):
        clause = Clause(before)
        ClauseReader(part, clause, statement.bounds, today).read()
        clause.elements = merged(clause.elements)
        sign_groups(clause, clauses[-1] if clauses else None)
        if clauses and completed(clause, clauses[-1]):
            continue
        clauses.append(clause)
        statement.groups += clause.groups
        statement.rest = statement.rest or "rest" in clause.marks
        statement.only = statement.only or "only" in clause.marks
        statement.excepted = statement.excepted or (before == "except" and bool(clause.groups))
    return statement


def completed(clause: Clause, previous: Clause) -> bool:
    """Add the hours of "mondays, after 6" or the days of "after 6, mondays" to the clause before; tell whether it did."""
    elements = [element for element in clause.elements if element != "only"]
    fits = clause.before == "," or (clause.before == "but" and "only" in clause.marks)
    if not fits or len(elements) != 1 or not isinstance(elements[0], Group) or not previous.groups:
        return False
    added, last = elements[0], previous.groups[-1]
    if added.sign != last.sign or last.whole or added.whole:
        return False
    if _is_days_only(added) and not (last.days or last.dates):
        last.days = added.days
        return True
    hours = not (added.days or added.dates)
    bare = [group for group in previous.groups if group.days and not group.timed and not (group.parts and added.parts)]
    if not hours or last not in bare:
        return False
    for group in bare:
        group.parts, group.start, group.end, group.point = (
            group.parts or added.parts,
            added.start,
            added.end,
            added.point,
        )
    return True


def dated(statement: Statement, today: date) -> None:
    """Turn days said once, "thursday at 6", into the coming date."""
    for group in statement.groups:
        if group.days and not group.weekly and not group.dates and group.sign > 0:
            group.dates = tuple(coming(today, day).isoformat() for day in group.days)
            group.days = ()


def sign_groups(clause: Clause, previous: Clause | None) -> None:
    """Say of each group of a clause whether the person can, cannot, or perhaps can."""
    [mark for mark in clause.marks if mark not in {"only", "rest"}]
    if clause.before == "except":
        for group in clause.groups:
            group.sign, group.marked = -1, True
        _inherit_parts(clause, previous)
    elif not clause.marks and clause.before in {",", ""} and previous is not None and _denies_what_follows(previous):
        for group in clause.groups:
            group.sign, group.marked = -1, True
    elif _follows_its_groups(clause):
        _sign_backwards(clause)
    else:
        _sign_forwards(clause)


def _inherit_parts(clause: Clause, previous: Clause | None) -> None:
    base = previous.groups[-1] if previous is not None and previous.groups else None
    for group in clause.groups:
        if base is not None and group.days and not group.parts and not group.timed:
            group.parts, group.start, group.end = base.parts, base.start, base.end


def _denies_what_follows(clause: Clause) -> bool:
    elements = [element for element in clause.elements if element not in {"only", "rest"}]
    return len(elements) >= 2 and elements[0] in {"not", "busy"} and isinstance(elements[-1], Group)


def _follows_its_groups(clause: Clause) -> bool:
    """Tell whether marks stand behind what they speak of: "sundays no saturdays yes", "mornings are out"."""
    elements = [element for element in clause.elements if element not in {"only", "rest"}]
    return bool(elements) and isinstance(elements[0], Group) and isinstance(elements[-1], str)


def _value(mark: str, *, behind: bool) -> int:
    if mark in {"work", "dont_work"}:
        return 1 if behind == (mark == "work") else -1
    return -1 if mark in NEGATIVE else 0 if mark == "maybe" else 1


def _sign_backwards(clause: Clause) -> None:
    open_groups: list[Group] = []
    previous: Group | str = ""
    for element in clause.elements:
        if isinstance(element, Group):
            open_groups.append(element)
        elif element not in {"only", "rest"}:
            if isinstance(previous, str) and previous and not open_groups:
                continue
            for group in open_groups:
                group.sign, group.preferred, group.marked = _value(element, behind=True), element == "best", True
            open_groups = []
        previous = element


def _sign_forwards(clause: Clause) -> None:
    sign, preferred, marked, since = 1, False, False, list[Group]()
    before: Group | str | None = None
    for element in clause.elements:
        if isinstance(element, Group):
            element.sign, element.preferred, element.marked = sign, preferred, marked
            since.append(element)
        elif element == "bad" or (element in {"work", "dont_work"} and since):
            for group in since:
                group.sign, group.marked = _value(element, behind=True), True
            since = []
        elif element not in {"only", "rest"}:
            value = _value(element, behind=False)
            denied = before in {"not", "maybe"} and value > 0
            sign, preferred, marked, since = (sign if denied else value), element == "best", True, []
        before = element


def _cells_of(group: Group) -> tuple[set[str], set[str]]:
    covered, touched = cells.parts_of(group)
    days = group.days or DAYS
    return cells.cross(days, covered), cells.cross(days, touched)


def availability_of(statement: Statement) -> Availability | None:
    """Give what the statement says as weekly cells, windows and dates; None when it says nothing."""
    weekly = [group for group in statement.groups if not group.dates and not group.ambiguous]
    can = [group for group in weekly if group.sign > 0]
    cannot = [group for group in weekly if group.sign < 0]
    available, optional = _gather(can)
    taken, partly = _gather(cannot)
    perhaps = _gather([group for group in weekly if group.sign == 0])[0]
    if statement.rest or (statement.excepted and not can):
        available |= set(CELLS) - taken
    optional |= partly | perhaps | _friday_evenings(can)
    if (
        statement.only
        and can
        and not cannot
        and not statement.bounds.freq
        and all(_is_days_only(group) for group in can)
    ):
        taken = set(CELLS) - available
    taken -= available if not statement.excepted and not statement.rest else set()
    dated = [group for group in statement.groups if group.dates and group.sign >= 0 and not group.ambiguous]
    found = Availability(
        available=cells.in_order(available - taken),
        unavailable=cells.in_order(taken),
        optional=cells.in_order((optional - taken) & (set(CELLS))),
        windows=tuple(cells.window_of(group, cells.parts_of(group)[0]) for group in can),
        not_before=_iso(statement.bounds.not_before),
        not_after=_iso(statement.bounds.not_after),
        dates=tuple(cells.date_of(group, day) for group in dated for day in group.dates),
        prefer=cells.in_order(set().union(*(_cells_of(g)[0] for g in can if g.preferred))),
        freq=statement.bounds.freq,
    )
    return found if found != Availability() else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _gather(groups: Sequence[Group]) -> tuple[set[str], set[str]]:
    covered: set[str] = set()
    touched: set[str] = set()
    for group in groups:
        sure, part = _cells_of(group)
        covered |= sure
        touched |= part
    return covered, touched - covered


def _is_days_only(group: Group) -> bool:
    return bool(group.days) and not group.parts and not group.timed


def _friday_evenings(groups: Sequence[Group]) -> set[str]:
    """Friday evening hangs in the balance when someone says "weeknights"."""
    weeknights = any(set(g.days) == WORKDAYS and cells.parts_of(g)[0] == ["evening"] for g in groups)
    return {"fri_evening"} if weeknights else set()


__all__ = ["NEGATIVE", "POSITIVE", "Statement", "availability_of", "dated", "parse"]
