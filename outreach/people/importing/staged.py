"""What an import carries: the run itself, and what is staged of a row, with the columns of the temporary tables."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple


@dataclass(frozen=True)
class ImportRun:
    """One import under way: what it is called, whose list of which day it reads, and who answers for it.

    `wording` is what the people agreed to, None without consent; `key` is SUPPRESSION_KEY.
    """

    id: int
    source: str
    listed_on: date
    now: datetime
    by: str
    key: str
    wording: str | None = None

    @property
    def ledger_source(self) -> str:
        """Return how the consent ledger names the import."""
        return f"import {self.id}"


class Identity(NamedTuple):
    """By what a row's person is known.

    `round` says when the row looks for them (matching.py); rows of one round and `key` are about one person.
    """

    row: int
    round: int
    key: str
    id_system: str | None
    external_id: str | None
    email: str | None
    name: str


class PersonFacts(NamedTuple):
    """What a row says of the person. None and "" mean that the list does not say."""

    first_name: str
    last_name: str
    preferred_name: str | None
    pronouns: str | None
    language: str | None
    zip: str | None
    branch: str | None
    committees: str
    tags: str
    source: str
    source_since: date
    under_18: bool
    kept: str


class Wishes(NamedTuple):
    """What a row says of being contacted, and whether the list's consent is this person's too."""

    no_texts: bool
    no_calls: bool
    consents: bool


class MembershipFacts(NamedTuple):
    """What a row says of membership on the day of its list; `standing` None: nothing at all."""

    listed_on: date
    standing: str | None = None
    raw_word: str | None = None
    joined_on: date | None = None
    expires_on: date | None = None
    lifetime: bool = False
    dues: str | None = None
    billing: str | None = None


class AttendanceFacts(NamedTuple):
    """What a row says of having come to something."""

    last_active_on: date | None
    event: str | None = None
    attended_on: date | None = None


class StagedNumber(NamedTuple):
    """One number of a row."""

    row: int
    phone: str
    kind: str
    rank: int


class StagedRow(NamedTuple):
    """One row, ready for the temporary table: its parts, one after the other, are the table's columns."""

    identity: Identity
    person: PersonFacts
    wishes: Wishes
    membership: MembershipFacts
    attendance: AttendanceFacts
    numbers: tuple[StagedNumber, ...]

    def columns(self) -> tuple[object, ...]:
        """Return the cells of the temporary table, in the order of `ROW_COLUMNS`."""
        return (*self.identity, *self.person, *self.wishes, *self.membership, *self.attendance)


class Rejection(NamedTuple):
    """Why a row is left out, and whom it was about, so that a full list does not count them as missing."""

    reason: str
    identity: Identity | None = None


ROW_COLUMNS = {
    "row": "int", "round": "int", "key": "text", "id_system": "text", "external_id": "text", "email": "text",
    "name": "text",
    "first_name": "text", "last_name": "text", "preferred_name": "text", "pronouns": "text", "language": "text",
    "zip": "text", "branch": "text", "committees": "jsonb", "tags": "jsonb", "source": "text", "source_since": "date",
    "under_18": "boolean", "kept": "jsonb",
    "no_texts": "boolean", "no_calls": "boolean", "consents": "boolean",
    "listed_on": "date", "standing": "text", "raw_word": "text", "joined_on": "date", "expires_on": "date",
    "lifetime": "boolean", "dues": "text", "billing": "text",
    "last_active_on": "date", "event": "text", "attended_on": "date",
}  # fmt: skip
NUMBER_COLUMNS = {"row": "int", "phone": "text", "kind": "text", "rank": "int", "number_hash": "text"}
SEEN_COLUMNS = {"row": "int", "id_system": "text", "external_id": "text", "email": "text", "name": "text"}
