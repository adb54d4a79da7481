"""The training working group's seats: one for each committee, who holds it, and which committees hold none."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.people.short_names import short_name

# What the flow `working_group` tags its volunteers with.
VOLUNTEER = "training working group"
NO_COMMITTEE = ""


@dataclass(frozen=True, slots=True)
class Seat:
    """A committee's seat: how many of its members we know, and its volunteers by id and name."""

    committee: str
    members: int
    volunteers: tuple[tuple[int, str], ...] = ()


def committees(session: Session) -> dict[str, int]:
    """Return every committee that we know somebody of, with how many."""
    name = func.jsonb_array_elements_text(Person.committees).table_valued("value").render_derived().lateral()
    counted = (
        select(name.c.value, func.count())
        .select_from(Person)
        .join(name, true())
        .where(Person.merged_into_id.is_(None), Person.deceased.is_(False))
        .group_by(name.c.value)
    )
    return {committee: count for committee, count in session.execute(counted)}  # noqa: C416 - rows are no pairs to mypy


def seats(session: Session) -> Sequence[Seat]:
    """Return a seat for each committee, those that nobody holds first; last whoever volunteered without a committee."""
    wanted = select(Person).where(Person.tags.contains([VOLUNTEER]), Person.merged_into_id.is_(None))
    held: dict[str, list[tuple[int, str]]] = {}
    for person in session.scalars(wanted.order_by(Person.id)):
        for committee in person.committees or [NO_COMMITTEE]:
            held.setdefault(committee, []).append((person.id, short_name(person)))
    found = [Seat(name, count, tuple(held.get(name, ()))) for name, count in committees(session).items()]
    found.sort(key=lambda seat: (bool(seat.volunteers), seat.committee.casefold()))
    rest = held.get(NO_COMMITTEE)
    return [*found, Seat(NO_COMMITTEE, 0, tuple(rest))] if rest else found
