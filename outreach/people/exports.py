"""Writing CSV files that spreadsheets read rightly and run nothing of."""

import csv
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from outreach.errors import OutreachError

# A spreadsheet takes a cell that begins so for a formula; a telephone number or a plain figure is none.
_RUNS = re.compile(r"[=@\t\r]|[+\-](?![\d\s().\-]*$)")


def harmless(value: object) -> str:
    """Return a cell as text: nothing for None, ISO 8601 for times, `true` and `false`, lists joined by `;`.

    What a spreadsheet would run as a formula gets a ' before it.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        value = ";".join(map(str, value))
    text = str(value)
    return f"'{text}" if _RUNS.match(text.lstrip(" \n")) else text


class CsvFile:
    """A CSV file under way: UTF-8 with the mark that Excel asks for, a header, and rows as they come."""

    def __init__(self, path: Path, columns: Sequence[str]) -> None:
        try:
            self._file = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            raise OutreachError(f"{path} cannot be written ({error.strerror}): choose another place") from None
        self._writer = csv.writer(self._file)
        self.write(columns)

    def write(self, row: Iterable[object]) -> None:
        """Write one row."""
        self._writer.writerow([harmless(value) for value in row])

    def close(self) -> None:
        """Finish the file."""
        self._file.close()


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Iterable[object]]) -> int:
    """Write rows to a file as they come, and return how many there were."""
    file = CsvFile(path, columns)
    count = 0
    try:
        for row in rows:
            file.write(row)
            count += 1
    finally:
        file.close()
    return count
