"""What is told of as a reason beside what follows from it: "9 to 5er so nights", "gigs fri and sat, so sun to thurs"."""

from outreach.understanding.availability.binding import settled
from outreach.understanding.availability.cells import Group
from outreach.understanding.availability.signs import Clause


def take_for_reason(clause: Clause, previous: Clause) -> None:
    """Let hours that only tell why give way: "until 12, because i start work at 1"."""
    if clause.before == "because" and any(group.sign > 0 and group.names_hours for group in previous.groups):
        for group in clause.groups:
            group.weak = group.weak or not group.names_days


def weigh_reasons(reason: Clause, outcome: Clause) -> None:
    """Let reasons give way to what follows from them: "clients til 6 mondays, so 7 on those nights"."""
    _give_days_of_reason(reason, outcome)
    days = {day for group in outcome.groups for day in group.days}
    for group in reason.groups:
        if _is_excluded(group, reason, days):
            group.sign, group.marked, group.taken = -1, True, True
            continue
        same = bool(days) and days == {*group.days}
        narrower = same and (group.last is not None or (_all_timed(outcome) and not group.names_hours))
        replaced = not group.names_days and any(other.days and other.names_hours for other in outcome.groups)
        told = not group.marked and (narrower or not group.names_days)
        busy = group.sign < 0 and same and (group.taken or "to_do" in reason.marks)
        of_all_days = group.taken and not group.names_days and bool(days)
        group.weak = group.weak or busy or of_all_days or (group.sign > 0 and (told or replaced))


def _is_excluded(group: Group, reason: Clause, days: set[str]) -> bool:
    """Tell whether a reason's days are not those that follow: "gigs fri and sat, so sun to thurs"."""
    apart = bool(days and group.days) and days.isdisjoint(group.days)
    return apart and group.sign > 0 and not group.marked and "word" in reason.marks


def _all_timed(outcome: Clause) -> bool:
    return all(group.names_hours for group in outcome.groups)


def _give_days_of_reason(reason: Clause, outcome: Clause) -> None:
    """Give "weekdays i'm at my job so 6 on" and "mass at 9 on sundays so after 11" the days that the reason names."""
    named = {group.days for group in reason.groups}
    if len(named) != 1 or not all(group.sign < 0 and group.taken and group.days for group in reason.groups):
        return
    whole = not any(group.names_hours for group in reason.groups)
    for group in outcome.groups:
        bounded = not group.point and bool(group.first or group.last)
        if group.sign > 0 and bounded and not group.names_days and (whole or len(reason.groups[0].days) == 1):
            group.days, group.weekly = reason.groups[0].days, True
            settled(group)
