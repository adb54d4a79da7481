"""The cells of one row, asked for by what they mean."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date

from outreach.people.importing import values
from outreach.people.importing.headers import Header

MAX_WORDS = 200  # characters of a name, a branch or a source


class Cells:
    """One row under its header. `odd` counts what could not be read and counts as empty, by what it was."""

    __slots__ = ("_cells", "header", "odd", "row")

    def __init__(self, header: Header, odd: Counter[str], row: int, cells: Sequence[str]) -> None:
        self.header, self.odd, self.row = header, odd, row
        self._cells = [values.clean(cell) for cell in cells] + [""] * (len(header.names) - len(cells))

    def all(self, field: str) -> list[str]:
        """Return all cells of a field, the empty ones too."""
        return [self._cells[place] for place in self.header.fields.get(field, ())]

    def first(self, field: str) -> str:
        """Return the first cell of a field that holds something."""
        for place in self.header.fields.get(field, ()):
            if self._cells[place]:
                return self._cells[place]
        return ""

    def words(self, field: str) -> str:
        """Return the first filled cell of a field, cut to a length that a name or a branch has."""
        return self.first(field)[:MAX_WORDS]

    def named(self, field: str) -> Iterator[tuple[str, str]]:
        """Yield a field's filled cells, each with its column's name."""
        for place in self.header.fields.get(field, ()):
            if self._cells[place]:
                yield self.header.names[place].strip(), self._cells[place]

    def kept(self) -> dict[str, str]:
        """Return the filled cells of the columns that the operator asked to keep."""
        return {name: self._cells[place] for name, place in self.header.kept.items() if self._cells[place]}

    def date(self, field: str) -> date | None:
        """Return a field's day, None where there is none or it cannot be read."""
        cell = self.first(field)
        found = values.read_date(cell) if cell else None
        if cell and found is None and not values.is_nothing(cell):
            self.odd["dates"] += 1
        return found
