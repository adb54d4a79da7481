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
        "options",
        "session",
        "titles",
        "about",
        "place",
        "position",
        "other_session",
        "deadline",
        "since",
        "until",
        "time",
        "day",
        "where",
        "doors",
        "lost",
    }
)
# What the house's own texts may hold besides.
HOUSE_PLACEHOLDERS = frozenset({"hotline", "count", "signed", "known", "list", "word"})
_PLACEHOLDER = re.compile(r"(,? ?)\{(\w+)\}")


def speaks_of_the_day(wording: str) -> bool:
    """Tell whether a wording may say “today” or “tomorrow”, which is true for that day alone."""
    return "{day}" in wording


def placeholders_in(wording: str) -> list[str]:
    """Return the names of the placeholders of a wording, in order."""
    return [name for _, name in _PLACEHOLDER.findall(wording)]


def stray_braces_in(wording: str) -> bool:
    """Tell whether braces are left that hold no name: a placeholder that somebody misspelt."""
    return bool(re.search(r"[{}]", _PLACEHOLDER.sub("", wording)))


def fill(wording: str, values: Mapping[str, str]) -> str:
    """Put the values in; an empty one takes the space, or comma and space, before it along.

    So “Hi {first_name}, Luz” reads “Hi, Luz”, and “{session}, {place}. See” reads “Sat Dec 5. See”.
    """

    def put(match: re.Match[str]) -> str:
        value = values.get(match[2], "").strip()
        return f"{match[1]}{value}" if value else ""

    return _PLACEHOLDER.sub(put, wording).lstrip(" ,")
