"""The account that the sandbox plays: everything it knows, in one place."""

import threading
import time
from collections import deque
from dataclasses import dataclass, replace

from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.database import Database
from outreach.sandbox.faults import FaultTable
from outreach.sandbox.members import MemberTable
from outreach.sandbox.messages import Message, MessageTable
from outreach.sandbox.optouts import OptOutTable
from outreach.sandbox.steps import StepTable
from outreach.sandbox.webhooks import WebhookPoster


@dataclass(frozen=True)
class Alert:
    """A line of Twilio's debugger: what was wrong on the application's side; `at` in seconds since 1970."""

    code: int
    sid: str
    at: float


@dataclass(frozen=True)
class CallbackRecord:
    """A status callback that was posted; `answer` is the application's status, or why there was none."""

    sid: str
    status: str
    answer: str
    at: float


class Account:
    """State that all threads share; each table guards itself."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.database = Database(config.store)
        self.messages = MessageTable(self.database, config.keep_texts)
        self.steps = StepTable(self.database)
        self.opt_outs = OptOutTable(self.database)
        self.members = MemberTable(self.database)
        self.faults = FaultTable()
        self.poster = WebhookPoster(config.auth_token)
        self.alerts: deque[Alert] = deque(maxlen=500)
        self.posted: deque[CallbackRecord] = deque(maxlen=5000)
        self.stopping = threading.Event()
        self._version = int(time.time() * 1000)

    @property
    def version(self) -> int:
        """A number that grows whenever a text comes or changes."""
        return self._version

    def changed(self) -> None:
        """Say that a text came or changed."""
        # A lost increment between two threads is harmless: the number has grown all the same.
        self._version += 1

    def reconfigure(self, config: SandboxConfig) -> None:
        """Change how the sandbox behaves from now on."""
        self.config = config

    def store_text(self, message: Message, *, unanswered: bool | None) -> Message:
        """Store a text and note it with its member; `unanswered` None leaves the member's state as it is."""
        with self.database.transaction():
            message_id = self.messages.insert(message)
            if unanswered is not None:
                self.members.saw_text(message.member, message_id, unanswered=unanswered)
        self.changed()
        return replace(message, id=message_id)

    def scope_of(self, sender: str) -> str:
        """Return what an opt-out at this sender holds for."""
        return self.config.messaging_service_sid or sender

    def alert(self, code: int, sid: str) -> None:
        """Write a line into the debugger."""
        self.alerts.append(Alert(code, sid, time.time()))

    def reset(self) -> None:
        """Forget all texts, opt-outs, faults and alerts; the contacts' names stay."""
        with self.database.transaction():
            for table in ("messages", "steps", "opt_outs"):
                self.database.execute(f"DELETE FROM {table}")  # noqa: S608 - three literal names
            self.database.execute("UPDATE members SET last_message = 0, unanswered = 0")
        self.faults.clear()
        self.alerts.clear()
        self.posted.clear()
        self.changed()
