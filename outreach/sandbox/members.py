"""The people whose phones the sandbox plays."""

from collections.abc import Iterable
from dataclasses import dataclass

from outreach.sandbox.database import Database

SEARCH = "WHERE instr(lower(name), ?) OR phone LIKE ? "
COLUMNS = "id, phone, name, language, last_message, unanswered"


@dataclass(frozen=True)
class Member:
    """A phone and, if the application told it, whose it is; `unanswered` when the last text was ours to them."""

    id: int
    phone: str
    name: str
    language: str
    last_message: int
    unanswered: bool


class MemberTable:
    """All numbers that were texted, that texted, or that the application named."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def saw_text(self, phone: str, message_id: int, *, unanswered: bool) -> None:
        """Note a member's newest text."""
        self._database.execute(
            "INSERT INTO members (phone, last_message, unanswered) VALUES (?, ?, ?) ON CONFLICT (phone) "
            "DO UPDATE SET last_message = excluded.last_message, unanswered = excluded.unanswered",
            (phone, message_id, unanswered),
        )

    def name_contacts(self, contacts: Iterable[tuple[str, str, str]]) -> None:
        """Replace the names: phone, name, language each."""
        with self._database.transaction():
            self._database.execute("UPDATE members SET name = '', language = ''")
            for contact in contacts:
                # Several people may share a phone: all of their names are shown.
                self._database.execute(
                    "INSERT INTO members (phone, name, language) VALUES (?, ?, ?) ON CONFLICT (phone) "
                    "DO UPDATE SET name = CASE name WHEN '' THEN '' ELSE name || ' / ' END || excluded.name, "
                    "language = excluded.language",
                    contact,
                )

    def find(self, member_id: int) -> Member | None:
        """Return the member of this id."""
        return _member(self._database.row(f"SELECT {COLUMNS} FROM members WHERE id = ?", (member_id,)))  # noqa: S608

    def find_phone(self, phone: str) -> Member | None:
        """Return the member with this number."""
        return _member(self._database.row(f"SELECT {COLUMNS} FROM members WHERE phone = ?", (phone,)))  # noqa: S608

    def latest(self, limit: int, search: str = "") -> list[Member]:
        """Return the members of the newest texts first, then those without any, by name.

        `search` is a part of the name or the last digits of the number.
        """
        where, values = (SEARCH, [search.lower(), f"%{search}"]) if search else ("", [])
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM members {where}ORDER BY last_message DESC, name, id LIMIT ?",  # noqa: S608
            [*values, limit],
        )
        return [Member(*row) for row in rows]

    def unanswered(self, limit: int) -> list[Member]:
        """Return members whose last text waits for their answer, the longest waiting first."""
        rows = self._database.rows(
            f"SELECT {COLUMNS} FROM members WHERE unanswered ORDER BY last_message LIMIT ?",  # noqa: S608
            (limit,),
        )
        return [Member(*row) for row in rows]


def _member(row: tuple[int, str, str, str, int, int] | tuple[object, ...] | None) -> Member | None:
    return Member(*row) if row else None  # type: ignore[arg-type]
