"""Texts of one member that come in reversed, or one of them late: the newest wish counts, or a person looks."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach.conversations import turn
from outreach.conversations.overtaking import Listed, find_overtaken
from outreach.conversations.polling import poll_inbound
from outreach.conversations.reading_words import describe_reading
from outreach.conversations.turn import receive_text, retry_text
from outreach.people.consent import was_opted_out
from outreach.people.models import PhoneNumber
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting.models import Direction, Text, TextStatus
from outreach.trainings.models import Rsvp, RsvpStatus
from tests.conversations.talk import Talk
from tests.factories import make_person, make_session
from tests.texting.factories import SENDER

ANA, BEN = "+12135550101", "+12135550102"
MINUTE = timedelta(minutes=1)
KEY = "k" * 32


def written(twilio: RunningSandbox, body: str, seconds_ago: float) -> dict[str, str]:
    """Let Twilio take a text of Ana's so long ago; return its webhook, which nobody has posted yet."""
    message = twilio.sandbox.inbound.receive(ANA, body, SENDER, ()).message
    then = message.created - seconds_ago
    twilio.sandbox.account.database.execute(
        "UPDATE messages SET created = ?, sent = ? WHERE sid = ?", (then, then, message.sid)
    )
    return {"MessageSid": message.sid, "From": ANA, "To": SENDER, "Body": body}


def status_of(session: Session, body: str) -> TextStatus:
    session.expire_all()
    mine = select(Text).where(Text.direction == Direction.IN, Text.body == body)
    return session.scalars(mine.order_by(Text.id.desc()).limit(1)).one().status


def handle_all(session: Session) -> None:
    """Let somebody of ours say of every text that it is done."""
    session.execute(update(Text).where(Text.direction == Direction.IN).values(status=TextStatus.HANDLED))
    session.commit()


def number_of(session: Session) -> PhoneNumber:
    session.expire_all()
    return session.scalars(select(PhoneNumber).where(PhoneNumber.phone == ANA)).one()


def seats(session: Session) -> list[RsvpStatus]:
    return list(session.scalars(select(Rsvp.status)))


