"""Recognising a list by its header: which column means what, which are left out, which system it comes from."""

import functools
import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from outreach.people.importing.reading import BadList

COLUMNS_FILE = Path(__file__).parent.parent / "columns.json"
PHONES = ("phone_mobile", "phone_best", "phone_home")
EVENT = ("event_id", "event_name", "event_start")
MEMBERSHIP = (
    "membership_status",
    "status_letter",
    "membership_type",
    "expiry_date",
    "join_date",
    "monthly_dues_status",
    "yearly_dues_status",
)
# What is stored of a list, or read for what is stored; any other field is left out, whatever its name.
READ = frozenset({
    *PHONES, *EVENT, *MEMBERSHIP,
    "external_id", "first_name", "preferred_name", "last_name", "full_name", "pronouns", "email", "phone_type",
    "do_not_call", "do_not_text", "sms_status", "list_date", "zip", "branch", "language", "committee", "tags",
    "birthdate", "rsvp_status", "attended", "last_attended", "consent_source", "consent_date",
})  # fmt: skip


@functools.cache
def columns() -> dict[str, Any]:
    """Return the table of header names, cell words and systems (columns.json)."""
    return cast("dict[str, Any]", json.loads(COLUMNS_FILE.read_text(encoding="utf-8")))


@functools.cache
def _field_of() -> dict[str, str]:
    return {name: field for field, entry in columns()["fields"].items() for name in entry["synonyms"]}


def normalise_header(name: str) -> str:
    """Return a header name as the table writes it: lower-case ASCII words joined by _."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    joined = re.sub(r"[\s\-./:]+", "_", plain.replace("\ufeff", "").lower().strip())
    return re.sub(r"_+", "_", re.sub(r"[^a-z0-9_]", "", joined)).strip("_")


@dataclass(frozen=True)
class Header:
    """What the columns of one list mean.

    `fields` gives the places of each field that is read, in the order to try them; `kept` the places of columns that
    the operator asked to keep; `left_out` the names of the rest, as they stand in the file.
    """

    names: tuple[str, ...]
    fields: dict[str, tuple[int, ...]]
    kept: dict[str, int]
    left_out: tuple[str, ...]
    system: str | None
    label: str | None
    id_systems: tuple[str | None, ...]

    def has(self, *fields: str) -> bool:
        """Tell whether any of these fields has a column."""
        return any(field in self.fields for field in fields)

    @property
    def is_attendance(self) -> bool:
        """Whether the list says who came to something."""
        if self.has("attended"):
            return self.has(*EVENT)
        # A sign-in sheet holds who was there; Mobilize's sign-ups hold who meant to come.
        return self.has("event_start") and (self.has("rsvp_status") or self.system != "mobilize")


def read_header(names: Sequence[str], keep: Iterable[str] = ()) -> Header:
    """Return what a header's columns mean. Raises BadList when none of them can hold a phone number."""
    normalised = [normalise_header(name) for name in names]
    kept = _kept_places(names, normalised, keep)
    places: dict[str, list[int]] = {}
    left_out = []
    for place, name in enumerate(normalised):
        field = _field_of().get(name)
        if field in READ:
            places.setdefault(field, []).append(place)
        if (field not in READ or field == "birthdate") and place not in kept.values() and names[place].strip():
            left_out.append(names[place].strip())
    _sort_ids(places, normalised)
    if not any(field in places for field in PHONES):
        raise BadList(_no_phone(names))
    system, label = _system(frozenset(normalised))
    ids = tuple(_id_system(normalised[place]) for place in places.get("external_id", ()))
    fields = {field: tuple(found) for field, found in places.items()}
    return Header(tuple(names), fields, kept, tuple(left_out), system, label, ids)


def _kept_places(names: Sequence[str], normalised: Sequence[str], keep: Iterable[str]) -> dict[str, int]:
    kept = {}
    for wanted in keep:
        name = normalise_header(wanted)
        if name not in normalised:
            raise BadList(f"--keep names a column that the list does not have. It has: {', '.join(names)}")
        kept[name] = normalised.index(name)
    return kept


def _sort_ids(places: dict[str, list[int]], normalised: Sequence[str]) -> None:
    order = columns()["fields"]["external_id"]["synonyms"].index
    places.get("external_id", []).sort(key=lambda place: order(normalised[place]))


def _no_phone(names: Sequence[str]) -> str:
    shown = ", ".join(name.strip()[:30] for name in names[:12])
    return (
        f"no column of the list holds phone numbers (the first row reads: {shown}). "
        "Name the column mobile_phone, best_phone or home_phone, in the first row"
    )


def _system(normalised: frozenset[str]) -> tuple[str | None, str | None]:
    found = [entry for entry in columns()["systems"] if normalised.issuperset(entry["fingerprint"])]
    best = max(found, key=lambda entry: len(entry["fingerprint"]), default=None)
    return (best["system"], best["label"]) if best else (None, None)


def _id_system(name: str) -> str | None:
    return next((system for system, names in columns()["ids"].items() if name in names), None)
