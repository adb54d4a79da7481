"""`outreach people` and `outreach segment`: lists in and out, and counts, from the command line."""

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path

import click
from sqlalchemy.orm import Session

from outreach import clock
from outreach.accounts.audit import operator, record_act
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.people.export_people import COLUMNS, people_rows
from outreach.people.exports import write_csv
from outreach.people.importing.report import Report
from outreach.people.importing.run import Request, import_list
from outreach.people.importing.undo import Undone, undo_import
from outreach.people.segments import SEGMENTS, Segment, SegmentLimits, count_textable
from outreach.process import Process, connected
from outreach.settings import Settings

ANY_FILE = click.Path(exists=True, dir_okay=False, readable=True, path_type=Path)


def segment_limits(settings: Settings) -> SegmentLimits:
    """Return the days that set segments apart, as the operator set them."""
    return SegmentLimits(settings.new_days, settings.active_days, settings.inactive_days, settings.attendance_since)


def chapter_day(settings: Settings, now: datetime) -> date:
    """Return which day it is where the chapter is."""
    return now.astimezone(settings.zone).date()


@click.group()
def people() -> None:
    """Who we know: import lists of people, take an import back, export."""


@people.command("import")
@click.argument("file", type=ANY_FILE)
@click.option("--source", help="Whose list it is, as people may be told. Default: the system it is from, or its name.")
@click.option("--consent", help="The wording these people agreed to, and where. Without it they are not texted.")
@click.option("--full-list", is_flag=True, help="It names everybody of its source: hold whoever is missing.")
@click.option("--yes", "sure", is_flag=True, help="With --full-list: go on though more than a tenth is missing.")
@click.option("--keep", multiple=True, metavar="COLUMN", help="Keep a column that is otherwise left out.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def import_command(  # noqa: PLR0913 - one argument for each option
    *,
    file: Path,
    source: str | None,
    consent: str | None,
    full_list: bool,
    sure: bool,
    keep: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import a list of people from a CSV file; rejected rows go to a file beside it."""
    with connected() as process:
        now = clock.now()
        request = Request(
            path=file,
            now=now,
            today=chapter_day(process.settings, now),
            key=process.settings.suppression_key.get_secret_value(),
            by=operator(),
            source=source,
            consent=consent,
            keep=keep,
            full_list=full_list,
            sure=sure,
        )
        report = _import(request, dry_run=dry_run)
    _print(report, as_json=as_json, dry_run=dry_run)
    if report.rows == report.rejected:
        raise OutreachError(f"no row of the list could be imported: see {report.rejects_file}")


def _import(request: Request, *, dry_run: bool) -> Report:
    with _progress(request.path) as tell, transaction() as session, session.begin_nested() as attempt:
        report = import_list(session, request, tell)
        counts = {**report.counts(), "import_id": report.import_id}
        record_act(session, request.by, "people import", request.now, **counts)
        if dry_run:
            attempt.rollback()
    return report


@contextlib.contextmanager
def _progress(path: Path) -> Iterator[Callable[[int], None]]:
    """Yield what hears how far the reading is; somebody who looks on sees a bar."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=path.stat().st_size, label=path.name, file=sys.stderr) as bar:
        yield bar.update


def _print(report: Report, *, as_json: bool, dry_run: bool) -> None:
    for warning in report.warnings:
        click.echo(f"Note: {warning}", err=True)
    if as_json:
        click.echo(json.dumps(report.as_json()))
        return
    click.echo(f"Import {report.import_id} of “{report.source}”" if not dry_run else "A dry run: nothing was changed")
    for name, count in report.counts().items():
        click.echo(f"{name.replace('_', ' '):>13}  {count}")
    if report.ignored_columns:
        click.echo(f"left out: {', '.join(report.ignored_columns)}")
    if report.rejects_file:
        click.echo(f"rejected rows and why: {report.rejects_file}")


@people.command("undo")
@click.argument("import_id", type=click.IntRange(1, 2**63 - 1))
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def undo_command(import_id: int, *, as_json: bool) -> None:
    """Take an import back. Opt-outs that it brought stay: they are never taken back."""
    with connected() as process, transaction() as session:
        now = clock.now()
        key = process.settings.suppression_key.get_secret_value()
        undone = undo_import(session, import_id, now=now, by=operator(), key=key)
        record_act(session, operator(), "people undo", now, import_id=import_id, **undone.counts())
    click.echo(json.dumps(undone.counts()) if as_json else _told(undone))


def _told(undone: Undone) -> str:
    said = f"{undone.deleted} people deleted, {undone.restored} put back as they were"
    return f"{said}; {undone.kept} kept because they have been in touch since" if undone.kept else said


@people.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_command(file: Path) -> None:
    """Export everybody we know to a CSV file."""
    with connected() as process, transaction() as session:
        now = clock.now()
        rows = people_rows(session, segment_limits(process.settings), chapter_day(process.settings, now))
        count = write_csv(file, COLUMNS, rows)
        record_act(session, operator(), "people export", now, rows=count)
    click.echo(f"{count} people in {file}", err=True)


@click.group()
def segment() -> None:
    """Segments: groups of people to address."""


@segment.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print an object of names and counts.")
def list_command(*, as_json: bool) -> None:
    """Print each segment with how many of it can be texted."""
    with _counting() as (session, count):
        counts = {str(name): count(session, name) for name in SEGMENTS}
    if as_json:
        click.echo(json.dumps(counts))
        return
    for name, number in counts.items():
        click.echo(f"{name:<16}  {number}")


@segment.command("count")
@click.argument("name", metavar="SEGMENT", type=click.Choice([name.value for name in SEGMENTS]))
def count_command(name: str) -> None:
    """Print how many people of a segment can be texted: one whole number."""
    with _counting() as (session, count):
        click.echo(count(session, Segment(name)))


@contextlib.contextmanager
def _counting() -> Iterator[tuple[Session, Callable[[Session, Segment], int]]]:
    with connected() as process, transaction() as session:
        yield session, _counter(process)


def _counter(process: Process) -> Callable[[Session, Segment], int]:
    limits, today = segment_limits(process.settings), chapter_day(process.settings, clock.now())
    return lambda session, name: count_textable(session, name, limits, today)
