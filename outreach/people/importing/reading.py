"""Reading a list's file: what it is, how it is encoded, and its records one by one, none of them unbounded.

Why not the csv module: one stray quotation mark makes it swallow the rest of the file as a single cell.
"""

import codecs
import re
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from outreach.errors import OutreachError

CHUNK = 1 << 18
MAX_CELL = 8 * 1024  # characters
MAX_CELL_LINES = 20
MAX_LINE = 128 * 1024  # characters; what a line holds beyond is dropped, and the line refused
SEPARATORS = (",", ";", "\t", "|")
_SEPARATOR_LINE = re.compile(r"sep=(.)")
_CONTROL = bytes(set(range(32)) - {9, 10, 12, 13, 26})
_KINDS = (
    (b"PK\x03\x04", "is a zip file or an Excel workbook: unpack it, or save the sheet as CSV, and import that"),
    (b"PK\x05\x06", "is an empty zip file: import the CSV file that should be in it"),
    (b"\xd0\xcf\x11\xe0", "is an old Excel workbook: save the sheet as CSV and import that"),
    (b"\x1f\x8b", "is compressed: unpack it and import the CSV file in it"),
    (b"%PDF", "is a PDF: ask for the list as CSV"),
)


class BadList(OutreachError):  # noqa: N818 - the word is the field's
    """Say why a file cannot be imported as a whole, and what to do."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its row as a spreadsheet counts (the header is 1) and its cells, or why it cannot be read."""

    row: int
    cells: list[str]
    broken: str | None = None


class UnclosedCellError(Exception):
    """A quoted cell that does not end where its text does."""


def encoding_of(path: Path) -> str:
    """Return a file's encoding by reading it once: UTF-8 (or UTF-16 by its mark), else cp1252.

    Raises BadList for what is no text at all.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8 = True
    with path.open("rb") as file:
        first = file.read(CHUNK)
        if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        _refuse_other_kinds(path, first)
        chunk = first
        while chunk:
            if b"\0" in chunk:
                raise BadList(f"{path.name} is not a text file: import a CSV file")
            utf8 = utf8 and _decodes(decoder, chunk)
            chunk = file.read(CHUNK)
    return "utf-8-sig" if utf8 and _decodes(decoder, b"", final=True) else "cp1252"


def _refuse_other_kinds(path: Path, first: bytes) -> None:
    if not first.strip(b"\xef\xbb\xbf \t\r\n"):
        raise BadList(f"{path.name} is empty: export the list again")
    for mark, complaint in _KINDS:
        if first.startswith(mark):
            raise BadList(f"{path.name} {complaint}")
    # Text may hold a stray control character; one in a hundred is something else.
    if len(first) - len(first.translate(None, _CONTROL)) > len(first) / 100:
        raise BadList(f"{path.name} is not a text file: import a CSV file")


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def split_cells(text: str, separator: str) -> list[str]:
    """Return the cells of one record. Raises UnclosedCellError when a quoted cell does not end.

    As spreadsheets do, a quotation mark inside an unquoted cell is a character like any other. A cell over several
    lines must end at its mark: text after it means that the mark belongs to another row.
    """
    if '"' not in text:
        return text.split(separator)
    cells, start = [], 0
    while True:
        cell, end = _quoted(text, start) if text.startswith('"', start) else ("", start)
        stop = text.find(separator, end)
        if "\n" in cell and (text[end:stop] if stop >= 0 else text[end:]).strip():
            raise UnclosedCellError
        if stop < 0:
            cells.append(cell + text[end:])
            return cells
        cells.append(cell + text[end:stop])
        start = stop + 1


def _quoted(text: str, start: int) -> tuple[str, int]:
    """Return the quoted cell that begins at `start`, unquoted, and the place after its closing mark."""
    parts, begin = [], start + 1
    while True:
        mark = text.find('"', begin)
        if mark < 0:
            raise UnclosedCellError
        parts.append(text[begin:mark])
        if not text.startswith('"', mark + 1):
            return '"'.join(parts), mark + 1
        begin = mark + 2


class Lines:
    """The lines of a text file, each bounded, with room to put lines back."""

    def __init__(self, file: TextIO, tell: Callable[[int], None]) -> None:
        self._file = file
        self._back: list[str] = []
        self._tell = tell

    def next(self) -> str | None:
        """Return the next line without its end, or None; a line longer than MAX_LINE is cut."""
        if self._back:
            return self._back.pop()
        line = self._file.readline(MAX_LINE)
        if not line:
            return None
        self._tell(len(line))
        if len(line) == MAX_LINE and not line.endswith("\n"):
            self._skip_rest()
        return line.rstrip("\n")

    def _skip_rest(self) -> None:
        while (more := self._file.readline(MAX_LINE)) and not more.endswith("\n"):
            self._tell(len(more))

    def put_back(self, lines: list[str]) -> None:
        """Have these lines read again next, the first of them first."""
        self._back.extend(reversed(lines))


def read_records(
    path: Path, encoding: str, separator: str | None = None, tell: Callable[[int], None] = lambda _: None
) -> Generator[Record]:
    """Yield a file's records, the header first, as row 1. Blank lines count as rows but are not yielded.

    Without a separator the header's is found. `tell` hears how many characters were read, for a progress bar.
    A quoted cell may span 20 lines and 8 kB; beyond, the line where it began is broken and reading goes on after it.
    """
    with path.open(encoding=encoding, errors="replace", newline=None) as file:
        lines = Lines(file, tell)
        row = 0
        while (line := lines.next()) is not None:
            if row == 0 and (not line.strip() or _SEPARATOR_LINE.fullmatch(line)):
                continue
            row += 1
            separator = separator or find_separator(line)
            if line.strip(separator + " "):
                yield _record(row, line, separator, lines)


def find_separator(header: str) -> str:
    """Return what separates the header's names: the candidate that stands there most often."""
    return max(SEPARATORS, key=header.count)


def _record(row: int, line: str, separator: str, lines: Lines) -> Record:
    first, text = line, line
    taken: list[str] = []
    while True:
        try:
            cells = split_cells(text, separator)
        except UnclosedCellError:
            more = lines.next() if len(taken) < MAX_CELL_LINES - 1 and len(text) <= MAX_CELL + len(first) else None
            if more is None:
                lines.put_back(taken)
                return _broken(row, first, separator, "a quoted cell that begins in this row does not end")
            taken.append(more)
            text = f"{text}\n{more}"
            continue
        if max(map(len, cells)) > MAX_CELL:
            lines.put_back(taken)
            return _broken(row, first, separator, "a cell is longer than 8 kB")
        return Record(row, cells)


def _broken(row: int, line: str, separator: str, reason: str) -> Record:
    return Record(row, [cell[:MAX_CELL] for cell in line[:MAX_LINE].split(separator)], reason)
