from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from outreach.understanding.availability.atoms import NEGATIVE, SIGNS, AtomReader
from outreach.understanding.availability.binding import bind_hours, settled
from outreach.understanding.availability.bounds import Bounds
from outreach.understanding.availability.cells import Group, parts_of
from outreach.understanding.availability.dates import coming
from outreach.understanding.availability.lexer import Item
from outreach.understanding.availability.reasons import take_for_reason, weigh_reasons
from outreach.understanding.availability.signs import Clause, sign_groups
from outreach.understanding.reading import DAYS

BREAKS = frozenset({".", "?", "but", "so", "because", "except"})


@dataclass
class Statement:
    """All that a text says about when: signed groups, bounds, "only", "except"."""

    groups: list[Group] = field(default_factory=list)
    roster: bool = False
    bounds: Bounds = field(default_factory=Bounds)
    only_days: bool = False
    excepted: bool = False


def parse(items: Sequence[Item], today: date, invited: date | None = None) -> Statement:
    """Read the items of a text into a statement about when; ``invited``: the day of the session we invited to."""
    statement, previous, pending = Statement(), Clause("", []), ""
    for before, part in split_clauses(items):
        asked = part[-1:] == [Item("?")]
        reader = AtomReader(part, statement.bounds, today, earlier=previous.groups, invited=invited)
        reader.pending = "from" if before == "so" and pending == "after" else ""
        clause = Clause(before, bind_hours(reader.read()), asked)
        pending = reader.pending
        statement.roster = statement.roster or "roster" in clause.marks
        sign_groups(clause, previous.groups, roster=statement.roster)
        answer_or_turn(clause, previous)
        take_for_reason(clause, previous)
        inherit(clause, previous)
        _give_hours_to_dates(clause)
        statement.groups += clause.groups[1:] if completed(clause, previous) else clause.groups
        closed = "or_nothing" in clause.marks and not clause.groups and any(g.names_days for g in previous.groups)
        statement.only_days = statement.only_days or closed or _only_these_days(clause)
        statement.excepted = statement.excepted or (
            before == "except" and any(not group.dates and group.sign < 0 for group in clause.groups)
        )
        if before == "so" and any(group.sign > 0 for group in clause.groups):
            weigh_reasons(previous, clause)
        if clause.groups or before not in {"but", "except"}:
            previous = clause
    return statement


def split_clauses(items: Sequence[Item]) -> Iterator[tuple[str, list[Item]]]:
    """Split items at full stops, "but", "so", "because" and "except", each with what stood before it."""
    before, part = "", list[Item]()
    for place, item in enumerate(items):
        kind = item.kind
        if kind == "but" and _is_exception(part, items[place + 1 : place + 5]):
            kind = "except"
        if kind in BREAKS:
            if part:
                yield before, [*part, item] if kind == "?" else part
            before, part = kind, []
        else:
            part.append(item)
    yield before, part


def answer_or_turn(clause: Clause, previous: Clause) -> None:
    """Hear "fridays? hard pass" as a no to the days before, and what is excepted from a no as possible."""
    signs = [mark for mark in clause.marks if mark in SIGNS]
    refused = len(signs) == 1 and signs[0] in {"no", "bad"} and clause.elements[0] == signs[0]
    if not clause.groups and refused and (previous.asked or (clause.before == "so" and signs[0] == "bad")):
        for group in previous.groups:
            group.sign, group.marked = -1, True
    if clause.before == "except" and previous.groups and all(group.sign < 0 for group in previous.groups):
        for group in clause.groups:
            group.sign = 1


def _is_exception(part: Sequence[Item], following: Sequence[Item]) -> bool:
    """Tell whether "but" takes away: "any night but tuesday", "every day but the 4th"."""
    kinds = {item.kind for item in part}
    after = [item.kind for item in following if item.kind != "the"]
    if not part or kinds & NEGATIVE or not after or after[0] not in {"day", "date", "part"}:
        return False
    if kinds & {"whole", "every"} or any(item.kind == "day" and len(item.value) == len(DAYS) for item in part):
        return True
    plain = part[-1].kind not in SIGNS | {"word"}
    many = any(item.kind == "day" and len(item.value) > 1 for item in part)
    return plain and many and SIGNS.isdisjoint(after)


