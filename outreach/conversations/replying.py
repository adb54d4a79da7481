"""What a person does with what waits: answer by hand, say it is done, opt a number out, release a hold."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act, record_restricted_act
from outreach.conversations.owning import own_if_free
from outreach.conversations.runner import OPTED_OUT, end_all
from outreach.conversations.seeing import may_see_thread, sees_restricted, viewer_of
from outreach.conversations.sensitive import HELD, close_cases, mark_seen, open_cases
from outreach.database import ROW
from outreach.errors import OutreachError
from outreach.people.consent import opt_out_number
from outreach.people.holds import release_person
from outreach.people.models import NumberStatus, Person, PhoneNumber, Scope
from outreach.people.numbers import people_on
from outreach.settings import Settings
from outreach.texting.claims import WALL_MARGIN, hours_of
from outreach.texting.hours import REPLY_WINDOW, next_open
from outreach.texting.models import Direction, Kind, Text, TextStatus
from outreach.texting.outbox import Draft, cancel_queued, put_in_outbox, sender_for
from outreach.texting.whereabouts import Occasion, Whereabouts, windows_of

LONGEST_REPLY = 1600
BY_PERSON = "person"


class NotSentError(OutreachError):
    """Say why a reply cannot be sent, and what to do instead."""


class MovedOnError(NotSentError):
    """Say that the thread has moved on since it was looked at: look, and send again."""


class NotThereError(NotSentError):
    """Say that there is no such text, or that it is not for these eyes: both look the same."""


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
    _refuse_second_voice(session, number, handling)
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
        restricted=text.restricted,
    )
    reply = put_in_outbox(session, number, draft, handling.now)
    own_if_free(number, handling.by, handling.now)
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


def _refuse_second_voice(session: Session, number: PhoneNumber, handling: Handling) -> None:
    """Raise where two would answer at once: another took the thread over, or wrote after one looked."""
    if number.taken_at is not None and number.owner != handling.by:
        raise MovedOnError(f"{number.owner} has taken this thread over. Ask them, or take it over yourself first.")
    written = select(Text.id).where(
        Text.number_id == number.id, Text.direction == Direction.OUT, ~Text.automated, Text.id > handling.seen
    )
    if session.scalar(written.limit(1)) is not None:
        raise MovedOnError("Somebody has written meanwhile: it stands in the thread now. Read it, then send or not.")


def release_hold(session: Session, handling: Handling) -> None:
    """Let automation go on for a number; its sensitive cases are over, and what waits still waits."""
    text, number = lock_waiting(session, handling)
    close_cases(session, number, handling.by, handling.now, restricted=text.restricted)
    if open_cases(session, number.id) or number.automation_held_at is None:
        return
    number.automation_held_at = None
    for person in people_on(session, number.id):
        if person.held_because == HELD:
            release_person(session, person.id, handling.now)
    _record(session, handling, "hold released", restricted=text.restricted, number=number.id)


def open_thread(session: Session, handling: Handling) -> None:
    """Note that somebody opened a text's thread: whoever is rung for it need not be rung any more."""
    text, number = lock_waiting(session, handling)
    mark_seen(session, number, text, handling.by, handling.now)


def lock_waiting(session: Session, handling: Handling) -> tuple[Text, PhoneNumber]:
    """Return a text and its number, the number locked before anything else. Raises NotThereError."""
    number_id = session.scalar(select(Text.number_id).where(Text.id == handling.text_id))
    if number_id is not None:
        session.get_one(PhoneNumber, number_id, with_for_update=ROW, populate_existing=True)
    return find_waiting(session, handling)


def find_waiting(session: Session, handling: Handling) -> tuple[Text, PhoneNumber]:
    """Return a text and its number for whoever may see them. Raises NotThereError."""
    text = session.get(Text, handling.text_id, populate_existing=True)
    viewer = viewer_of(session, handling.by)
    if (
        text is None
        or not may_see_thread(session, text.number_id, viewer)
        or (text.restricted and not sees_restricted(session, text.number_id, viewer))
    ):
        raise NotThereError("There is no such text any more.")
    return text, session.get_one(PhoneNumber, text.number_id)


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
    handled = session.execute(
        update(Text)
        .where(Text.number_id == number.id, Text.status == TextStatus.NEEDS_PERSON, Text.id <= handling.seen)
        .values(status=TextStatus.HANDLED)
        .returning(Text.id, Text.restricted)
    ).all()
    restricted = any(row.restricted for row in handled)
    texts = sorted(row.id for row in handled)
    _record(session, handling, act, restricted=restricted, texts=texts, number=number.id, **details)


def _record(session: Session, handling: Handling, act: str, *, restricted: bool, **details: object) -> None:
    record = record_restricted_act if restricted else record_act
    record(session, handling.by, act, handling.now, **details)
