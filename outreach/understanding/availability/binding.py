from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from outreach.understanding.availability.atoms import NEGATIVE, POSITIVE, Element
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.clocks import after_minutes, before_minutes, is_open_range, late, range_minutes
from outreach.understanding.reading import DAYS, PARTS

CLASSES = ({*DAYS[5:]}, {*DAYS[:5]}, {*DAYS})
"""Kinds of days that stand for themselves in a list: in "weekends or fridays after 5" the hours are the Fridays'."""
CLOSE, SOFT, LISTED, EITHER, APART = range(5)
"""How tightly two atoms stand together: side by side, over a comma or a yes, over "and", over "or", with a no between."""
_SPEAKS_FORWARD = frozenset(
    {
        "works",
        "i",
        "later",
        "not",
        "busy",
        "free",
        "good",
        "usually",
        "best",
        "only",
        "have",
        "word",
        "be",
        "to_do",
        "if",
    }
)
"""Marks that may stand between days and their hours: "los lunes no puedo en la tarde"."""


_UNSAID = frozenset({",", "and", "or", "word", "too"})
"""Marks that are dropped where they stand within a group."""
_SAYS_NOTHING = frozenset({"i", "only", "later", "word", "have", "be", "if"})


@dataclass
class _Run:
    """Atoms of one sort, days or hours, that share what they are bound to."""

    names_days: bool
    joint: int
    groups: list[Group] = field(default_factory=list)
    first: int = 0
    last: int = 0
    listed: bool = False


def bind_hours(elements: Sequence[Element]) -> list[Element]:
    """Put days and hours that belong together into one group, and drop the commas and conjunctions within."""
    runs = _runs(elements)
    spans = list(_spans(runs))
    bound: list[Element] = []
    at = 0
    for first, last, groups in spans:
        bound += [element for element in elements[at:first] if isinstance(element, str)]
        within = [mark for mark in _marks_within(elements, first, last) if mark not in _UNSAID]
        bound += ["good" if mark == "works" else mark for mark in within]
        bound += groups
        at = last + 1
    return bound + [element for element in elements[at:] if isinstance(element, str)]


def _marks_within(elements: Sequence[Element], first: int, last: int) -> Iterator[str]:
    """Give the marks between the atoms of a group; "only" right before hours, "sundays only mornings", is none of days."""
    for place in range(first, last + 1):
        mark, behind = elements[place], elements[place + 1] if place < last else ""
        if isinstance(mark, str) and not (mark == "only" and isinstance(behind, Group) and not behind.names_days):
            yield mark


def _polarity(elements: Sequence[Element], place: int) -> int:
    """Give what the comma-bounded piece around a place says: -1 when it denies, 1 when it allows, 0 when it is bare."""
    start = end = place
    while start > 0 and elements[start - 1] != ",":
        start -= 1
    while end < len(elements) and elements[end] != ",":
        end += 1
    marks = {element for element in elements[start:end] if isinstance(element, str)}
    busy = "to_do" in marks or {"have", "word"} <= marks or ({"be", "word"} <= marks and "if" not in marks)
    if marks & (NEGATIVE | {"maybe", "dont_work"}) or (busy and not marks & POSITIVE):
        return -1
    return 1 if marks & (POSITIVE | {"work", "works"}) else 0


def _is_best(elements: Sequence[Element], place: int) -> bool:
    """Tell whether the time at a place is called the best: "any evening, wednesday is best"."""
    behind = next((element for element in elements[place + 1 :] if isinstance(element, str)), "")
    return behind == "best" and all(
        isinstance(element, Group) for element in elements[place : elements.index("best", place)]
    )


