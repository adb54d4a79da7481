"""`outreach stop-all`, `resume-all`, and the export of texts."""

from pathlib import Path

import click

from outreach import clock
from outreach.accounts.audit import operator, record_act
from outreach.database import transaction
from outreach.people.exports import write_csv
from outreach.process import connected
from outreach.texting.exports import TEXT_COLUMNS, text_rows
from outreach.texting.gates import ALL, close_gate, open_gate
from outreach.texting.outbox import DRAIN


@click.command()
@click.option("--because", default="by hand", help="Why; shown on every page.")
def stop_all(*, because: str) -> None:
    """Let nothing leave any more, at once."""
    with connected(), transaction() as session:
        now = clock.now()
        close_gate(session, ALL, operator(), because, now)
        record_act(session, operator(), "stopped all", now)


@click.command()
def resume_all() -> None:
    """Let texts leave again."""
    with connected() as process:
        with transaction() as session:
            open_gate(session, ALL)
            record_act(session, operator(), "resumed all", clock.now())
        process.wake(DRAIN)


@click.group()
def texts() -> None:
    """Work with the texts, in and out."""


@texts.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export(*, file: Path) -> None:
    """Write every text to a CSV file."""
    with connected() as process, transaction() as session:
        write_csv(file, TEXT_COLUMNS, text_rows(session, process.settings.zone))