def test_two_that_came_in_reversed_are_given_to_a_person_once(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    talk = Talk(settings, datetime.now(UTC) - 10 * MINUTE)
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    poll_inbound(settings, client, datetime.now(UTC) - MINUTE)
    yes, never_mind = written(twilio, "1", 30), written(twilio, "sorry, I can't come after all", 20)
    for form in (never_mind, yes):
        receive_text(settings, form, datetime.now(UTC))
    handle_all(session)
    poll_inbound(settings, client, datetime.now(UTC))
    assert status_of(session, "1") == TextStatus.NEEDS_PERSON
    assert status_of(session, never_mind["Body"]) == TextStatus.HANDLED
    handle_all(session)
    poll_inbound(settings, client, datetime.now(UTC))
    assert status_of(session, "1") == TextStatus.HANDLED


def test_a_start_that_comes_in_after_a_newer_opt_out_lifts_it_for_a_minute_at_most(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    start, stop = written(twilio, "START", 40), written(twilio, "ya no me manden mensajes por favor", 20)
    receive_text(settings, stop, datetime.now(UTC))
    receive_text(settings, start, datetime.now(UTC))
    assert number_of(session).texts_opted_out_at is None

    poll_inbound(settings, client, datetime.now(UTC))
    assert number_of(session).texts_opted_out_at is not None
    assert was_opted_out(session, ANA, KEY)
    assert status_of(session, "START") == TextStatus.NEEDS_PERSON


@pytest.mark.parametrize(("came_in", "out"), [("3 2 1", True), ("2 3 1", True), ("2 4 1", False), ("4 2 1", False)])
def test_of_several_wishes_that_came_in_mixed_the_last_written_holds(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox, came_in: str, *, out: bool
) -> None:
    make_person(session, phone=ANA)
    words = {"1": "START", "2": "ya no me manden mensajes por favor", "3": "hello?", "4": "UNSTOP"}
    forms = {place: written(twilio, words[place], 60 - 10 * int(place)) for place in sorted(came_in.split())}
    for place in came_in.split():
        receive_text(settings, forms[place], datetime.now(UTC))
    poll_inbound(settings, client, datetime.now(UTC))
    assert (number_of(session).texts_opted_out_at is not None) == out


def test_what_is_found_late_and_was_overtaken_books_nothing_and_lifts_no_opt_out(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    talk = Talk(settings, datetime.now(UTC) - 30 * MINUTE)
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    written(twilio, "1", 600)
    written(twilio, "START", 500)
    receive_text(settings, written(twilio, "no more texts please", 0), datetime.now(UTC))
    poll_inbound(settings, client, datetime.now(UTC) + MINUTE)

    assert seats(session) == []
    assert [status_of(session, body) for body in ("1", "START")] == [TextStatus.NEEDS_PERSON] * 2
    late = session.scalars(select(Text).where(Text.body == "1")).one()
    assert describe_reading(late.reading).endswith("came in late, after what was said since")
    number = number_of(session)
    assert number.texts_opted_out_at is not None
    # What was written long ago makes nobody's newest text older.
    assert number.last_inbound_at is not None
    assert datetime.now(UTC) - number.last_inbound_at < 5 * MINUTE


def test_an_opt_out_that_is_found_late_holds_whatever_came_since(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    written(twilio, "please stop texting me", 600)
    receive_text(settings, written(twilio, "hello?", 0), datetime.now(UTC))
    poll_inbound(settings, client, datetime.now(UTC))
    assert number_of(session).texts_opted_out_at is not None
    assert status_of(session, "please stop texting me") == TextStatus.NEEDS_PERSON


def test_what_is_found_late_is_no_answer_to_what_was_asked_since(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    talk = Talk(settings, datetime.now(UTC) - 5 * MINUTE)
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    written(twilio, "1", 600)
    poll_inbound(settings, client, datetime.now(UTC))
    assert seats(session) == []
    assert status_of(session, "1") == TextStatus.NEEDS_PERSON


def test_what_is_found_late_and_nothing_has_overtaken_is_answered(
    session: Session, settings: Settings, client: Client, twilio: RunningSandbox
) -> None:
    make_person(session, phone=ANA)
    talk = Talk(settings, datetime.now(UTC) - 30 * MINUTE)
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    written(twilio, "1", 600)
    poll_inbound(settings, client, datetime.now(UTC))
    assert seats(session) == [RsvpStatus.YES]


def test_a_turn_that_failed_and_was_overtaken_meanwhile_is_a_persons(
    session: Session, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person(session, phone=ANA)
    now = datetime.now(UTC)
    talk = Talk(settings, now)
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    with monkeypatch.context() as patch:
        patch.setattr(turn, "load_scene", lambda *_: 1 / 0)
        first = talk.write(ANA, "1")
    assert first.status == TextStatus.RECEIVED
    talk.now = now + timedelta(seconds=2)
    talk.write(ANA, "who is this?")
    retry_text(settings, first.id, ANA, now + timedelta(seconds=6))
    assert seats(session) == []
    assert status_of(session, "1") == TextStatus.NEEDS_PERSON


def test_whichever_way_they_come_the_one_that_was_written_before_an_earlier_one_is_found() -> None:
    base = datetime(2026, 12, 1, 18, tzinfo=UTC)
    for order in permutations(range(4)):
        # Text n was written in second n and came in at place `order.index(n)`; one of another phone lies between.
        listed = [Listed(f"SM{n}", ANA, base + timedelta(seconds=n)) for n in range(4)]
        ids = {f"SM{n}": 10 + order.index(n) for n in range(4)} | {"SMb": 9}
        found = {one.text_id for one in find_overtaken([Listed("SMb", BEN, base + MINUTE), *listed], ids)}
        late = {ids[f"SM{n}"] for n in range(4) if any(order.index(m) < order.index(n) for m in range(n + 1, 4))}
        assert found == late
    together = [Listed("SM0", ANA, base), Listed("SM1", ANA, base)]
    assert list(find_overtaken(together, {"SM0": 2, "SM1": 1})) == []
    assert list(find_overtaken([Listed("SM0", ANA, base)], {})) == []
