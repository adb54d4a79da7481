"""Importing a list, from the file to the report, in one transaction: whole or not at all."""

import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from outreach.people.importing import values
from outreach.people.importing.attendances import write_attendance
from outreach.people.importing.facts import write_memberships, write_people
from outreach.people.importing.full_list import hold_missing, note_entries
from outreach.people.importing.headers import Header, read_header
from outreach.people.importing.linking import make_numbers
from outreach.people.importing.matching import match_known_ids, match_people
from outreach.people.importing.reading import BadList, Record, encoding_of, read_records
from outreach.people.importing.rejects import Rejects
from outreach.people.importing.report import Report, count_outcome, header_warnings
from outreach.people.importing.rows import ListFacts, RowReader
from outreach.people.importing.staged import ImportRun, Rejection
from outreach.people.importing.staging import Staging, create_tables
from outreach.people.importing.wishes import write_wishes
from outreach.people.models import ListImport
from outreach.people.standings import postponed_standings, refresh_standings

# One import at a time: two would wait for each other's numbers in a circle.
IMPORT_LOCK = 7_301_202_613

_AFFECTED = """
SELECT person_id FROM touched UNION SELECT person_id FROM import_changes WHERE import_id = :import_id
UNION
SELECT o.person_id FROM (
    SELECT person_id FROM touched UNION SELECT person_id FROM import_changes WHERE import_id = :import_id
) t JOIN person_numbers l ON l.person_id = t.person_id JOIN person_numbers o ON o.number_id = l.number_id
"""

_REMEMBER_THE_REST = """
INSERT INTO import_changes (import_id, person_id, before)
SELECT DISTINCT CAST(:import_id AS bigint), person_id, CAST('{}' AS jsonb) FROM touched
ON CONFLICT (import_id, person_id) DO NOTHING
"""


@dataclass(frozen=True)
class Request:
    """What the operator asks for. `today` is the chapter's day; `key` is SUPPRESSION_KEY."""

    path: Path
    now: datetime
    today: date
    key: str
    by: str = "command line"
    source: str | None = None
    consent: str | None = None
    keep: tuple[str, ...] = ()
    full_list: bool = False
    sure: bool = False


def import_list(session: Session, request: Request, tell: Callable[[int], None] = lambda _: None) -> Report:
    """Import a list and return the report; the caller commits, or rolls back a dry run.

    `tell` hears how many characters have been read. Rejected rows go to the file beside the list. Raises BadList for
    a file that is no list, and OutreachError where a full list lacks too many; nothing is left of the import then.
    """
    encoding = encoding_of(request.path)
    with contextlib.closing(read_records(request.path, encoding, tell=tell)) as records:
        return _import(session, request, encoding, records)


def _import(session: Session, request: Request, encoding: str, records: Iterator[Record]) -> Report:
    header = _header(request, records)
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": IMPORT_LOCK})
    record, run = _begin(session, request, header)
    report = Report(run.id, run.source, ignored_columns=list(header.left_out))
    with Rejects(request.path, header.names) as rejects:
        reader = RowReader(header, _list_facts(request, run, header))
        create_tables(session)
        report.rows = _stage(records, reader, rejects, Staging(session, run.key))
        _reject_conflicts(session, request, encoding, rejects)
        with postponed_standings(session):
            report.held = _write(session, run, request)
        report.rejected = rejects.count
        report.rejects_file = str(rejects.path) if rejects.count else None
    count_outcome(session, report)
    report.warnings = header_warnings(header, consent=bool(run.wording)) + _oddities(reader)
    record.counts, record.warnings, record.finished_at = report.counts(), report.warnings, request.now
    session.flush()
    session.expire_all()  # statements went past what the session had loaded
    return report


def _header(request: Request, records: Iterator[Record]) -> Header:
    first = next(records, None)
    if first is None:
        raise BadList(f"{request.path.name} is empty: export the list again")
    if first.broken:
        raise BadList(f"{request.path.name}: the header cannot be read, {first.broken}. Export the list again")
    return read_header(first.cells, request.keep)


def _begin(session: Session, request: Request, header: Header) -> tuple[ListImport, ImportRun]:
    source = request.source or header.label or _source_of(request.path)
    record = ListImport(
        source=source, file_name=request.path.name, consent_wording=request.consent, started_at=request.now
    )
    session.add(record)
    session.flush()
    listed_on = values.day_in_name(request.path.stem) or request.today
    wording = (request.consent or "").strip() or None
    run = ImportRun(record.id, source, min(listed_on, request.today), request.now, request.by, request.key, wording)
    return record, run


def _source_of(path: Path) -> str:
    """Return a file's name without its day and number, so that next week's file is the same source."""
    name = re.sub(r"[\d_\-. ()]+$", "", re.sub(r"20\d\d[-_]?\d\d[-_]?\d\d", "", path.stem)).strip(" _-.")
    return name or path.stem


def _list_facts(request: Request, run: ImportRun, header: Header) -> ListFacts:
    id_system = request.source or header.system or run.source
    return ListFacts(run.source, id_system, run.listed_on, request.today, consent=bool(run.wording))


def _stage(records: Iterator[Record], reader: RowReader, rejects: Rejects, staging: Staging) -> int:
    """Stage the rows that can be read, reject the others, and return how many there were."""
    rows = 0
    for record in records:
        rows += 1
        read = Rejection(record.broken) if record.broken else reader.read(record.row, record.cells)
        if not isinstance(read, Rejection):
            staging.add(read)
            continue
        rejects.add(record.row, read.reason, record.cells)
        if read.identity and (read.identity.external_id or read.identity.email):
            staging.add_seen(read.identity)
    if not rows:
        raise BadList("the list has a header and no rows below it")
    staging.finish()
    return rows


def _reject_conflicts(session: Session, request: Request, encoding: str, rejects: Rejects) -> None:
    reasons = dict(match_known_ids(session))
    if not reasons:
        return
    for record in read_records(request.path, encoding):
        if record.row in reasons:
            rejects.add(record.row, reasons[record.row], record.cells)


def _write(session: Session, run: ImportRun, request: Request) -> int:
    """Write what is staged, and return how many people are held for missing on a full list."""
    make_numbers(session, run.now)
    match_people(session, run)
    session.execute(text("ANALYZE staged_rows"))
    write_people(session, run)
    write_memberships(session, run)
    write_attendance(session, run)
    write_wishes(session, run)
    note_entries(session, run)
    held = hold_missing(session, run, sure=request.sure) if request.full_list else 0
    session.execute(text(_REMEMBER_THE_REST), {"import_id": run.id})
    refresh_standings(session, session.scalars(text(_AFFECTED), {"import_id": run.id}))
    return held


def _oddities(reader: RowReader) -> list[str]:
    return [f"{count} {what} could not be read and were left empty" for what, count in sorted(reader.odd.items())]
