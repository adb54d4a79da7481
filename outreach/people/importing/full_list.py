"""Who is on a source's list, and holding those whom a whole new list no longer names."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.importing.staged import ImportRun

TOO_MANY = 10  # more than one in so many missing needs a --yes

_NOTE_ENTRIES = """
INSERT INTO list_entries AS e (source, person_id, first_import_id, last_import_id)
SELECT DISTINCT :source, person_id, CAST(:import_id AS bigint), CAST(:import_id AS bigint) FROM staged_rows
ON CONFLICT (source, person_id) DO UPDATE SET last_import_id = excluded.last_import_id
"""

# A rejected row still says that its person is on the list.
_NOTE_SEEN = """
UPDATE list_entries e SET last_import_id = :import_id
FROM (
    SELECT x.person_id FROM staged_seen s
    JOIN external_ids x ON x.source = s.id_system AND x.external_id = s.external_id
    UNION
    SELECT p.id FROM staged_seen s JOIN people p ON p.email = s.email AND p.folded_name = s.name
) seen
WHERE e.source = :source AND e.person_id = seen.person_id
"""

_FIND_MISSING = """
CREATE TEMPORARY TABLE missing ON COMMIT DROP AS
SELECT p.id AS person_id
FROM list_entries e JOIN people p ON p.id = e.person_id
WHERE e.source = :source AND e.last_import_id <> :import_id
  AND p.held_because IS NULL AND p.merged_into_id IS NULL AND NOT p.deceased
"""

_COUNT = """
SELECT (SELECT count(*) FROM missing),
       (SELECT count(*) FROM list_entries WHERE source = :source AND first_import_id <> :import_id)
"""

_REMEMBER = """
INSERT INTO import_changes AS c (import_id, person_id, before)
SELECT :import_id, person_id, jsonb_build_object('held', true) FROM missing
ON CONFLICT (import_id, person_id) DO UPDATE SET before = c.before || excluded.before
"""

_HOLD = "UPDATE people p SET held_because = :because, updated_at = :now FROM missing m WHERE p.id = m.person_id"


def note_entries(session: Session, run: ImportRun) -> None:
    """Note that the rows' people are on the source's list."""
    session.execute(text(_NOTE_ENTRIES), {"import_id": run.id, "source": run.source})
    session.execute(text(_NOTE_SEEN), {"import_id": run.id, "source": run.source})


def hold_missing(session: Session, run: ImportRun, *, sure: bool) -> int:
    """Hold whoever of the source is not on this list, for a person to look at; delete nobody. Returns how many.

    Raises OutreachError when more than a tenth is missing and the operator has not said that they are `sure`.
    """
    where = {"import_id": run.id, "source": run.source}
    session.execute(text(_FIND_MISSING), where)
    missing, listed = session.execute(text(_COUNT), where).one()
    if missing * TOO_MANY > listed and not sure:
        raise OutreachError(
            f"{missing} of the {listed} people of the source “{run.source}” are not on this list. That is more than a "
            "tenth, so nothing was imported. If the list is whole and of this source, add --yes"
        )
    session.execute(text(_REMEMBER), {"import_id": run.id})
    session.execute(text(_HOLD), {"because": f"not on the list of {run.listed_on} ({run.source})", "now": run.now})
    return int(missing)
