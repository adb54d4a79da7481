"""Names: folded for comparing and searching, and split when a list gives them whole."""

import re
import unicodedata

_NO_LETTER = re.compile(r"[\W_]+")


def fold(text: str) -> str:
    """Return a name for comparing: lower case, no accents, letters and digits only, single spaces."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))
    return _NO_LETTER.sub(" ", plain.replace("'", "").replace("\u2019", "")).strip()


def split_name(full: str) -> tuple[str, str]:
    """Return first and last name of a whole one: at the comma of "Last, First", else at the last space."""
    if "," in full:
        last, _, first = full.partition(",")
    else:
        first, _, last = full.rpartition(" ") if " " in full.strip() else (full, "", "")
    return first.strip(), last.strip()
