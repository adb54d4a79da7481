from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach.conversations.polling import OVERLAP, POLL, poll_inbound
from outreach.conversations.turn import receive_text
from outreach.sandbox.faults import Door, Fault, FaultKind
from outreach.sandbox.inbound import Media
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting.models import Direction, Heartbeat, Text, TextStatus
from tests.factories import make_person
from tests.texting.factories import OTHER_SENDER, SENDER, make_settings

ANA, BEN = "+12135550101", "+12135550102"
MINUTE = timedelta(minutes=1)


def write(twilio: RunningSandbox, phone: str, body: str, to: str = SENDER, minutes_ago: float = 0) -> str:
    """Let Twilio take a text whose webhook gets lost; return Twilio's id."""
    message = twilio.sandbox.inbound.receive(phone, body, to, ()).message
    if minutes_ago:
        then = message.created - minutes_ago * 60
        twilio.sandbox.account.database.execute(
            "UPDATE messages SET created = ?, sent = ? WHERE sid = ?", (then, then, message.sid)
        )
    return message.sid


def stored(session: Session) -> list[tuple[str, TextStatus]]:
    session.expire_all()
    rows = session.scalars(select(Text).where(Text.direction == Direction.IN).order_by(Text.id))
    return [(row.body, row.status) for row in rows]


def test_texts_whose_webhook_never_came_take_their_turn_in_their_order_once(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    for place, to in enumerate([SENDER, OTHER_SENDER, SENDER]):
        write(twilio, ANA, f"question {place}?", to, minutes_ago=3 - place)
    assert poll_inbound(settings, client, datetime.now(UTC)) == 3
    assert [body for body, _ in stored(session)] == ["question 0?", "question 1?", "question 2?"]
    assert TextStatus.RECEIVED not in {status for _, status in stored(session)}
    assert poll_inbound(settings, client, datetime.now(UTC)) == 0
    assert len(stored(session)) == 3


def test_what_came_by_webhook_is_known_and_a_webhook_that_comes_after_all_is_too(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    now = datetime.now(UTC)
    first, second = write(twilio, ANA, "hello"), write(twilio, BEN, "hi")
    form = {"MessageSid": first, "From": ANA, "To": SENDER, "Body": "hello"}
    receive_text(settings, form, now)
    assert poll_inbound(settings, client, now) == 1
    assert not receive_text(settings, {**form, "MessageSid": second, "From": BEN}, now)
    assert sorted(body for body, _ in stored(session)) == ["hello", "hi"]


def test_a_text_found_late_counts_as_written_when_it_was_sent(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    write(twilio, ANA, "STOP please", minutes_ago=90)
    now = datetime.now(UTC)
    poll_inbound(settings, client, now)
    text = session.scalars(select(Text).where(Text.direction == Direction.IN)).one()
    assert abs(now - 90 * MINUTE - text.created_at) < MINUTE
    answers = session.scalars(select(Text).where(Text.direction == Direction.OUT)).all()
    assert [answer.expires_at for answer in answers] == [text.created_at + 5 * MINUTE] * len(answers)


def test_a_photo_is_taken_in_with_where_it_lies(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    twilio.sandbox.inbound.receive(ANA, "", SENDER, [Media("https://example.org/a.jpg", "image/jpeg")])
    poll_inbound(settings, client, datetime.now(UTC))
    text = session.scalars(select(Text).where(Text.direction == Direction.IN)).one()
    assert text.status == TextStatus.NEEDS_PERSON
    assert text.media is not None
    assert text.media[0]["url"].endswith("/Media.json")


def test_a_look_that_failed_is_made_up_for_by_the_next(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=30)
    poll_inbound(settings, client, long_ago)
    twilio.sandbox.account.faults.add(Fault(FaultKind.STATUS, count=1, door=Door.READ, status=503))
    write(twilio, ANA, "hello", minutes_ago=29 * 60)
    assert poll_inbound(settings, client, datetime.now(UTC)) == 0
    assert session.scalar(select(Heartbeat.at).where(Heartbeat.name == POLL)) == long_ago
    assert poll_inbound(settings, client, datetime.now(UTC)) == 1


def test_after_a_look_only_what_is_newer_is_listed_with_some_overlap(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    poll_inbound(settings, client, datetime.now(UTC))
    write(twilio, ANA, "within", minutes_ago=OVERLAP / MINUTE - 1)
    write(twilio, BEN, "before", minutes_ago=OVERLAP / MINUTE + 1)
    assert poll_inbound(settings, client, datetime.now(UTC)) == 1
    assert [body for body, _ in stored(session)] == ["within"]


def test_however_many_came_since_the_last_look_all_are_found_and_older_ones_up_to_a_limit(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("outreach.conversations.polling.LISTED_AT_MOST", 3)
    monkeypatch.setattr("outreach.conversations.polling.PAGE", 2)
    poll_inbound(settings, client, datetime.now(UTC) - 10 * MINUTE)
    for place in range(2):
        write(twilio, BEN, f"before {place}", minutes_ago=13 - place)
    for place in range(5):
        write(twilio, ANA, f"after {place}", minutes_ago=9 - place)
    assert poll_inbound(settings, client, datetime.now(UTC)) == 5
    assert sorted(body for body, _ in stored(session)) == [f"after {place}" for place in range(5)]


def test_of_a_service_everything_is_listed_and_what_went_out_left_aside(
    session: Session, twilio: RunningSandbox, client: Client
) -> None:
    service = "MG" + "a" * 32
    account = twilio.sandbox.account
    account.reconfigure(replace(account.config, messaging_service_sid=service))
    settings = make_settings(twilio_api_url=twilio.url, twilio_phone_numbers="", twilio_messaging_service_sid=service)
    client.messages.create(to=BEN, body="out", messaging_service_sid=service)
    write(twilio, ANA, "hello", OTHER_SENDER)
    assert poll_inbound(settings, client, datetime.now(UTC)) == 1
    assert [body for body, _ in stored(session)] == ["hello"]
