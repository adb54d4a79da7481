"""When people can come, as they told us."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.prepared import Prepared
from outreach.trainings.models import AvailabilityNote

CELLS = ("available", "unavailable", "optional")
# Said anew, these replace what was said before; said not at all, they stay.
WHOLE = ("windows", "prefer", "freq", "not_after")
_COLUMNS = AvailabilityNote.__table__.c
_FIRST = Prepared(
    insert(AvailabilityNote.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .values({column.name: bindparam(f"its_{column.name}", type_=column.type) for column in _COLUMNS})
    .on_conflict_do_nothing(index_elements=[AvailabilityNote.person_id])
    .returning(_COLUMNS.person_id)
)
# Built once: SQLAlchemy needs more time to build a statement than to run it.
_NOTED = (
    select(AvailabilityNote)
    .where(AvailabilityNote.person_id == bindparam("of"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def note_availability(
    session: Session, person_id: int, availability: Mapping[str, Any], words: str, now: datetime
) -> None:
    """Write down when a person can come, in the form that `outreach understand` gives.

    Parts of days that were said before and not now stay; what is said now wins. Dates that are past are left out.
    """
    first = {
        "its_person_id": person_id,
        "its_cells": merge({}, availability, now.date()),
        "its_not_before": _date(availability.get("not_before")),
        "its_words": words,
        "its_noted_at": now,
    }
    if _FIRST.rows(session, first):
        return
    note = session.scalars(_NOTED, {"of": person_id}).one()
    note.cells = merge(note.cells, availability, now.date())
    note.not_before = _date(availability.get("not_before")) or note.not_before
    note.words = words
    note.noted_at = now
    session.flush()


def merge(before: Mapping[str, Any], said: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Join what was known with what is said now: JSON-ready, without `not_before`, dates from today on."""
    mentioned = {cell for name in CELLS for cell in said.get(name) or ()}
    joined: dict[str, Any] = {}
    for name in CELLS:
        kept = [cell for cell in before.get(name) or () if cell not in mentioned]
        joined[name] = _once([*kept, *(said.get(name) or ())])
    for name in WHOLE:
        joined[name] = said.get(name) or before.get(name)
    joined["dates"] = _join_dates(before.get("dates") or (), said.get("dates") or (), today)
    return joined


def _join_dates(
    before: Iterable[Mapping[str, Any]], said: Sequence[Mapping[str, Any]], today: date
) -> list[dict[str, Any]]:
    anew = {entry["date"] for entry in said}
    entries = [dict(entry) for entry in before if entry["date"] not in anew] + [dict(entry) for entry in said]
    coming = [entry for entry in entries if (_date(entry["date"]) or today) >= today]
    return sorted(coming, key=lambda entry: str(entry["date"]))


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _date(value: object) -> date | None:
    return date.fromisoformat(str(value)[:10]) if value else None
