"""Who each staged row is: somebody we know, or somebody new. Nobody is guessed at by a name alone.

In rounds, the surest identity first: rows with an id of their system, named rows with an e-mail, named rows with a
telephone, and last rows without a name. Each round ends with its new people made and linked, so that the next finds
them: that is what makes a second import of the same file find the same people.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.importing.identities import write_identities
from outreach.people.importing.linking import link_ids, link_numbers
from outreach.people.importing.rows import BY_ID, NAMELESS, ROUNDS
from outreach.people.importing.staged import ImportRun

_BY_ID = """
UPDATE staged_rows s SET person_id = coalesce(p.merged_into_id, p.id)
FROM external_ids e JOIN people p ON p.id = e.person_id
WHERE s.round = 1 AND e.source = s.id_system AND e.external_id = s.external_id
"""

# The id is somebody else's when neither a name, nor the e-mail, nor a number agrees, in any row about them.
_CONFLICTS = """
WITH compared AS (
    SELECT s.row, s.person_id,
        s.first_name <> '' AND s.last_name <> '' AND p.first_name <> '' AND p.last_name <> ''
        AND lower(p.first_name) <> lower(s.first_name) AND lower(p.last_name) <> lower(s.last_name)
        AND lower(p.last_name) <> lower(s.first_name) AND p.email IS DISTINCT FROM s.email
        AND NOT EXISTS (
            SELECT FROM staged_numbers n JOIN phone_numbers t ON t.phone = n.phone
            JOIN person_numbers l ON l.number_id = t.id AND l.person_id = p.id
            WHERE n.row = s.row
        ) AS strange
    FROM staged_rows s JOIN people p ON p.id = s.person_id
)
DELETE FROM staged_rows s USING (SELECT person_id FROM compared GROUP BY person_id HAVING bool_and(strange)) c
WHERE c.person_id = s.person_id
RETURNING s.row
"""

# A new id of a system that knows the person by another one is another person.
_NO_OTHER_ID = """
    AND (s.round <> 1 OR NOT EXISTS (
        SELECT FROM external_ids x WHERE x.person_id = p.id AND x.source = s.id_system
    ))
