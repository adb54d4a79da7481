"""From the cells of one row to what is staged of it, or to the reason why the row is rejected."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from outreach.people.importing import values
from outreach.people.importing.attendance import attendance_of
from outreach.people.importing.cells import MAX_WORDS, Cells
from outreach.people.importing.contacts import email_of, numbers_of, wishes_of
from outreach.people.importing.headers import Header
from outreach.people.importing.membership import membership_of
from outreach.people.importing.staged import Identity, PersonFacts, Rejection, StagedRow
from outreach.people.names import fold, split_name

# In which round a row looks for its person: the surest identities first.
BY_ID, BY_EMAIL, BY_PHONE, NAMELESS = ROUNDS = (1, 2, 3, 4)


@dataclass(frozen=True)
class ListFacts:
    """What holds for every row of one list."""

    source: str
    id_system: str
    listed_on: date
    today: date
    consent: bool = False


@dataclass
class RowReader:
    """Reads the rows of one list. `odd` counts what could not be read and was left empty, by what it was."""

    header: Header
    facts: ListFacts
    odd: Counter[str] = field(default_factory=Counter)

    def read(self, row: int, written: Sequence[str]) -> StagedRow | Rejection:
        """Return a row ready to be staged, or its rejection."""
        width = len(self.header.names)
        if any(cell.strip() for cell in written[width:]):
            return Rejection(f"the row has {len(written)} cells where the header has {width}")
        cells = Cells(self.header, self.odd, row, written[:width])
        first, last = _names(cells)
        numbers, complaint = numbers_of(cells)
        identity = self._identity(cells, fold(f"{first} {last}"), numbers[0].phone if numbers else "")
        if complaint and not numbers:
            return Rejection(complaint, identity)
        if not (numbers or identity.email or identity.external_id):
            return Rejection("the row has no phone number, no e-mail and no id to know somebody by")
        listed_on = cells.date("list_date") or self.facts.listed_on
        return StagedRow(
            identity=identity,
            person=self._person(cells, first, last, listed_on),
            wishes=wishes_of(cells, consent=self.facts.consent),
            membership=membership_of(cells, listed_on),
            attendance=attendance_of(cells, self.facts.id_system, self.facts.today),
            numbers=numbers,
        )

    def _identity(self, cells: Cells, name: str, phone: str) -> Identity:
        id_system, external_id = self._external_id(cells)
        email = email_of(cells)
        turn = BY_ID if external_id else NAMELESS if not name else BY_EMAIL if email else BY_PHONE
        key = f"{id_system} {external_id}" if external_id else f"{email or phone} {name}"
        return Identity(cells.row, turn, key, id_system, external_id, email, name)

    def _external_id(self, cells: Cells) -> tuple[str | None, str | None]:
        for system, cell in zip(self.header.id_systems, cells.all("external_id"), strict=True):
            if cell and not values.is_nothing(cell):
                return system or self.facts.id_system, cell[:MAX_WORDS].removesuffix(".0")
        return None, None

    def _person(self, cells: Cells, first: str, last: str, listed_on: date) -> PersonFacts:
        return PersonFacts(
            first_name=first,
            last_name=last,
            preferred_name=cells.words("preferred_name") or None,
            pronouns=cells.words("pronouns") or None,
            language=self._language(cells),
            zip=values.read_zip(cells.first("zip")),
            branch=cells.words("branch") or None,
            committees=_as_list(cells.first("committee")),
            tags=_as_list(cells.first("tags")),
            source=cells.words("consent_source") or self.facts.source,
            source_since=cells.date("consent_date") or listed_on,
            under_18=any(values.is_minor(cell, self.facts.today) for cell in cells.all("birthdate")),
            kept=json.dumps(kept) if (kept := cells.kept()) else "{}",
        )

    def _language(self, cells: Cells) -> str | None:
        cell = cells.first("language")
        code = values.read_language(cell) if cell else None
        if cell and code is None and not values.is_nothing(cell):
            self.odd["languages"] += 1
        return code


def _names(cells: Cells) -> tuple[str, str]:
    first, last = cells.words("first_name"), cells.words("last_name")
    return (first, last) if first or last else split_name(cells.words("full_name"))


def _as_list(cell: str) -> str:
    return json.dumps(values.read_list(cell)) if cell else "[]"
