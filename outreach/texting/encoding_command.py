"""`outreach encode`: how many segments texts take. Needs no settings, database or Redis."""

import io
import sys

import click

from outreach.texting.segments import encode_lines


@click.command()
def encode() -> None:
    """Read JSON lines {"text"} and answer each with its encoding, units and segments."""
    for line in encode_lines(io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace")):
        click.echo(line)
