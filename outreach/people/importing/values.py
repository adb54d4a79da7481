"""What the cells of a list mean: dates, yes and no, ZIP codes, words of membership and language."""

import functools
import re
from datetime import date

from outreach.people.importing.headers import columns

LIFETIME = date(2099, 11, 1)
_NOTHING = frozenset({"", "n/a", "na", "none", "null", "-", "--", "nan", "#n/a", "no phone", "unknown", "x"})
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ].*)?")
_AMERICAN = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})(?:[T ,].*)?")
_DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})[-_]?([01]\d)[-_]?([0-3]\d)(?!\d)")
_LIST = re.compile(r"[,;|]")


def clean(cell: str) -> str:
    """Return a cell without the space around it and without the mark that makes a spreadsheet show it as text."""
    cell = cell.strip()
    if cell.startswith("'") and cell[1:2] in {"=", "+", "-", "@"}:
        return cell[1:]
    return " ".join(cell.split()) if "\n" in cell or "  " in cell else cell


def is_nothing(cell: str) -> bool:
    """Tell whether a cell is one of the ways to write that there is nothing."""
    return cell.strip().casefold() in _NOTHING


@functools.cache
def _words(kind: str) -> dict[str, str]:
    return {word: meaning for meaning, words in columns()["values"][kind].items() for word in words}


def meaning(kind: str, cell: str) -> str | None:
    """Return what a word of a cell stands for (`kind` is a table of columns.json), or None for an unknown word."""
    return _words(kind).get(" ".join(cell.casefold().split()))


def is_true(cell: str) -> bool | None:
    """Return whether a cell says yes, or None when it says neither yes nor no."""
    word = meaning("bool", cell)
    return None if word is None else word == "true"


def says_no_contact(cell: str) -> bool:
    """Tell whether an opt-out cell is set; a word that nobody knows counts as set."""
    return is_true(cell) is not False


@functools.lru_cache(maxsize=20_000)
def read_date(cell: str) -> date | None:
    """Return the day of a cell: ISO, or month/day/year with two or four digits; None for anything else."""
    if found := _ISO.fullmatch(cell):
        year, month, day = map(int, found.groups())
    elif found := _AMERICAN.fullmatch(cell):
        month, day, year = map(int, found.groups())
        year += 0 if year > 99 else 2000 if year < 69 else 1900
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def day_in_name(name: str) -> date | None:
    """Return the day written in a file's name, such as members_20231227.csv."""
    found = _DAY_IN_NAME.search(name)
    return read_date("-".join(found.groups())) if found else None


def read_zip(cell: str) -> str | None:
    """Return five digits: without the four after the dash, with the zeros that a spreadsheet ate."""
    digits = re.split(r"[-.\s]", cell.strip(), maxsplit=1)[0]
    if not digits.isascii() or not digits.isdigit():
        return None
    if len(digits) == 9:
        digits = digits[:5]
    return digits.zfill(5) if 3 <= len(digits) <= 5 else None


def read_language(cell: str) -> str | None:
    """Return a language's code; of several in one cell the first that is known."""
    return next((code for part in re.split(r"[,;/|]", cell) if (code := meaning("language", part))), None)


def read_list(cell: str) -> list[str]:
    """Return the parts of a cell that holds several, each once, in their order."""
    return list(dict.fromkeys(part for piece in _LIST.split(cell) if (part := piece.strip())))


def is_minor(cell: str, today: date) -> bool:
    """Tell whether a birthdate, or an age in years, is of somebody under 18."""
    if cell.isascii() and cell.isdigit() and len(cell) <= 3:
        return 0 < int(cell) < 18
    born = read_date(cell)
    if born is None or born > today:
        return False
    return (today.year - born.year) - ((today.month, today.day) < (born.month, born.day)) < 18
