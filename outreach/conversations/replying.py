"""What a person does with what waits: answer by hand, say it is done, opt a number out, release a hold."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.runner import OPTED_OUT, end_all
from outreach.errors import OutreachError
from outreach.people.consent import opt_out_number
from outreach.people.models import NumberStatus, Person, PhoneNumber, Scope
from outreach.settings import Settings
from outreach.texting.claims import WALL_MARGIN, hours_of
from outreach.texting.hours import REPLY_WINDOW, next_open
from outreach.texting.models import Kind, Text, TextStatus
from outreach.texting.outbox import Draft, cancel_queued, put_in_outbox, sender_for
from outreach.texting.whereabouts import Occasion, Whereabouts, windows_of

LONGEST_REPLY = 1600
BY_PERSON = "person"


class NotSentError(OutreachError):
    """Say why a reply cannot be sent, and what to do instead."""


@dataclass(frozen=True, slots=True)
class Handling:
    """Somebody's hand on what waits: the text they looked at, the newest one they saw, who they are, and when.

    Whatever came in after `seen` still waits.
    """

    text_id: int
    seen: int
    by: str
    now: datetime


def answer_by_hand(session: Session, settings: Settings, handling: Handling, body: str) -> datetime:
    """Put a person's answer in the outbox, mark what it answers handled, and return when it will leave.

    Raises NotSentError.
    """
    text, number = lock_waiting(session, handling)
    if text.status != TextStatus.NEEDS_PERSON:
        raise NotSentError("Somebody has handled this text meanwhile. Look at the thread before you write.")
    person = session.get(Person, text.person_id) if text.person_id else None
    refuse_unreachable(number)
    newest = number.last_inbound_at or text.created_at
    leaves = leaves_at(settings, number, person, newest, handling.now)
    if leaves is None:
        raise NotSentError("There is no hour at which this number may be texted. Call instead.")
    sender_for(session, number, settings.senders)
    draft = Draft(
        body=body,
        kind=Kind.REPLY,
        person_id=text.person_id,
        due_at=leaves,
        answers_at=newest,
        automated=False,
    )
    reply = put_in_outbox(session, number, draft, handling.now)
    _mark_handled(session, number, handling, "replied by hand", reply=reply)
    return leaves


def close_by_hand(session: Session, handling: Handling) -> None:
    """Mark what waits of a number handled, with nothing to send."""
    _, number = lock_waiting(session, handling)
    _mark_handled(session, number, handling, "reply needs no answer")


def opt_out_by_hand(session: Session, settings: Settings, handling: Handling) -> None:
    """Stop all texts to a number because a person read it so; nothing is sent, what goes on there ends."""
    text, number = lock_waiting(session, handling)
    opt_out_number(
        session,
        number,
        scope=Scope.TEXTS,
        source=BY_PERSON,
        rule="read so by a person",
        raw_text=text.body,
        now=handling.now,
        key=settings.suppression_key.get_secret_value(),
        by=handling.by,
    )
    end_all(session, number.id, OPTED_OUT, handling.now)
    cancel_queued(session, number.id, TextStatus.SUPPRESSED, handling.now)
    _mark_handled(session, number, handling, "opted out by hand")


def release_hold(session: Session, handling: Handling) -> None:
    """Let automation go on for a number; what waits still waits."""
    _, number = lock_waiting(session, handling)
    if number.automation_held_at is not None:
        number.automation_held_at = None
        record_act(session, handling.by, "hold released", handling.now, number=number.id)


def lock_waiting(session: Session, handling: Handling) -> tuple[Text, PhoneNumber]:
    """Return a text and its number, the number locked before anything else. Raises NotSentError."""
    number_id = session.scalar(select(Text.number_id).where(Text.id == handling.text_id))
    if number_id is None:
        raise NotSentError("There is no such text any more.")
    number = session.get_one(PhoneNumber, number_id, with_for_update=True, populate_existing=True)
    return session.get_one(Text, handling.text_id, populate_existing=True), number


def refuse_unreachable(number: PhoneNumber) -> None:
    """Raise NotSentError where no text may go: opted out, or a number that takes none."""
    if number.texts_opted_out_at is not None:
        raise NotSentError("This number opted out, so it cannot be answered by text. Call, if a call is welcome.")
    if number.status != NumberStatus.OK:
        raise NotSentError("This number takes no texts. Call instead.")


def leaves_at(
    settings: Settings, number: PhoneNumber, person: Person | None, wrote_at: datetime, now: datetime
) -> datetime | None:
    """Return when a person's answer would leave; None if there is no such hour.

    At once within the text hours, or between 8:00 and 21:00 where they wrote within the hour; else when the hours
    open. All of it by the clocks of every place where they may be.
    """
    hours = hours_of(settings)
    where = Whereabouts(number.phone, person.timezone if person else None, person.zip if person else None)
    personal = windows_of(where, hours, Occasion.PERSONAL)
    if now - wrote_at <= REPLY_WINDOW and next_open(now, personal, WALL_MARGIN) == now:
        return now
    return next_open(now, windows_of(where, hours), WALL_MARGIN)


def _mark_handled(session: Session, number: PhoneNumber, handling: Handling, act: str, **details: int) -> None:
    handled = session.scalars(
        update(Text)
        .where(Text.number_id == number.id, Text.status == TextStatus.NEEDS_PERSON, Text.id <= handling.seen)
        .values(status=TextStatus.HANDLED)
        .returning(Text.id)
    ).all()
    record_act(session, handling.by, act, handling.now, texts=sorted(handled), number=number.id, **details)