def _joint(elements: Sequence[Element], left: int, right: int) -> int:
    """Tell how tightly the atoms at two places stand together."""
    between = {element for element in elements[left + 1 : right] if isinstance(element, str)}
    if elements[right - 1] == "too":
        between.add("and")
    marks = between - {"and", "or", ",", "too"}
    before, after = elements[left], elements[right]
    assert isinstance(before, Group)  # noqa: S101 - the places are those of groups
    assert isinstance(after, Group)  # noqa: S101 - the places are those of groups
    to_hours = before.names_days and not after.names_days
    same = before.names_days == after.names_days
    passable = (
        _SPEAKS_FORWARD
        if to_hours
        else _SAYS_NOTHING
        if before.names_days
        else _SAYS_NOTHING | {"free", "good", "works"}
    )
    if marks - passable or ("to_do" in marks and "," in between):
        return APART
    if before.last is not None and before.last == after.first:
        return APART
    if marks & NEGATIVE and between & {"and", "or", ","}:
        return APART
    if "and" in between and "only" in between and to_hours:
        return SOFT
    if between & {"and", "or"}:
        return EITHER if "or" in between else LISTED
    if "," in between and not before.names_days and after.days == DAYS[5:]:
        return APART
    if "," in between:
        one, other = _polarity(elements, left), _polarity(elements, right)
        if after.names_days and not before.names_days and _is_best(elements, right) and not _is_best(elements, left):
            return APART
        alike = bool(before.dates) == bool(after.dates) and before.weekly == after.weekly
        listed = {one, other} == {0, -1} and (
            (same and alike and before.names_days and "word" not in between and _verb_denies(elements, right))
            or (before.weak and one < 0)
        )
        agree = one == other or {one, other} == {0, 1} or listed
        return SOFT if agree else APART
    return SOFT if marks - {"only"} else CLOSE


def _verb_denies(elements: Sequence[Element], right: int) -> bool:
    """Tell whether what is denied around a comma may be a list: "mondays, tuesdays i work", not "mondays, tuesdays no"."""
    behind = next(
        (element for element in elements[right + 1 :] if isinstance(element, str) and element in NEGATIVE), ""
    )
    return behind not in {"no", "bad"}


def _runs(elements: Sequence[Element]) -> list[_Run]:
    runs: list[_Run] = []
    before = -1
    for place, atom in enumerate(elements):
        if not isinstance(atom, Group):
            continue
        joint = _joint(elements, before, place) if before >= 0 else APART
        run = runs[-1] if runs else None
        if (
            run is not None
            and run.names_days == atom.names_days
            and _continues(run, atom, joint, led=_is_led(runs, elements, place))
        ):
            _add(run, atom, joint)
            run.last = place
            run.listed = run.listed or joint >= LISTED
        else:
            runs.append(_Run(atom.names_days, joint, [atom], place, place))
        before = place
    return runs


def _is_led(runs: Sequence[_Run], elements: Sequence[Element], place: int) -> bool:
    """Tell whether what was said so far has its other half right before it, and what is at a place right behind it.

    Then they are two: "mornings mon and tue, evenings fri", "weekend mornings, late morning on sundays".
    """
    behind = elements[place + 1] if place + 1 < len(elements) else ""
    if runs and not runs[-1].names_days:
        bound = len(runs) > 1 and runs[-2].names_days and runs[-1].joint == CLOSE
        return bound and isinstance(behind, Group) and behind.names_days
    led = len(runs) > 1 and runs[-1].names_days and not runs[-2].names_days and runs[-1].joint == CLOSE
    return led and isinstance(behind, Group) and not behind.names_days


def _continues(run: _Run, atom: Group, joint: int, *, led: bool) -> bool:
    if joint == APART or (led and joint != CLOSE):
        return False
    if not run.names_days:
        return True
    if atom.names_hours or run.groups[-1].names_hours:
        return False
    of_a_class = {*run.groups[-1].days} in CLASSES and atom.days != run.groups[-1].days and joint != CLOSE
    return not of_a_class and not (run.listed and joint == SOFT) and not (atom.rest or run.groups[-1].rest)


def _add(run: _Run, atom: Group, joint: int) -> None:
    last = run.groups[-1]
    if run.names_days:
        _add_days(run, last, atom, joint)
    elif (merged := _intersection(last, atom, joint)) is not None:
        run.groups[-1] = merged
    else:
        run.groups.append(atom)


def _add_days(run: _Run, last: Group, atom: Group, joint: int) -> None:
    if joint == CLOSE and last.days and atom.dates:
        run.groups[-1] = atom
    elif joint == CLOSE and last.dates and atom.days:
        return
    elif last.dates and atom.dates:
        last.dates += tuple(day for day in atom.dates if day not in last.dates)
    elif last.days and atom.days:
        if joint == CLOSE and {*last.days} in CLASSES and {*atom.days} < {*last.days}:
            last.days = ()
        last.days += tuple(day for day in atom.days if day not in last.days)
        last.weekly = last.weekly or atom.weekly
    else:
        run.groups.append(atom)


