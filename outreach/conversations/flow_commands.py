"""`outreach flows`: check flow files."""

from pathlib import Path

import click

from outreach.conversations.flow_files import FlowFileError, flow_paths, load_flow
from outreach.settings import load_settings


@click.group()
def flows() -> None:
    """Work with the conversations, which are files."""


@flows.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
def check(ctx: click.Context, *, files: tuple[Path, ...]) -> None:
    """Check flow files, or all that would run: a line for each complaint, exit status 1 if there is any."""
    wanted = files or tuple(flow_paths(load_settings().flows_dir).values())
    complaints = [line for path in wanted for line in _complaints(path)]
    for line in complaints:
        click.echo(line)
    ctx.exit(1 if complaints else 0)


def _complaints(path: Path) -> tuple[str, ...]:
    try:
        load_flow(path)
    except FlowFileError as error:
        return error.lines
    return ()
