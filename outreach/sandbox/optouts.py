"""Who may not be texted any more, by Twilio's own list."""

import time

from outreach.sandbox.database import Database


class OptOutTable:
    """The block list; a scope is a sender's number or a messaging service."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def contains(self, scope: str, phone: str) -> bool:
        """Say whether texts of this scope to this number are refused."""
        return self._database.row("SELECT 1 FROM opt_outs WHERE scope = ? AND phone = ?", (scope, phone)) is not None

    def add(self, scope: str, phone: str) -> bool:
        """Block a number; return whether it was open before."""
        if self.contains(scope, phone):
            return False
        self._database.execute("INSERT OR IGNORE INTO opt_outs VALUES (?, ?, ?)", (scope, phone, time.time()))
        return True

    def remove(self, scope: str, phone: str) -> bool:
        """Open a number again; return whether it was blocked before."""
        if not self.contains(scope, phone):
            return False
        self._database.execute("DELETE FROM opt_outs WHERE scope = ? AND phone = ?", (scope, phone))
        return True

    def pairs(self) -> list[tuple[str, str]]:
        """Return all pairs of scope and number."""
        return [(scope, phone) for scope, phone, _ in self._database.rows("SELECT * FROM opt_outs ORDER BY since")]

    def phones(self) -> frozenset[str]:
        """Return the numbers that are blocked for any scope."""
        return frozenset(phone for (phone,) in self._database.rows("SELECT DISTINCT phone FROM opt_outs"))
