"""Filling a wording with values: one pass over known placeholders. Member data is never a template."""

import re
from collections.abc import Mapping

PLACEHOLDERS = frozenset(
    {
        "first_name",
        "sender",
        "who",
        "org",
        "contact",
        "menu",
        "session",
        "place",
        "position",
        "other_session",
        "deadline",
        "since",
        "until",
        "time",
        "where",
        "lost",
    }
)
_PLACEHOLDER = re.compile(r" ?\{(\w+)\}")


def placeholders_in(wording: str) -> list[str]:
    """Return the names of the placeholders of a wording, in order."""
    return _PLACEHOLDER.findall(wording)


def fill(wording: str, values: Mapping[str, str]) -> str:
    """Put the values in; an empty one takes the space before it along, so that “Hi {first_name},” reads “Hi,”."""

    def put(match: re.Match[str]) -> str:
        value = values.get(match[1], "").strip()
        return f"{' ' if match[0].startswith(' ') else ''}{value}" if value else ""

    return _PLACEHOLDER.sub(put, wording)
