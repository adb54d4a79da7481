"""A test text to oneself: what members would get, sent to the number of whoever plans the campaign."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.accounts.models import User
from outreach.accounts.users import find_user
from outreach.campaigns.preview import Offer, facts_for, first_body
from outreach.conversations.flow import LANGUAGES, Flow
from outreach.errors import OutreachError
from outreach.people.models import NumberStatus, PhoneNumber
from outreach.people.numbers import lock_number
from outreach.settings import Settings
from outreach.texting.models import Kind
from outreach.texting.outbox import Draft, put_in_outbox, sender_for

# A test that could not leave soon is of no use any more.
TEST_EXPIRES = timedelta(hours=1)


def send_test(  # noqa: PLR0913, PLR0917 - a test has these parts
    session: Session, settings: Settings, phone: str, flow: Flow, offer: Offer, by: str, now: datetime
) -> int:
    """Send the first text, in each language, to a number; return how many. Raises OutreachError with the reason.

    It belongs to no campaign and no conversation: it counts nowhere, and an answer to it waits for a person.
    """
    number = lock_number(session, phone, now, settings.suppression_key.get_secret_value())
    _check(number, settings)
    sender_for(session, number, settings.senders)
    bodies = [_body(session, settings, flow, offer, language, now) for language in LANGUAGES]
    said = [body for body in bodies if body]
    for place, body in enumerate(said):
        draft = Draft(body, Kind.TRANSACTIONAL, place_in_turn=place, expires_at=now + TEST_EXPIRES, automated=False)
        put_in_outbox(session, number, draft, now)
    session.execute(update(User).where(User.email == by).values(test_phone=phone))
    record_act(session, by, "test text sent", now, flow=flow.name, texts=len(said))
    return len(said)


def _check(number: PhoneNumber, settings: Settings) -> None:
    if number.phone in settings.senders:
        raise OutreachError("This is the number that we send from. Give your own")
    if number.texts_opted_out_at is not None:
        raise OutreachError("This number opted out of our texts. Text START from it to us, then try again")
    if number.status != NumberStatus.OK:
        raise OutreachError("This number takes no texts. Give another one")


def _body(session: Session, settings: Settings, flow: Flow, offer: Offer, language: str, now: datetime) -> str | None:  # noqa: PLR0913, PLR0917 - as above
    # No member's name leaves for a test: it greets whoever signs.
    return first_body(flow, facts_for(session, settings, offer, language, now), offer.sender, now)


def remembered_phone(session: Session, email: str) -> str:
    """Return the number that a user's last test went to, as people write it; empty when there was none."""
    user = find_user(session, email)
    return user.test_phone or "" if user else ""
