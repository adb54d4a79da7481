"""What the rows say of people and memberships, written where it differs from what we know.

Of several rows about one person the last speaks. An empty cell says nothing and erases nothing. What somebody may have
told us themselves (preferred name, pronouns, language) is filled in, never replaced; *under 18* is set, never lifted.
Names and e-mail are part of the identity (identities.py).
Membership is what the newest list says: a list older than the one we know changes nothing of it.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.importing.staged import ImportRun

_PLAN_PEOPLE = """
CREATE TEMPORARY TABLE planned_people ON COMMIT DROP AS
WITH last_rows AS (
    SELECT DISTINCT ON (person_id) * FROM staged_rows ORDER BY person_id, row DESC
), sets AS (
    SELECT s.person_id, bool_or(s.under_18) AS under_18,
        jsonb_agg(DISTINCT c.value) FILTER (WHERE c.value IS NOT NULL) AS committees,
        jsonb_agg(DISTINCT t.value) FILTER (WHERE t.value IS NOT NULL) AS tags
    FROM staged_rows s
    LEFT JOIN LATERAL jsonb_array_elements(s.committees) c ON s.committees <> '[]'
    LEFT JOIN LATERAL jsonb_array_elements(s.tags) t ON s.tags <> '[]'
    GROUP BY s.person_id
), planned AS (
    SELECT p.id,
        coalesce(p.preferred_name, r.preferred_name) AS preferred_name,
        coalesce(p.pronouns, r.pronouns) AS pronouns,
        coalesce(p.language, r.language) AS language,
        coalesce(r.zip, p.zip) AS zip,
        coalesce(r.branch, p.branch) AS branch,
        CASE WHEN p.committees @> coalesce(s.committees, '[]') THEN p.committees
             ELSE (SELECT jsonb_agg(DISTINCT v) FROM jsonb_array_elements(p.committees || s.committees) v)
        END AS committees,
        CASE WHEN p.tags @> coalesce(s.tags, '[]') THEN p.tags
             ELSE (SELECT jsonb_agg(DISTINCT v) FROM jsonb_array_elements(p.tags || s.tags) v)
        END AS tags,
        p.under_18 OR s.under_18 AS under_18,
        CASE WHEN starts_with(p.held_because, 'not on the list of ')
                  AND right(p.held_because, length(:source) + 2) = '(' || :source || ')'
             THEN NULL ELSE p.held_because
        END AS held_because,
        p.kept || r.kept AS kept
    FROM last_rows r JOIN sets s ON s.person_id = r.person_id JOIN people p ON p.id = r.person_id
)
SELECT n.* FROM planned n JOIN people p ON p.id = n.id
WHERE (n.preferred_name, n.pronouns, n.language, n.zip, n.branch, n.committees, n.tags, n.under_18, n.held_because,
       n.kept)
    IS DISTINCT FROM
      (p.preferred_name, p.pronouns, p.language, p.zip, p.branch, p.committees, p.tags, p.under_18, p.held_because,
       p.kept)
"""

_REMEMBER_PEOPLE = """
INSERT INTO import_changes (import_id, person_id, before)
SELECT :import_id, p.id, jsonb_build_object('person', to_jsonb(p))
FROM planned_people n JOIN people p ON p.id = n.id
ON CONFLICT (import_id, person_id) DO NOTHING
"""

_CHANGE_PEOPLE = """
WITH changed AS (
    UPDATE people p SET
        preferred_name = n.preferred_name, pronouns = n.pronouns, language = n.language, zip = n.zip,
        branch = n.branch, committees = n.committees, tags = n.tags, under_18 = n.under_18,
        held_because = n.held_because, kept = n.kept, updated_at = :now
    FROM planned_people n WHERE p.id = n.id
    RETURNING p.id
)
INSERT INTO touched SELECT id FROM changed
"""

_PLAN_MEMBERSHIPS = """
CREATE TEMPORARY TABLE planned_memberships ON COMMIT DROP AS
SELECT r.* FROM (
    SELECT DISTINCT ON (person_id)
        person_id, standing, raw_word, joined_on, expires_on, lifetime, dues, billing, listed_on
    FROM staged_rows WHERE standing IS NOT NULL
    ORDER BY person_id, listed_on DESC, row DESC
) r
LEFT JOIN memberships m ON m.person_id = r.person_id
WHERE m.listed_on IS NULL OR m.listed_on <= r.listed_on
"""

_FILL_MEMBERSHIPS = """
UPDATE planned_memberships r SET joined_on = coalesce(r.joined_on, m.joined_on)
FROM memberships m WHERE m.person_id = r.person_id
"""

_SAME_MEMBERSHIPS = """
DELETE FROM planned_memberships r USING memberships m
WHERE m.person_id = r.person_id
  AND (m.standing, m.raw_word, m.joined_on, m.expires_on, m.lifetime, m.dues, m.billing)
      IS NOT DISTINCT FROM (r.standing, r.raw_word, r.joined_on, r.expires_on, r.lifetime, r.dues, r.billing)
"""

# That a newer list says the same is noted, but changes nobody.
_STILL_LISTED = """
UPDATE memberships m SET listed_on = r.listed_on FROM planned_memberships r
WHERE m.person_id = r.person_id AND m.listed_on IS DISTINCT FROM r.listed_on
  AND (m.standing, m.raw_word, m.joined_on, m.expires_on, m.lifetime, m.dues, m.billing)
      IS NOT DISTINCT FROM (r.standing, r.raw_word, r.joined_on, r.expires_on, r.lifetime, r.dues, r.billing)
"""

_REMEMBER_MEMBERSHIPS = """
INSERT INTO import_changes AS c (import_id, person_id, before)
SELECT :import_id, r.person_id, jsonb_build_object('membership', to_jsonb(m))
FROM planned_memberships r LEFT JOIN memberships m ON m.person_id = r.person_id
ON CONFLICT (import_id, person_id) DO UPDATE SET before = c.before || excluded.before WHERE c.before IS NOT NULL
"""

_CHANGE_MEMBERSHIPS = """
WITH changed AS (
    INSERT INTO memberships (person_id, standing, raw_word, joined_on, expires_on, lifetime, dues, billing, listed_on)
    SELECT person_id, standing, raw_word, joined_on, expires_on, lifetime, dues, billing, listed_on
    FROM planned_memberships
    ON CONFLICT (person_id) DO UPDATE SET
        standing = excluded.standing, raw_word = excluded.raw_word, joined_on = excluded.joined_on,
        expires_on = excluded.expires_on, lifetime = excluded.lifetime, dues = excluded.dues,
        billing = excluded.billing, listed_on = excluded.listed_on
    RETURNING person_id
)
INSERT INTO touched SELECT person_id FROM changed
"""


def write_people(session: Session, run: ImportRun) -> None:
    """Write what the list says of people. Whoever was held for missing on this source's list is released."""
    session.execute(text(_PLAN_PEOPLE), {"source": run.source})
    session.execute(text(_REMEMBER_PEOPLE), {"import_id": run.id})
    session.execute(text(_CHANGE_PEOPLE), {"now": run.now})


def write_memberships(session: Session, run: ImportRun) -> None:
    """Write what the list says of memberships, where it is not older than what we know."""
    session.execute(text(_PLAN_MEMBERSHIPS))
    session.execute(text(_FILL_MEMBERSHIPS))
    session.execute(text(_STILL_LISTED))
    session.execute(text(_SAME_MEMBERSHIPS))
    session.execute(text(_REMEMBER_MEMBERSHIPS), {"import_id": run.id})
    session.execute(text(_CHANGE_MEMBERSHIPS))
