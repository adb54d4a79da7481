"""Standings, the narrow table that segments read (docs/decisions/0005-import.md).

Triggers keep it in step with every single change. Whoever changes very many rows in one transaction does so
under `postponed_standings` and calls `refresh_standings` at the end.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from outreach.people.models import Person

BATCH = 20_000
_SWITCH = text("SELECT set_config('outreach.standings', :value, true)")


@contextmanager
def postponed_standings(session: Session) -> Iterator[None]:
    """Keep the triggers quiet in the block, which ends with a `refresh_standings` of whom it touched."""
    session.execute(_SWITCH, {"value": "later"})
    yield
    session.execute(_SWITCH, {"value": ""})


def refresh_standings(session: Session, person_ids: Iterable[int] | None = None) -> None:
    """Make the standings of these people, or of everybody, from the facts as they are now."""
    ids = session.scalars(select(Person.id)) if person_ids is None else person_ids
    rest = iter(sorted(ids))  # in one order everywhere, so that two refreshes never wait for each other in a circle
    while batch := list(islice(rest, BATCH)):
        session.execute(text("SELECT refresh_standings(:ids)"), {"ids": batch})
