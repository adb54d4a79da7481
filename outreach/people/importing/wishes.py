"""Opt-outs and consent of a list. Opt-outs are only ever added; consent comes only with its wording."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.consent import number_hash
from outreach.people.importing.staged import ImportRun
from outreach.people.importing.staging import driver_connection
from outreach.people.models import ConsentAction, Scope

_COLUMN = {Scope.TEXTS: "texts_opted_out_at", Scope.CALLS: "calls_opted_out_at"}
_FLAG = {Scope.TEXTS: "no_texts", Scope.CALLS: "no_calls"}

# Whoever asked not to be texted did not mean one of their numbers only.
_OPT_OUT = """
UPDATE phone_numbers t SET {column} = :now
WHERE t.{column} IS NULL AND t.id IN (
    SELECT l.number_id FROM staged_rows s JOIN person_numbers l ON l.person_id = s.person_id
    WHERE s.{flag} AND l.retired_at IS NULL
    UNION
    SELECT n.number_id FROM staged_rows s JOIN staged_numbers n ON n.row = s.row WHERE s.{flag}
)
RETURNING t.id, t.phone
"""

_TOUCH = """
INSERT INTO touched SELECT DISTINCT s.person_id FROM person_numbers l JOIN staged_rows s ON s.person_id = l.person_id
WHERE l.number_id = ANY (:ids)
"""

_CONSENT = """
WITH agreed AS (
    SELECT DISTINCT n.number_id, n.number_hash FROM staged_rows s JOIN staged_numbers n ON n.row = s.row
    WHERE s.consents AND n.kind <> 'home'
), consented AS (
    UPDATE phone_numbers t SET consented_at = :now FROM agreed a
    WHERE t.id = a.number_id AND t.consented_at IS NULL AND t.texts_opted_out_at IS NULL
    RETURNING t.id, a.number_hash
), noted AS (
    INSERT INTO consent_events (number_hash, action, scope, source, wording, by, at)
    SELECT number_hash, 'consent', 'texts', :ledger_source, :wording, :by, :now FROM consented
)
INSERT INTO touched
SELECT DISTINCT s.person_id
FROM consented c JOIN staged_numbers n ON n.number_id = c.id JOIN staged_rows s ON s.row = n.row
"""

_LEDGER = "COPY consent_events (number_hash, action, scope, source, rule, by, at) FROM STDIN"


def write_wishes(session: Session, run: ImportRun) -> None:
    """Write the list's opt-outs and then, with its wording, the consent of those who are not opted out."""
    for scope in Scope:
        _opt_out(session, scope, run)
    if run.wording:
        values = {"wording": run.wording, "ledger_source": run.ledger_source, "by": run.by, "now": run.now}
        session.execute(text(_CONSENT), values)


def _opt_out(session: Session, scope: Scope, run: ImportRun) -> None:
    flag = _FLAG[scope]
    statement = _OPT_OUT.format(column=_COLUMN[scope], flag=flag)
    numbers = session.execute(text(statement), {"now": run.now}).all()
    session.execute(text(_TOUCH), {"ids": [number_id for number_id, _ in numbers]})
    with driver_connection(session).cursor() as cursor, cursor.copy(_LEDGER) as copy:
        for _, phone in numbers:
            hashed = number_hash(phone, run.key)
            copy.write_row((hashed, ConsentAction.OPT_OUT, scope, run.ledger_source, flag, run.by, run.now))
