import re

_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def harmless(value: object) -> str:
    """Return a cell's text so that no spreadsheet runs it: whatever begins like a formula gets an apostrophe."""
    text = "" if value is None else str(value)
    runs = text.lstrip().startswith(("=", "+", "-", "@")) or text.startswith(("\t", "\r"))
    return f"'{text}" if runs and not _NUMBER.fullmatch(text) else text
