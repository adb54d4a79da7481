"""The moment at which a text came in, as the rules that come before any flow see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from outreach.conversations.gathering import language_of
from outreach.conversations.house import house_text
from outreach.conversations.keywords import answered_by_twilio
from outreach.conversations.models import Conversation
from outreach.conversations.opting_out import CONFIRM_WITHIN
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.models import Kind, Text, TextStatus
from outreach.texting.outbox import Draft, put_in_outbox
from outreach.trainings.labels import when_label
from outreach.understanding import Reading


@dataclass
class Situation:
    """Everything that is known at the moment a text came in. `silent`: no machine may answer it, whatever it is.

    `overtaken`: it was written before something that has been said meanwhile.
    """

    session: Session
    settings: Settings
    number: PhoneNumber
    text: Text
    reading: Reading
    people: list[Person]
    person: Person | None
    conversation: Conversation | None
    now: datetime
    silent: bool = False
    overtaken: bool = False

    @property
    def language(self) -> str:
        """Return the language to answer in: the person's, else the one just written."""
        if self.person is None and self.reading.language in {"en", "es"}:
            return str(self.reading.language)
        return language_of(self.person)

    @property
    def key(self) -> str:
        """Return the key under which numbers are hashed in the ledger."""
        return self.settings.suppression_key.get_secret_value()

    @property
    def twilio_answered(self) -> bool:
        """Tell whether Twilio has answered this text itself."""
        return answered_by_twilio(
            self.text.body,
            self.settings.twilio_keywords,
            self.text.opt_out_type,
            opted_out=self.number.texts_opted_out_at is not None,
        )

    def words_of(self, name: str, **values: str) -> str:
        """Return one of the house's texts, in their language."""
        return house_text(name, self.language, self.settings, **values)

    def moment(self, at: datetime) -> str:
        """Word a moment for them: `Sat Dec 5 10am`."""
        return when_label(at, self.settings.zone, self.language)

    def say(self, name: str, values: Mapping[str, str] | None = None, *, despite_opt_out: bool = False) -> None:
        """Answer with one of the house's texts; not where somebody else may hold the phone."""
        if self.silent:
            return
        draft = Draft(
            body=self.words_of(name, **(values or {})),
            kind=Kind.REPLY,
            person_id=self.person.id if self.person else None,
            answers_at=self.text.created_at,
            expires_at=self.text.created_at + CONFIRM_WITHIN if despite_opt_out else None,
            exempt_from_opt_out=despite_opt_out,
        )
        put_in_outbox(self.session, self.number, draft, self.now)

    def for_a_person(self) -> None:
        """Leave the text to a person."""
        self.text.status = TextStatus.NEEDS_PERSON
