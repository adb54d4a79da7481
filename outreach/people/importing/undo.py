"""Taking an import back: whom it made is deleted, whom it changed is as before. Opt-outs stay, as always."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.database import ROW
from outreach.errors import OutreachError
from outreach.people.consent import number_hash
from outreach.people.importing.run import IMPORT_LOCK
from outreach.people.models import ConsentAction, ConsentEvent, ListImport, Scope
from outreach.people.standings import postponed_standings, refresh_standings

_LATER = """
SELECT min(i.id) FROM list_imports i JOIN import_changes c ON c.import_id = i.id
WHERE i.id > :id AND i.undone_at IS NULL
  AND EXISTS (SELECT FROM import_changes m WHERE m.import_id = :id AND m.person_id = c.person_id)
"""

_BEFORE = """
CREATE TEMPORARY TABLE undoing ON COMMIT DROP AS
SELECT c.person_id, c.before, c.before IS NULL AS made, false AS kept FROM import_changes c WHERE c.import_id = :id
"""

_AFFECTED = """
SELECT u.person_id FROM undoing u
UNION
SELECT o.person_id FROM undoing u
JOIN person_numbers l ON l.person_id = u.person_id JOIN person_numbers o ON o.number_id = l.number_id
"""

_UNDO_ATTENDANCE = """
WITH gone AS (
    DELETE FROM attendance_records WHERE import_id = :id RETURNING person_id
)
UPDATE activities a SET attended_count = greatest(a.attended_count - g.events, 0)
FROM (SELECT person_id, count(*) AS events FROM gone GROUP BY person_id) g WHERE a.person_id = g.person_id
"""

# Whoever has been active since keeps that.
_UNDO_ACTIVITY = """
UPDATE activities a SET last_active_on = CAST(u.before ->> 'last_active_on' AS date)
FROM undoing u
WHERE u.person_id = a.person_id AND u.before ? 'last_active_on' AND a.last_active_on <= CAST(:day AS date)
"""

_UNDO_PEOPLE = """
UPDATE people p SET
    first_name = b.first_name, last_name = b.last_name, preferred_name = b.preferred_name, pronouns = b.pronouns,
    folded_name = b.folded_name, email = b.email, language = b.language, zip = b.zip, branch = b.branch,
    committees = b.committees, tags = b.tags, under_18 = b.under_18, held_because = b.held_because, kept = b.kept,
    updated_at = :now
FROM undoing u CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS people), u.before -> 'person') b
WHERE p.id = u.person_id AND u.before ? 'person'
"""

_UNDO_HOLDS = """
UPDATE people p SET held_because = NULL, updated_at = :now FROM undoing u
WHERE p.id = u.person_id AND u.before ? 'held' AND starts_with(p.held_because, 'not on the list of ')
"""

_UNDO_NEW_MEMBERSHIPS = """
DELETE FROM memberships m USING undoing u
WHERE m.person_id = u.person_id AND u.before -> 'membership' = 'null'
"""

_UNDO_MEMBERSHIPS = """
UPDATE memberships m SET
    standing = b.standing, raw_word = b.raw_word, joined_on = b.joined_on, expires_on = b.expires_on,
    lifetime = b.lifetime, dues = b.dues, billing = b.billing, listed_on = b.listed_on
FROM undoing u CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS memberships), u.before -> 'membership') b
WHERE m.person_id = u.person_id AND jsonb_typeof(u.before -> 'membership') = 'object'
"""

# Consent that has been confirmed since bears another time.
_UNDO_CONSENT = """
UPDATE phone_numbers t SET consented_at = NULL
WHERE t.consented_at = :started_at AND t.id IN (
    SELECT l.number_id FROM person_numbers l JOIN undoing u ON u.person_id = l.person_id
)
RETURNING t.phone
"""

_UNDO_LINKS = """
DELETE FROM {table} l USING undoing u WHERE l.person_id = u.person_id AND NOT u.kept AND l.import_id = :id
"""

_UNDO_ENTRIES = """
DELETE FROM list_entries e USING undoing u
WHERE e.person_id = u.person_id AND NOT u.kept AND e.first_import_id = :id
"""

_LAST_IMPORT = """
UPDATE list_entries e SET last_import_id = coalesce((
    SELECT max(i.id) FROM list_imports i JOIN import_changes c ON c.import_id = i.id AND c.person_id = e.person_id
    WHERE i.source = e.source AND i.id <> :id AND i.undone_at IS NULL
), e.first_import_id)
WHERE e.last_import_id = :id AND e.first_import_id <> :id
"""

_DELETE_PEOPLE = "DELETE FROM people p USING undoing u WHERE p.id = u.person_id AND u.made AND NOT u.kept"

_ORPHANS = """
DELETE FROM phone_numbers t
WHERE t.created_at = :started_at AND NOT EXISTS (SELECT FROM person_numbers l WHERE l.number_id = t.id)
  AND NOT ({needed})
