"""What an act is given, and what it comes to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation
from outreach.conversations.signals import ActResult
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.models import Text


@dataclass(frozen=True, slots=True)
class ActContext:
    """Whom and what an act is about; `text` is the text that the turn answers, if it answers one."""

    session: Session
    settings: Settings
    conversation: Conversation
    person: Person
    number: PhoneNumber
    text: Text | None
    memory: dict[str, Any]
    organizer: str
    now: datetime

    @property
    def words(self) -> str:
        """Return what the member wrote last."""
        return str(self.memory.get("words", ""))

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which the person speaks of times."""
        return ZoneInfo(self.person.timezone or self.settings.org_timezone)


@dataclass(frozen=True, slots=True)
class Done:
    """What an act came to: its result for the engine, RSVPs that moved up because of it, a flow that is to follow."""

    result: ActResult
    promoted: tuple[int, ...] = ()
    next_flow: str = ""


NOTED = Done(ActResult("noted"))
