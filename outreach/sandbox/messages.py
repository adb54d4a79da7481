"""The texts of the account, in both directions."""

import secrets
import time
from dataclasses import dataclass, fields
from enum import StrEnum
from operator import attrgetter

from outreach.sandbox.database import Database


class Direction(StrEnum):
    """Where a text came from."""

    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_REPLY = "outbound-reply"


class Status(StrEnum):
    """Where a text is on its way."""

    ACCEPTED = "accepted"
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


RANKS: dict[str, int] = {
    Status.ACCEPTED: 0,
    Status.QUEUED: 1,
    Status.SENT: 2,
    Status.UNDELIVERED: 3,
    Status.FAILED: 3,
    Status.DELIVERED: 3,
    Status.RECEIVED: 4,
}
LEFT = frozenset({Status.SENT, Status.DELIVERED, Status.UNDELIVERED})


@dataclass(frozen=True)
class Message:
    """One text; times are seconds since 1970, `media` and `form` are JSON, `webhook` is the application's answer."""

    sid: str
    direction: str
    sender: str | None
    recipient: str
    member: str
    body: str
    status: str
    segments: int
    created: float
    updated: float
    sent: float | None = None
    error_code: int | None = None
    media: str = "[]"
    service: str | None = None
    callback: str | None = None
    form: str = "{}"
    webhook: str | None = None
    id: int = 0


COLUMNS = ", ".join(field.name for field in fields(Message))
SELECT = f"SELECT {COLUMNS} FROM messages"  # noqa: S608 - the columns are the dataclass's own
# The id comes last in the dataclass, and SQLite gives it.
INSERT = f"INSERT INTO messages ({COLUMNS.removesuffix(', id')}) VALUES ({', '.join('?' * (len(fields(Message)) - 1))})"  # noqa: S608
# dataclasses.astuple copies deeply, which costs as much as the INSERT.
VALUES = attrgetter(*(field.name for field in fields(Message) if field.name != "id"))


def new_sid(prefix: str) -> str:
    """Return a fresh identifier: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


@dataclass(frozen=True)
class MessageQuery:
    """What a listing asks for; `sent_from` inclusive, `sent_before` exclusive, `below` an id: newest come first."""

    recipient: str | None = None
    sender: str | None = None
    sent_from: float | None = None
    sent_before: float | None = None
    below: int | None = None
    limit: int = -1
    offset: int = 0

    def condition(self) -> tuple[str, list[object]]:
        """The query's WHERE clause and its values."""
        terms: list[tuple[str, object]] = [
            ("recipient = ?", self.recipient),
            ("sender = ?", self.sender),
            ("sent >= ?", self.sent_from),
            ("sent < ?", self.sent_before),
            ("id < ?", self.below),
        ]
        used = [(term, value) for term, value in terms if value is not None]
        where = " AND ".join(term for term, _ in used)
        return (f" WHERE {where}" if used else ""), [value for _, value in used]


class MessageTable:
    """The stored texts."""

    def __init__(self, database: Database, keep: int) -> None:
        self._database = database
        self._keep = keep

    def insert(self, message: Message) -> int:
        """Store a text and return the id that it got."""
        message_id = self._database.execute(INSERT, VALUES(message))
        if message_id % 1000 == 0:
            self._database.execute("DELETE FROM messages WHERE id <= ?", (message_id - self._keep,))
        return message_id

    def find(self, sid: str) -> Message | None:
        """Return the text of this sid."""
        row = self._database.row(f"{SELECT} WHERE sid = ?", (sid,))
        return Message(*row) if row else None

    def search(self, query: MessageQuery) -> list[Message]:
        """Return the texts that a query asks for, newest first."""
        where, values = query.condition()
        rows = self._database.rows(
            f"{SELECT}{where} ORDER BY id DESC LIMIT ? OFFSET ?", [*values, query.limit, query.offset]
        )
        return [Message(*row) for row in rows]

    def after(self, message_id: int, phone: str | None, limit: int) -> list[Message]:
        """Return texts with larger ids, oldest first; of one member, or of all."""
        where, values = ("AND member = ? ", [phone]) if phone else ("", [])
        rows = self._database.rows(
            f"{SELECT} WHERE id > ? {where}ORDER BY id LIMIT ?",  # one of two literal conditions
            [message_id, *values, limit],
        )
        return [Message(*row) for row in rows]

    def of_member(self, phone: str, limit: int = -1) -> list[Message]:
        """Return the texts to and from a member, oldest first; the last `limit` of them."""
        rows = self._database.rows(f"{SELECT} WHERE member = ? ORDER BY id DESC LIMIT ?", (phone, limit))
        return [Message(*row) for row in reversed(rows)]

    def advance(self, message: Message, status: str, error_code: int | None, sender: str) -> None:
        """Move a text to a later status, and give it its sender; a status that it has passed changes nothing."""
        now = time.time()
        earlier = [known for known, rank in RANKS.items() if rank < RANKS[status]]
        change = "status = ?, error_code = ?, sender = ?, sent = coalesce(sent, ?), updated = ?"
        marks = ", ".join("?" * len(earlier))
        self._database.execute(
            f"UPDATE messages SET {change} WHERE id = ? AND status IN ({marks})",  # noqa: S608 - literals and marks
            (status, error_code, sender, now if status in LEFT else None, now, message.id, *earlier),
        )

    def record_webhook(self, sid: str, webhook: str) -> None:
        """Note how the application answered the webhook of an inbound text."""
        self._database.execute("UPDATE messages SET webhook = ? WHERE sid = ?", (webhook, sid))

    def keep_media(self, sid: str, media: str) -> None:
        """Note which files a text still has."""
        self._database.execute("UPDATE messages SET media = ? WHERE sid = ?", (media, sid))

    def counts(self) -> dict[str, int]:
        """Return how many texts there are of each direction and status, as `direction status`."""
        rows = self._database.rows("SELECT direction, status, count(*) FROM messages GROUP BY direction, status")
        return {f"{direction} {status}": count for direction, status, count in rows}

    def doubled(self) -> int:
        """Return how many texts repeat an earlier one to the same person, word for word."""
        row = self._database.row(
            "SELECT coalesce(sum(times - 1), 0) FROM (SELECT count(*) AS times FROM messages "
            "WHERE direction = 'outbound-api' GROUP BY recipient, body)"
        )
        return int(row[0]) if row else 0

    def last_sender_to(self, phone: str) -> str | None:
        """Return the sender that last texted a member, if any."""
        row = self._database.row(
            "SELECT sender FROM messages WHERE member = ? AND direction != 'inbound' AND sender IS NOT NULL "
            "ORDER BY id DESC LIMIT 1",
            (phone,),
        )
        return str(row[0]) if row else None
