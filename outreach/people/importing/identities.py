"""Names and e-mail of people we know, brought up to date at the end of each round of matching.

At once and not at the end, so that the next round looks for people as the next import of the same file will find them.
A row with an id renames its person. A row without one was matched by what it would change, so it only fills in.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.importing.staged import ImportRun

_FORGET = "DROP TABLE IF EXISTS pg_temp.planned_identities"

_PLAN = """
CREATE TEMPORARY TABLE planned_identities ON COMMIT DROP AS
WITH last_rows AS (
    SELECT DISTINCT ON (person_id) * FROM staged_rows
    WHERE round = :round AND person_id IS NOT NULL AND NOT created
    ORDER BY person_id, row DESC
), planned AS (
    SELECT p.id, r.name <> '' AND (:round = 1 OR p.folded_name = '') AS named, r.first_name, r.last_name, r.name,
        CASE WHEN :round = 1 THEN coalesce(r.email, p.email) ELSE coalesce(p.email, r.email) END AS email
    FROM last_rows r JOIN people p ON p.id = r.person_id
)
SELECT n.* FROM planned n JOIN people p ON p.id = n.id
WHERE p.email IS DISTINCT FROM n.email
   OR (n.named AND (p.first_name, p.last_name, p.folded_name) <> (n.first_name, n.last_name, n.name))
"""

_REMEMBER = """
INSERT INTO import_changes (import_id, person_id, before)
SELECT :import_id, p.id, jsonb_build_object('person', to_jsonb(p))
FROM planned_identities n JOIN people p ON p.id = n.id
ON CONFLICT (import_id, person_id) DO NOTHING
"""

_CHANGE = """
WITH changed AS (
    UPDATE people p SET
        first_name = CASE WHEN n.named THEN n.first_name ELSE p.first_name END,
        last_name = CASE WHEN n.named THEN n.last_name ELSE p.last_name END,
        folded_name = CASE WHEN n.named THEN n.name ELSE p.folded_name END,
        email = n.email,
        updated_at = :now
    FROM planned_identities n WHERE p.id = n.id
    RETURNING p.id
)
INSERT INTO touched SELECT id FROM changed
"""


def write_identities(session: Session, turn: int, run: ImportRun) -> None:
    """Write the names and e-mail of a round's rows to the people that they were matched with."""
    session.execute(text(_FORGET))
    session.execute(text(_PLAN), {"round": turn})
    session.execute(text(_REMEMBER), {"import_id": run.id})
    session.execute(text(_CHANGE), {"now": run.now})
