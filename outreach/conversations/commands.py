"""`outreach conversations export`, `outreach readings export`."""

from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.corrections import labelled_lines
from outreach.conversations.models import Conversation
from outreach.database import transaction
from outreach.people.exports import write_csv
from outreach.process import connected
from outreach.texting.exports import BATCH, iso

COLUMNS = ("id", "person_id", "flow", "step", "state", "owner", "started_at", "ended_at", "outcome")


@click.group()
def conversations() -> None:
    """Work with the conversations that people have had."""


@conversations.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(*, file: Path) -> None:
    """Write every conversation to a CSV file."""
    with connected() as process, transaction() as session:
        write_csv(file, COLUMNS, _rows(session, process.settings.zone))


def _rows(session: Session, zone: ZoneInfo) -> Iterator[tuple[object, ...]]:
    wanted = select(Conversation).order_by(Conversation.id).execution_options(yield_per=BATCH)
    for one in session.scalars(wanted):
        yield (
            one.id,
            one.person_id,
            one.flow,
            one.step,
            one.state,
            one.owner,
            iso(one.started_at, zone),
            iso(one.ended_at, zone),
            one.outcome,
        )


@click.group()
def readings() -> None:
    """Work with what people corrected in the program's reading."""


@readings.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_readings(*, file: Path) -> None:
    """Write every corrected reading to a file of JSON lines, labelled as the examples are."""
    with connected(), transaction() as session, file.open("w", encoding="utf-8") as opened:
        count = 0
        for count, line in enumerate(labelled_lines(session), 1):  # noqa: B007 - counted here, told below
            opened.write(f"{line}\n")
    click.echo(f"{count} readings written")
