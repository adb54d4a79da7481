"""The file of rejected rows beside a list: what to mend, ready to be imported again."""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from outreach.people.exports import CsvFile


class Rejects:
    """Writes `members.rejected.csv` beside `members.csv`: row, reason, then the original columns.

    The file is made at the first rejected row; one of an earlier import is removed, so that none is taken for this
    import's.
    """

    def __init__(self, path: Path, names: Sequence[str]) -> None:
        self.path = path.with_name(f"{path.stem}.rejected.csv")
        self.count = 0
        self._columns = ("row", "reason", *names)
        self._file: CsvFile | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()
            if error is not None:
                self.path.unlink(missing_ok=True)

    def add(self, row: int, reason: str, cells: Sequence[str]) -> None:
        """Write one rejected row."""
        if self._file is None:
            self._file = CsvFile(self.path, self._columns)
        self._file.write((row, reason, *cells))
        self.count += 1