def inherit(clause: Clause, previous: Clause) -> None:
    """Give hours without days the days spoken of before: "saturdays, not mornings"; and an exception its hours."""
    base = previous.groups[-1] if previous.groups and clause.before in {"but", "except"} else None
    if clause.before == "so" and len({group.days for group in previous.groups}) == 1 and previous.groups[-1].days:
        base = previous.groups[-1]
    if clause.before in {".", "?"} and len({group.days for group in previous.groups}) == 1 and previous.groups[0].parts:
        base = previous.groups[0] if not any(group.weekly for group in clause.groups) else base
    for group in clause.groups:
        bare_hours = group.names_hours and not group.names_days
        if bare_hours and base is not None and base.days and _narrows(group, base):
            group.days = base.days
            group.sign = 0 if group.point and base.names_hours and "to_do" in clause.marks else group.sign
            settled(group)
        if clause.before == "except" and base is not None and group.days and not group.names_hours:
            group.parts = tuple(parts_of(base)[0])
        if group.names_days:
            base = group


def _give_hours_to_dates(clause: Clause) -> None:
    """Give the hours of "mar 22 or mar 29, both sundays at 3" to the dates, whose weekday is merely told."""
    for day in [group for group in clause.groups if group.days and group.names_hours]:
        for dated_group in clause.groups:
            weekdays = {DAYS[date.fromisoformat(found).weekday()] for found in dated_group.dates}
            if weekdays == {*day.days} and not dated_group.names_hours and day in clause.groups:
                dated_group.parts, dated_group.first, dated_group.last = day.parts, day.first, day.last
                dated_group.start, dated_group.end, dated_group.point = day.start, day.end, day.point
                clause.elements.remove(day)


def _narrows(group: Group, base: Group) -> bool:
    """Tell whether hours are said of the days before: they are denied, or answer a denial of other hours."""
    if base.sign < 0:
        return group.marked and (base.names_hours or group.sign < 0)
    return group.sign < 0


def completed(clause: Clause, previous: Clause) -> bool:
    """Add the hours of "mondays, but only after 6" or "saturdays. mornings" to the days before; tell whether it did.

    Other days may follow: "saturdays but only til 12, sundays not at all".
    """
    if clause.before not in {"but", ".", "?", "so"} or not clause.groups or not previous.groups:
        return False
    hours, days, others = clause.groups[0], previous.groups, clause.groups[1:]
    if others and (hours.names_days or clause.before != "but" or not all(group.names_days for group in others)):
        return False
    plain = not (set(clause.marks) | set(previous.marks)) - {"only", "?", "word", "i", ","}
    if clause.before in {".", "?"} and not plain:
        return False
    if hours.sign <= 0 or hours.whole or any(group.sign <= 0 for group in days):
        return False
    if hours.names_days:
        return clause.before == "." and _completed_backwards(hours, days)
    if not all(_leaves_open(group, hours, clause.before) for group in days):
        return False
    for group in days:
        group.parts = hours.parts or (() if group.first or group.last else group.parts)
        group.whole = False
        group.first, group.last, group.point = hours.first, hours.last, hours.point
        settled(group)
    return True


def _leaves_open(days: Group, hours: Group, joint: str) -> bool:
    """Tell whether hours said later are those of the days before: "weeknights, but after 7" bounds a part of day."""
    if joint == "so":
        return days.names_days and (hours.first is not None or hours.last is not None or not days.names_hours)
    if not days.names_hours or (joint == "but" and days.whole and not days.weak):
        return True
    return joint == "but" and bool(days.parts) and not (days.first or days.last or hours.parts)


def _completed_backwards(days: Group, hours: Sequence[Group]) -> bool:
    """Add the days of "before 8 only. mon-fri" to the hours before; tell whether it did."""
    if days.names_hours or not days.days or any(group.names_days for group in hours):
        return False
    for group in hours:
        group.days, group.weekly = days.days, True
        settled(group)
    return True


def _only_these_days(clause: Clause) -> bool:
    """Tell whether "only" is said of days: "only sundays", "weekends nomás"; not of hours: "sundays, only mornings"."""
    for place, element in enumerate(clause.elements):
        if element not in {"only", "or_nothing"}:
            continue
        following = next((e for e in clause.elements[place + 1 :] if isinstance(e, Group)), None)
        if following is None or element == "or_nothing":
            return bool(clause.groups) and clause.groups[-1].names_days
        if following.names_days:
            return True
    return False


def dated(statement: Statement, today: date) -> None:
    """Turn days said once, "thursday at 6", into the coming date."""
    for group in statement.groups if not statement.bounds.freq else ():
        if group.days and not group.weekly and not group.dates and group.sign > 0:
            group.dates = tuple(coming(today, day).isoformat() for day in group.days)
            group.days = ()