"""

_REFERENCES = """
SELECT CAST(CAST(c.conrelid AS regclass) AS text), a.attname
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = CAST(:table AS regclass) AND CAST(c.conrelid AS regclass)::text <> ALL (:own)
"""

_KEEP = "UPDATE undoing u SET kept = true WHERE u.made AND ({needed})"

_COUNT = """
SELECT count(*) FILTER (WHERE made AND NOT kept), count(*) FILTER (WHERE NOT made), count(*) FILTER (WHERE kept)
FROM undoing
"""

# What goes with a person; any other table that names one has a reason to keep them.
_OWN = [
    "person_numbers",
    "memberships",
    "activities",
    "external_ids",
    "attendance_records",
    "standings",
    "list_entries",
    "import_changes",
]


@dataclass(frozen=True)
class ConsentLine:
    """Who takes consent back, when, and the key of the ledger."""

    at: datetime
    by: str
    key: str


@dataclass
class Undone:
    """What taking an import back did: people deleted, put back, and kept because they have been in touch since."""

    deleted: int = 0
    restored: int = 0
    kept: int = 0

    def counts(self) -> dict[str, int]:
        """Return the figures by name."""
        return asdict(self)


def undo_import(session: Session, import_id: int, *, now: datetime, by: str, key: str) -> Undone:
    """Take an import back. Raises OutreachError where there is none, or a later one must go first."""
    record = session.get(ListImport, import_id, with_for_update=ROW)
    if record is None:
        raise OutreachError(f"there is no import {import_id}")
    if record.undone_at is not None:
        raise OutreachError(f"import {import_id} has been taken back already")
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})
    later = session.scalar(text(_LATER), {"id": import_id})
    if later is not None:
        raise OutreachError(f"import {later} changed some of the same people later: take that one back first")
    session.execute(text("DROP TABLE IF EXISTS pg_temp.undoing"))
    session.execute(text(_BEFORE), {"id": import_id})
    undone = _count(session)
    with postponed_standings(session):
        affected = session.scalars(text(_AFFECTED)).all()
        _withdraw_consent(session, record, ConsentLine(now, by, key))
        _put_back(session, record, now)
        _delete(session, record)
        refresh_standings(session, affected)
    record.undone_at = now
    session.flush()
    session.expire_all()
    return undone


def _count(session: Session) -> Undone:
    """Mark whom the import made and others need by now, and count."""
    needed = _needed(session, "people", "u.person_id")
    session.execute(text(_KEEP.format(needed=needed)))
    return Undone(*session.execute(text(_COUNT)).one())


def _needed(session: Session, table: str, column: str) -> str:
    """Return the SQL condition that a row of a table outside this folder names `column`."""
    found = session.execute(text(_REFERENCES), {"table": table, "own": _OWN})
    return " OR ".join(f"EXISTS (SELECT FROM {name} r WHERE r.{key} = {column})" for name, key in found) or "false"


def _withdraw_consent(session: Session, record: ListImport, line: ConsentLine) -> None:
    for phone in session.scalars(text(_UNDO_CONSENT), {"started_at": record.started_at}):
        session.add(
            ConsentEvent(
                number_hash=number_hash(phone, line.key),
                action=ConsentAction.WITHDRAWN,
                scope=Scope.TEXTS,
                source=f"undo of import {record.id}",
                by=line.by,
                at=line.at,
            )
        )
    session.flush()


def _put_back(session: Session, record: ListImport, now: datetime) -> None:
    values = {"id": record.id, "now": now, "day": record.started_at.date()}
    for statement in (
        _UNDO_ATTENDANCE,
        _UNDO_ACTIVITY,
        _UNDO_PEOPLE,
        _UNDO_HOLDS,
        _UNDO_NEW_MEMBERSHIPS,
        _UNDO_MEMBERSHIPS,
        _UNDO_ENTRIES,
        _LAST_IMPORT,
        _UNDO_LINKS.format(table="external_ids"),
        _UNDO_LINKS.format(table="person_numbers"),
    ):
        session.execute(text(statement), values)


def _delete(session: Session, record: ListImport) -> None:
    session.execute(text(_DELETE_PEOPLE))
    needed = _needed(session, "phone_numbers", "t.id")
    session.execute(text(_ORPHANS.format(needed=needed)), {"started_at": record.started_at})