"""

_BY_EMAIL_AND_NAME = """
SELECT s.row, coalesce(p.merged_into_id, p.id) AS person_id, p.id AS place
FROM staged_rows s JOIN people p ON p.email = s.email AND p.folded_name = s.name
WHERE s.round = :round AND s.person_id IS NULL AND s.name <> '' {no_other_id}
"""

_ON_A_NUMBER = """
FROM staged_rows s
JOIN staged_numbers n ON n.row = s.row
JOIN person_numbers l ON l.number_id = n.number_id
JOIN people p ON p.id = l.person_id
WHERE s.round = :round AND s.person_id IS NULL
"""

_BY_PHONE_AND_NAME = """
SELECT s.row, coalesce(p.merged_into_id, p.id) AS person_id,
    n.rank * CAST(1e15 AS bigint) + abs(l.rank) * CAST(1e11 AS bigint) + p.id AS place
{on_a_number} AND s.name <> '' AND p.folded_name = s.name {no_other_id}
"""

# Somebody known without a name may be whoever the row names.
_NAMELESS_PERSON = """
SELECT s.row, p.id AS person_id, p.id AS place
{on_a_number} AND p.folded_name = '' AND p.merged_into_id IS NULL {no_other_id}
UNION ALL
SELECT s.row, p.id, p.id FROM staged_rows s JOIN people p ON p.email = s.email
WHERE s.round = :round AND s.person_id IS NULL AND p.folded_name = '' AND p.merged_into_id IS NULL {no_other_id}
"""

_BY_EMAIL_OR_PHONE_ALONE = """
SELECT s.row, coalesce(p.merged_into_id, p.id) AS person_id, p.id AS place
FROM staged_rows s JOIN people p ON p.email = s.email
WHERE s.round = :round AND s.person_id IS NULL
UNION ALL
SELECT s.row, coalesce(p.merged_into_id, p.id), p.id + 1000000000000 {on_a_number}
"""

# `alone`: a person may be taken by one key only, because two new ids, or two names, are two people.
_TAKE = """
WITH found AS (SELECT DISTINCT ON (row) row, person_id FROM ({candidates}) c ORDER BY row, place),
fair AS (
    SELECT DISTINCT ON (CASE WHEN :alone THEN f.person_id ELSE -f.row END) f.row, f.person_id
    FROM found f ORDER BY CASE WHEN :alone THEN f.person_id ELSE -f.row END, f.row
)
UPDATE staged_rows s SET person_id = fair.person_id FROM fair WHERE fair.row = s.row
"""

_SAME_KEY = """
UPDATE staged_rows s SET person_id = k.person_id
FROM (SELECT key, min(person_id) AS person_id FROM staged_rows WHERE round = :round GROUP BY key) k
WHERE s.round = :round AND s.person_id IS NULL AND k.key = s.key AND k.person_id IS NOT NULL
"""

_NEW_IDS = """
UPDATE staged_rows s SET person_id = k.id, created = true
FROM (
    SELECT key, nextval(pg_get_serial_sequence('people', 'id')) AS id FROM (
        SELECT key FROM staged_rows WHERE round = :round AND person_id IS NULL GROUP BY key ORDER BY min(row)
    ) missing
) k
WHERE s.round = :round AND s.person_id IS NULL AND s.key = k.key
"""

_NEW_PEOPLE = """
WITH made AS (
    INSERT INTO people (
        id, first_name, last_name, preferred_name, pronouns, folded_name, email, language, zip, branch, committees,
        tags, source, source_since, under_18, deceased, kept, created_at, updated_at
    )
    SELECT DISTINCT ON (s.person_id)
        s.person_id, s.first_name, s.last_name, s.preferred_name, s.pronouns, s.name, s.email, s.language, s.zip,
        s.branch, s.committees, s.tags, s.source, s.source_since, s.under_18, false, s.kept, :now, :now
    FROM staged_rows s WHERE s.round = :round AND s.created
    ORDER BY s.person_id, s.row DESC
    RETURNING id
)
INSERT INTO import_changes (import_id, person_id) SELECT :import_id, id FROM made
"""


def match_known_ids(session: Session) -> list[tuple[int, str]]:
    """Give rows with a known id their person. Returns the rows taken out because the id is somebody else's."""
    session.execute(text(_BY_ID))
    rows = session.scalars(text(_CONFLICTS)).all()
    reason = "the id is already somebody else's: if this list counts its ids by itself, give it a --source of its own"
    session.execute(text("DELETE FROM staged_numbers WHERE row = ANY (:rows)"), {"rows": rows})
    return [(row, reason) for row in rows]


def match_people(session: Session, run: ImportRun) -> None:
    """Give every staged row its person, making those we do not know; numbers must be staged with their ids."""
    for turn in ROUNDS:
        for candidates, alone in _candidates(turn):
            found = candidates.format(on_a_number=_ON_A_NUMBER, no_other_id=_NO_OTHER_ID)
            session.execute(text(_TAKE.format(candidates=found)), {"round": turn, "alone": alone})
            session.execute(text(_SAME_KEY), {"round": turn})
        write_identities(session, turn, run)
        session.execute(text(_NEW_IDS), {"round": turn})
        session.execute(text(_NEW_PEOPLE), {"round": turn, "import_id": run.id, "now": run.now})
        link_ids(session, turn, run.id)
        link_numbers(session, turn, run.id)


def _candidates(turn: int) -> list[tuple[str, bool]]:
    if turn == NAMELESS:
        return [(_BY_EMAIL_OR_PHONE_ALONE, False)]
    alone = turn == BY_ID
    return [(_BY_EMAIL_AND_NAME, alone), (_BY_PHONE_AND_NAME, alone), (_NAMELESS_PERSON, True)]