def _intersection(one: Group, other: Group, joint: int) -> Group | None:
    """Give the hours that two atoms mean together: "evenings · before 9", "tarde · noche"; None for alternatives."""
    clocks = [group for group in (one, other) if group.first or group.last]
    weekly = one.weekly or other.weekly
    if len(clocks) == 0:
        if joint < LISTED and one.parts and {*other.parts} and {*other.parts} < {*one.parts}:
            return replace(one, parts=other.parts, weekly=weekly)
        if joint < LISTED and one.parts and {*one.parts} < {*other.parts}:
            return replace(one, weekly=weekly)
        if one.whole or other.whole:
            parts = one.parts or other.parts if joint < LISTED else ()
            return replace(one, parts=parts, whole=not parts, weekly=weekly)
        return replace(one, parts=one.parts + tuple(p for p in other.parts if p not in one.parts), weekly=weekly)
    if joint == EITHER or (joint == LISTED and not _are_two_ends(one, other)):
        return None
    if len(clocks) == 1:
        parts = next((group.parts for group in (one, other) if group.parts and not group.opens), ())
        point = clocks[0].point and not (one.opens or other.opens)
        return replace(clocks[0], parts=parts, weekly=weekly, point=point)
    if _are_two_ends(one, other):
        return replace(one, first=one.first or other.first, last=one.last or other.last, parts=one.parts or other.parts)
    return None


def _are_two_ends(one: Group, other: Group) -> bool:
    """Tell whether one is "after 10" and the other "before 3"."""
    opens = [bool(group.first and not group.last and not group.point) for group in (one, other)]
    closes = [bool(group.last and not group.first) for group in (one, other)]
    return (opens[0] and closes[1]) or (opens[1] and closes[0])


def _partners(runs: Sequence[_Run]) -> dict[int, list[int]]:
    """Give for every run of days the runs of hours that are bound to it."""
    hours_first = bool(runs) and not runs[0].names_days
    partners: dict[int, list[int]] = {}
    for place, run in enumerate(runs):
        if run.names_days:
            continue
        left = run.joint if place and runs[place - 1].names_days else APART
        right = runs[place + 1].joint if place + 1 < len(runs) and runs[place + 1].names_days else APART
        if min(left, right) > SOFT:
            continue
        to_right = right < left or (right == left and hours_first)
        partners.setdefault(place + 1 if to_right else place - 1, []).append(place)
    return partners


def _spans(runs: Sequence[_Run]) -> Iterator[tuple[int, int, list[Group]]]:
    """Give the groups with the places, first and last, of what they were made of."""
    partners = _partners(runs)
    taken = {place for places in partners.values() for place in places}
    for place, run in enumerate(runs):
        if place in taken:
            continue
        own = [runs[partner] for partner in partners.get(place, ())]
        hours: list[Group] = []
        for partner in own:
            merged = _intersection(hours[-1], partner.groups[0], SOFT) if hours else None
            hours[-1:] = [merged] if merged is not None else [*hours[-1:], partner.groups[0]]
            hours += partner.groups[1:]
        first, last = min([run.first, *(p.first for p in own)]), max([run.last, *(p.last for p in own)])
        if run.names_days:
            bare = hours and not run.groups[-1].names_hours
            groups = [_with_hours(days, atom) for days in run.groups for atom in hours] if bare else run.groups
        else:
            groups = run.groups
        yield first, last, [settled(group) for group in groups]


def _with_hours(days: Group, hours: Group) -> Group:
    return replace(
        hours,
        days=days.days,
        dates=days.dates,
        rest=days.rest,
        weekly=days.weekly or (hours.weekly and bool(days.days)),
    )


def settled(group: Group) -> Group:
    """Give the group with the minutes that its clock times mean, in the light of its days and parts."""
    parts = group.parts or group.parts_of_clock
    if group.ends_shift and group.first and not group.last and not parts:
        group.first = late(group.first)
    if group.first and group.last:
        group.ambiguous = is_open_range(group.first, group.last, parts)
        group.start, group.end = range_minutes(group.first, group.last, parts)
    elif group.first:
        group.start = after_minutes(group.first, parts, group.days)
    elif group.last:
        group.end = before_minutes(group.last, parts)
    return group


__all__ = ["PARTS", "bind_hours", "settled"]
