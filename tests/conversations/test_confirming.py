"""The one confirmation of an opt-out, from the words that came in to the sandbox that takes it, on a moving clock."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach import clock
from outreach.conversations.polling import poll_inbound
from outreach.conversations.turn import receive_text
from outreach.sandbox.faults import Fault, FaultKind
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting.gates import ALL, close_gate, open_gate
from outreach.texting.models import Direction, Text, TextStatus
from outreach.texting.sending import Drainer
from outreach.texting.settling import settle
from tests.conversations.talk import a_sid
from tests.factories import make_person
from tests.texting.factories import SENDER, make_settings

ANA = "+12135550101"
ENGLISH, SPANISH = "please stop texting me", "ya no me manden mensajes por favor"
DONE = {
    ENGLISH: "Done. DSA-LA won't text this number again. If you change your mind, text START.",
    SPANISH: "Listo. DSA-LA ya no enviará textos a este número. Si cambia de idea, mande START.",
}
SECONDS_OF_FIVE_MINUTES = 300


@pytest.fixture(autouse=True)
def the_clock_again() -> Iterator[None]:
    yield
    clock.set_offset(timedelta(0))


def later(minutes: float) -> None:
    clock.set_offset(clock.offset() + timedelta(minutes=minutes))


def say(settings: Settings, words: str) -> None:
    receive_text(settings, {"MessageSid": a_sid(), "From": ANA, "To": SENDER, "Body": words}, clock.now())


def drain(session: Session, settings: Settings, client: Client) -> None:
    session.commit()
    Drainer(settings, client).run_slice()
    session.expire_all()


def taken(twilio: RunningSandbox) -> list[str]:
    """What Twilio took from us, whatever became of it."""
    every = twilio.sandbox.account.messages.after(0, None, -1)
    return [message.body for message in every if message.direction == "outbound-api"]


def confirmation(session: Session) -> Text:
    return session.scalars(select(Text).where(Text.direction == Direction.OUT)).one()


@pytest.mark.parametrize("words", [ENGLISH, SPANISH])
def test_it_leaves_once_in_their_language_and_no_carrier_may_keep_it_beyond_five_minutes(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox, words: str
) -> None:
    make_person(session, phone=ANA)
    say(settings, words)
    say(settings, words)
    later(4)
    drain(session, settings, client)
    assert taken(twilio) == [DONE[words]]
    [message] = twilio.sandbox.account.messages.after(0, None, -1)
    assert 0 < int(json.loads(message.form)["ValidityPeriod"]) <= SECONDS_OF_FIVE_MINUTES - 4 * 60
    say(settings, f"I said: {words}")
    drain(session, settings, client)
    assert taken(twilio) == [DONE[words]]


def test_it_leaves_at_night_too(session: Session, client: Client, twilio: RunningSandbox) -> None:
    by_day = make_settings(twilio_api_url=twilio.url, text_hours="09:00-20:00", text_hours_sunday="12:00-20:00")
    make_person(session, phone=ANA)
    here = clock.now().astimezone(by_day.zone)
    clock.set_offset(here.replace(hour=3) + timedelta(days=1) - here)
    say(by_day, ENGLISH)
    drain(session, by_day, client)
    assert taken(twilio) == [DONE[ENGLISH]]


def test_behind_a_closed_gate_it_is_not_kept_for_later(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    close_gate(session, ALL, "luz@example.org", "a test", clock.now())
    say(settings, ENGLISH)
    drain(session, settings, client)
    later(5.1)
    open_gate(session, ALL)
    drain(session, settings, client)
    assert (taken(twilio), confirmation(session).status) == ([], TextStatus.EXPIRED)


@pytest.mark.parametrize("fault", [FaultKind.DROP_BEFORE, FaultKind.STATUS])
def test_while_twilio_is_away_it_is_looked_up_and_then_too_late(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox, fault: FaultKind
) -> None:
    make_person(session, phone=ANA)
    twilio.sandbox.account.faults.add(Fault(fault, count=1))
    say(settings, ENGLISH)
    drain(session, settings, client)
    assert confirmation(session).status == TextStatus.UNKNOWN
    later(11)
    assert settle(settings, client) == 1
    drain(session, settings, client)
    assert (taken(twilio), confirmation(session).status) == ([], TextStatus.EXPIRED)


def test_to_an_opt_out_that_is_found_late_nothing_is_said(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    message = twilio.sandbox.inbound.receive(ANA, ENGLISH, SENDER, ()).message
    six_minutes_ago = message.created - 6 * 60
    twilio.sandbox.account.database.execute(
        "UPDATE messages SET created = ? WHERE sid = ?", (six_minutes_ago, message.sid)
    )
    assert poll_inbound(settings, client, clock.now()) == 1
    drain(session, settings, client)
    assert (taken(twilio), confirmation(session).status) == ([], TextStatus.EXPIRED)
