"""Numbers and ids of staged rows: made where they are new, and tied to their people."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_NEW_NUMBERS = """
INSERT INTO phone_numbers (phone, kind, status, created_at)
SELECT DISTINCT ON (phone) phone, kind, 'ok', :now FROM staged_numbers
ORDER BY phone, array_position(ARRAY['mobile', 'home', 'unknown'], kind)
ON CONFLICT (phone) DO NOTHING
"""

_NUMBER_IDS = "UPDATE staged_numbers s SET number_id = t.id FROM phone_numbers t WHERE t.phone = s.phone"

# A list may make a number's kind surer, never less so.
_SURER_NUMBERS = """
UPDATE phone_numbers t SET kind = n.kind
FROM (
    SELECT DISTINCT ON (number_id) number_id, kind FROM staged_numbers
    ORDER BY number_id, array_position(ARRAY['mobile', 'home', 'unknown'], kind)
) n
WHERE t.id = n.number_id AND ((t.kind = 'unknown' AND n.kind <> 'unknown') OR (t.kind = 'home' AND n.kind = 'mobile'))
"""

# What the ledger remembers of a number whose people were deleted.
_EARLIER_WISHES = """
UPDATE phone_numbers t SET
    texts_opted_out_at = CASE WHEN w.scope = 'texts' THEN w.at ELSE t.texts_opted_out_at END,
    calls_opted_out_at = CASE WHEN w.scope = 'calls' THEN w.at ELSE t.calls_opted_out_at END
FROM (
    SELECT DISTINCT ON (e.number_hash) n.number_id, e.scope, e.action, e.at
    FROM (SELECT DISTINCT number_id, number_hash FROM staged_numbers) n
    JOIN consent_events e ON e.number_hash = n.number_hash
    WHERE e.scope = :scope AND e.action <> 'withdrawn'
    ORDER BY e.number_hash, e.id DESC
) w
WHERE t.id = w.number_id AND w.action = 'opt_out'
  AND CASE WHEN w.scope = 'texts' THEN t.texts_opted_out_at ELSE t.calls_opted_out_at END IS NULL
"""

_NEW_IDS = """
WITH made AS (
    INSERT INTO external_ids (source, external_id, person_id, import_id)
    SELECT DISTINCT id_system, external_id, person_id, CAST(:import_id AS bigint) FROM staged_rows
    WHERE round = :round AND external_id IS NOT NULL
    ON CONFLICT (source, external_id) DO NOTHING
    RETURNING person_id
)
INSERT INTO touched SELECT person_id FROM made
"""

# A number that is new to a person we know goes before the older ones: the newest list knows best.
_NEW_LINKS = """
WITH made AS (
    INSERT INTO person_numbers (person_id, number_id, kind, rank, import_id)
    SELECT DISTINCT ON (s.person_id, n.number_id) s.person_id, n.number_id, n.kind,
        n.rank + coalesce((SELECT min(l.rank) - 10 FROM person_numbers l WHERE l.person_id = s.person_id), 0),
        :import_id
    FROM staged_rows s JOIN staged_numbers n ON n.row = s.row
    WHERE s.round = :round
    ORDER BY s.person_id, n.number_id, s.row DESC
    ON CONFLICT (person_id, number_id) DO NOTHING
    RETURNING person_id
)
INSERT INTO touched SELECT person_id FROM made
"""

_SURER_LINKS = """
WITH changed AS (
    UPDATE person_numbers l SET kind = n.kind
    FROM staged_rows s JOIN staged_numbers n ON n.row = s.row
    WHERE l.person_id = s.person_id AND l.number_id = n.number_id AND s.round = :round
      AND ((l.kind = 'unknown' AND n.kind <> 'unknown') OR (l.kind = 'home' AND n.kind = 'mobile'))
    RETURNING l.person_id
)
INSERT INTO touched SELECT person_id FROM changed
"""


def make_numbers(session: Session, now: datetime) -> None:
    """Make the rows of new numbers, with what the ledger remembers of them, and note every staged number's id."""
    session.execute(text(_NEW_NUMBERS), {"now": now})
    session.execute(text(_NUMBER_IDS))
    session.execute(text("CREATE INDEX ON staged_numbers (number_id)"))
    session.execute(text("ANALYZE staged_numbers"))
    session.execute(text(_SURER_NUMBERS))
    for scope in ("texts", "calls"):
        session.execute(text(_EARLIER_WISHES), {"scope": scope})


def link_ids(session: Session, turn: int, import_id: int) -> None:
    """Tie the ids of a round's rows to their people."""
    session.execute(text(_NEW_IDS), {"round": turn, "import_id": import_id})


def link_numbers(session: Session, turn: int, import_id: int) -> None:
    """Tie the numbers of a round's rows to their people; a retired number stays retired."""
    session.execute(text(_NEW_LINKS), {"round": turn, "import_id": import_id})
    session.execute(text(_SURER_LINKS), {"round": turn})
