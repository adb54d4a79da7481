"""What somebody tells one of ours about being texted or called: on the phone, in person, in a letter."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.asking_again import never_mind
from outreach.conversations.runner import OPTED_OUT, end_all
from outreach.conversations.tasks import drop_unwanted_calls
from outreach.errors import OutreachError
from outreach.people.consent import allow_calls, opt_out_number, record_consent
from outreach.people.models import PersonNumber, PhoneNumber, Scope
from outreach.people.numbers import lock_numbers_of
from outreach.settings import Settings
from outreach.texting.models import TextStatus
from outreach.texting.outbox import cancel_queued

# How it was told, as the ledger keeps it, and in words for organizers.
SOURCES = {"phone": "On the phone", "in person": "In person", "letter": "In an e-mail or a letter"}
RULE = "told to one of ours"
LONGEST_WORDS = 500


class NotToldError(OutreachError):
    """Say what is missing before a wish can be written down."""


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody's wish about some ways of reaching them: in which words they said it, how, to whom of ours, and when."""

    scopes: Collection[Scope]
    words: str
    source: str
    by: str
    now: datetime

    def __post_init__(self) -> None:
        if not self.scopes or self.source not in SOURCES:
            raise NotToldError("Choose what it is about, and how they said it.")
        if not self.words.strip():
            raise NotToldError("Write down what they said: it is kept with the wish.")
        if len(self.words) > LONGEST_WORDS:
            raise NotToldError(f"At most {LONGEST_WORDS} characters are kept. Make it shorter.")


def stop_as_told(session: Session, settings: Settings, person_id: int, told: Told) -> int:
    """Stop texts, calls or both to every number that a person is reached at; return how many there are.

    Nothing is sent: they have just heard from us that it is done. What waited for them ends. Raises NotToldError.
    """
    numbers = _numbers_of(session, person_id)
    for number in numbers:
        for scope in told.scopes:
            opt_out_number(
                session,
                number,
                scope=scope,
                source=told.source,
                rule=RULE,
                raw_text=told.words.strip(),
                now=told.now,
                key=settings.suppression_key.get_secret_value(),
                by=told.by,
            )
        if Scope.TEXTS in told.scopes:
            end_all(session, number.id, OPTED_OUT, told.now)
            never_mind(session, number.id, told.now)
    if Scope.TEXTS in told.scopes:
        cancel_queued(session, [number.id for number in numbers], TextStatus.SUPPRESSED, told.now)
    if Scope.CALLS in told.scopes:
        drop_unwanted_calls(session, person_id)
    _record(session, "opt-out written down", person_id, told)
    return len(numbers)


def agree_as_told(session: Session, settings: Settings, person_id: int, wording: str, told: Told) -> int:
    """Lift a person's opt-out from texts, calls or both, because they told one of ours so; return from how many.

    Their other numbers stay as they are. `wording`: what was read out to them and they agreed to. Raises NotToldError.
    """
    numbers, key = _numbers_of(session, person_id), settings.suppression_key.get_secret_value()
    silent = [number for number in numbers if Scope.TEXTS in told.scopes and number.texts_opted_out_at]
    unrung = [number for number in numbers if Scope.CALLS in told.scopes and number.calls_opted_out_at]
    if not (silent or unrung):
        raise NotToldError("They have not asked us to stop that, so there is nothing to lift.")
    for number in numbers:
        if number in silent:
            record_consent(
                session,
                number,
                wording=wording,
                source=told.source,
                by=told.by,
                now=told.now,
                key=key,
                raw_text=told.words.strip(),
                signed=True,
            )
        if number in unrung:
            allow_calls(
                session, number, source=told.source, raw_text=told.words.strip(), by=told.by, now=told.now, key=key
            )
    _record(session, "consent written down", person_id, told)
    return len({*silent, *unrung})


def _numbers_of(session: Session, person_id: int) -> list[PhoneNumber]:
    """Return the numbers that a person is reached at, locked."""
    lock_numbers_of(session, [person_id])
    theirs = select(PhoneNumber).join(PersonNumber, PersonNumber.number_id == PhoneNumber.id)
    theirs = theirs.where(PersonNumber.person_id == person_id, PersonNumber.retired_at.is_(None))
    numbers = session.scalars(theirs.order_by(PhoneNumber.id).execution_options(populate_existing=True)).all()
    if not numbers:
        raise NotToldError("We know no number of theirs, so there is nothing to stop.")
    return list(numbers)


def _record(session: Session, act: str, person_id: int, told: Told) -> None:
    record_act(session, told.by, act, told.now, person=person_id, scopes=sorted(told.scopes), source=told.source)
