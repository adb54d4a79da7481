"""Standings, the narrow table that segments read (docs/decisions/0005-import.md).

Triggers keep it in step with every single change. Whoever changes very many rows in one transaction calls
`postpone_standings` first and `refresh_standings` at the end.
"""

from collections.abc import Iterable
from itertools import islice

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from outreach.people.models import Person

BATCH = 20_000


def postpone_standings(session: Session) -> None:
    """Keep the triggers quiet until the transaction ends; the caller owes a `refresh_standings`."""
    session.execute(text("SELECT set_config('outreach.standings', 'later', true)"))


def refresh_standings(session: Session, person_ids: Iterable[int] | None = None) -> None:
    """Make the standings of these people, or of everybody, from the facts as they are now."""
    ids = session.scalars(select(Person.id)) if person_ids is None else person_ids
    rest = iter(sorted(ids))  # in one order everywhere, so that two refreshes never wait for each other in a circle
    while batch := list(islice(rest, BATCH)):
        session.execute(text("SELECT refresh_standings(:ids)"), {"ids": batch})
