"""Attendance that a list states, written down as activity once per person and event."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.importing.staged import ImportRun

_RECORD = """
CREATE TEMPORARY TABLE new_attendance ON COMMIT DROP AS
WITH made AS (
    INSERT INTO attendance_records (person_id, event, attended_on, import_id)
    SELECT DISTINCT ON (person_id, event) person_id, event, attended_on, CAST(:import_id AS bigint) FROM staged_rows
    WHERE event IS NOT NULL ORDER BY person_id, event, row
    ON CONFLICT (person_id, event) DO NOTHING
    RETURNING person_id
)
SELECT person_id, count(*) AS events FROM made GROUP BY person_id
"""

_PLAN = """
CREATE TEMPORARY TABLE planned_activities ON COMMIT DROP AS
SELECT s.person_id, max(s.last_active_on) AS last_active_on, coalesce(max(n.events), 0) AS events
FROM staged_rows s LEFT JOIN new_attendance n ON n.person_id = s.person_id
LEFT JOIN activities a ON a.person_id = s.person_id
GROUP BY s.person_id
HAVING max(n.events) > 0 OR max(s.last_active_on) > coalesce(max(a.last_active_on), DATE '0001-01-01')
"""

_REMEMBER = """
INSERT INTO import_changes AS c (import_id, person_id, before)
SELECT :import_id, r.person_id, jsonb_build_object('last_active_on', a.last_active_on)
FROM planned_activities r LEFT JOIN activities a ON a.person_id = r.person_id
ON CONFLICT (import_id, person_id) DO UPDATE SET before = c.before || excluded.before WHERE c.before IS NOT NULL
"""

_CHANGE = """
WITH changed AS (
    INSERT INTO activities AS a (person_id, last_active_on, attended_count)
    SELECT person_id, last_active_on, events FROM planned_activities
    ON CONFLICT (person_id) DO UPDATE SET
        last_active_on = greatest(a.last_active_on, excluded.last_active_on),
        attended_count = a.attended_count + excluded.attended_count
    RETURNING person_id
)
INSERT INTO touched SELECT person_id FROM changed
"""


def write_attendance(session: Session, run: ImportRun) -> None:
    """Write who came to what, and when they were last active."""
    session.execute(text(_RECORD), {"import_id": run.id})
    session.execute(text(_PLAN))
    session.execute(text(_REMEMBER), {"import_id": run.id})
    session.execute(text(_CHANGE))
