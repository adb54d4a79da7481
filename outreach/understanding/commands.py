import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TextIO

import click

from outreach.understanding.ladder import read
from outreach.understanding.reading import MenuOption


def menu_option(entry: Mapping[str, object]) -> MenuOption:
    """Make a menu option of its JSON object; raise ValueError, KeyError or TypeError if it is not one."""
    starts_at = entry.get("starts_at")
    return MenuOption(
        str(entry["key"]), str(entry.get("label", "")), datetime.fromisoformat(str(starts_at)) if starts_at else None
    )


def answer_line(line: str) -> dict[str, object]:
    """Read one JSON line and give its answer as JSON-ready values; a broken line gives ``{"id": None, "error": …}``."""
    try:
        asked = json.loads(line)
        moment = datetime.fromisoformat(asked["now"]) if asked.get("now") else datetime.now(UTC)
        if not isinstance(asked["text"], str):
            raise TypeError("text must be a string")  # noqa: TRY301 - one place answers all that is wrong with a line
        reading = read(
            asked["text"],
            context=str(asked.get("context") or "any"),
            menu=[menu_option(entry) for entry in asked.get("menu") or ()],
            now=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        return {"id": None, "error": f"{type(error).__name__}: not a reply in the form that CONTRACT.md asks for"}
    return {"id": asked.get("id"), **reading.as_dict()}


@click.command("understand")
@click.argument("lines", type=click.File("r", encoding="utf-8", errors="replace"), default="-")
def understand(lines: TextIO) -> None:
    """Read replies as JSON lines and print what they mean, in order."""
    for line in lines:
        if line.strip():
            click.echo(json.dumps(answer_line(line), ensure_ascii=False))
