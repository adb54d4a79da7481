from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation, ConversationState, FlowVersion
from outreach.conversations.turn import FIRST_RETRY, TRIES, retry_text, waiting_inbound
from outreach.texting.models import Direction, ProviderId, Text, TextStatus
from outreach.understanding import Intent
from tests.conversations.factories import reading
from tests.conversations.talk import Talk, a_sid
from tests.factories import NOW, make_person, make_session, make_settings

ANA, BEN = "+12135550101", "+12135550102"
LONG = "word " * 320


def invited(session: Session, sessions: int = 2, **facts: Any) -> Talk:
    make_person(session, phone=ANA, **facts)
    talk = Talk()
    talk.invite(*(make_session(session, starts_at=NOW + timedelta(days=8 + n)).id for n in range(sessions)))
    talk.heard(ANA)
    return talk


def break_flow(session: Session, talk: Talk) -> None:
    """Let the conversation stand in a flow that cannot be read any more."""
    broken = FlowVersion(flow="invite", checksum="0" * 64, definition={"title": "broken"}, created_at=NOW)
    session.add(broken)
    session.flush()
    mine = update(Conversation).where(Conversation.id == talk.conversation(ANA).id)
    session.execute(mine.values(flow_version_id=broken.id))


def stored(session: Session) -> int:
    return session.scalar(select(func.count()).where(Text.direction == Direction.IN)) or 0


BODIES = {
    "long": LONG[:1600],
    "empty": "",
    "emoji": "🎉🎉 sí!! 👩‍👩‍👧",
    "Hebrew": "שלום, אני רוצה לבוא",
    "an override": "مرحبا\u202e abc",
    "lines": "a\nb\r\nc",
    "SQL": "'; DROP TABLE texts; --",
    "templates": "\\x00 %s {0} {{7*7}}",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_body_is_stored_as_it_was_sent(session: Session, body: str) -> None:
    talk = invited(session)
    assert talk.write(ANA, body).body == body


def test_nul_bytes_are_removed_and_nothing_else(session: Session) -> None:
    assert invited(session).write(ANA, "a\x00b\x00").body == "ab"


def test_the_same_text_posted_again_is_one_row_and_one_answer(session: Session) -> None:
    talk = invited(session)
    sid = a_sid()
    for _ in range(10):
        talk.write(ANA, "1", MessageSid=sid)
    assert stored(session) == 1
    assert len(talk.heard(ANA)) == 1
    assert session.scalar(select(func.count()).where(ProviderId.sid == sid)) == 1


def test_a_text_knows_its_reading_person_conversation_and_campaign(session: Session) -> None:
    talk = invited(session)
    text, conversation = talk.write(ANA, "1"), talk.conversation(ANA)
    assert text.reading is not None
    assert text.reading["choice"] == "1"
    assert text.reading["rule"]
    assert (text.person_id, text.conversation_id) == (conversation.person_id, conversation.id)
    assert text.campaign_id == conversation.campaign_id
    assert text.status == TextStatus.HANDLED
    assert text.retry_at is None


def test_a_step_that_raises_leaves_the_text_for_another_try_and_then_for_a_person(session: Session) -> None:
    talk = invited(session)
    break_flow(session, talk)
    text = talk.write(ANA, "1")
    assert (text.status, text.attempts) == (TextStatus.RECEIVED, 1)
    assert text.retry_at == NOW + FIRST_RETRY
    waits = []
    for _ in range(TRIES - 1):
        waits.append(text.retry_at - talk.now)  # type: ignore[operator]
        talk.now = text.retry_at  # type: ignore[assignment]
        with_number = waiting_inbound(session, talk.now, 10)
        assert with_number == [(text.id, ANA)]
        retry_text(talk.settings, text.id, ANA, talk.now)
        text = talk.newest(ANA, Direction.IN)
    assert [wait.total_seconds() for wait in waits] == [5, 10, 20]
    assert (text.status, text.retry_at) == (TextStatus.NEEDS_PERSON, None)
    assert waiting_inbound(session, talk.now + timedelta(days=1), 10) == []
    assert talk.heard(ANA) == []


def test_a_text_whose_step_failed_takes_its_turn_once_it_can(session: Session) -> None:
    talk = invited(session)
    version = talk.conversation(ANA).flow_version_id
    break_flow(session, talk)
    text = talk.write(ANA, "2")
    session.execute(update(Conversation).values(flow_version_id=version))
    for _ in range(3):
        retry_text(talk.settings, text.id, ANA, NOW + timedelta(seconds=5))
    assert talk.newest(ANA, Direction.IN).status == TextStatus.HANDLED
    assert len(talk.heard(ANA)) == 1


@pytest.mark.parametrize(("body", "form"), [("STOP", {}), ("adios", {"OptOutType": "STOP"})])
def test_an_opt_out_counts_though_the_step_fails(session: Session, body: str, form: dict[str, Any]) -> None:
    talk = invited(session)
    break_flow(session, talk)
    talk.write(ANA, body, **form)
    assert talk.number(ANA).texts_opted_out_at == NOW
    talk.work()
    assert talk.heard(ANA) == []


def test_each_number_has_one_live_conversation_at_most(session: Session) -> None:
    talk = invited(session)
    live = talk.conversation(ANA)
    another = Conversation(
        number_id=live.number_id,
        person_id=live.person_id,
        flow_version_id=live.flow_version_id,
        flow=live.flow,
        state=ConversationState.LIVE,
        step=live.step,
        started_at=NOW,
    )
    with pytest.raises(IntegrityError, match="uq_conversations_live_number"):
        add(session, another)


def add(session: Session, row: Conversation) -> None:
    with session.begin_nested():
        session.add(row)


def test_a_shared_number_gets_no_name(session: Session) -> None:
    make_person(session, "Ben Prueba", phone=ANA)
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session).id)
    (words,) = talk.heard(ANA)
    assert words.startswith("Hi, Luz from DSA-LA.")
    talk.write(ANA, "1")
    assert not any("Ana" in words or "Ben" in words for words in talk.heard(ANA))


def test_a_shared_number_is_asked_once_and_its_answer_is_the_persons_who_was_asked(session: Session) -> None:
    ben = make_person(session, "Ben Prueba", phone=ANA)
    make_person(session, phone=ANA)
    talk = Talk()
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    assert talk.write(ANA, "1").person_id == ben.id
    assert len(talk.conversations(ANA)) == 1


def test_the_language_that_they_write_in_is_kept_and_answered_in(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "la 1 por favor", reading(Intent.CHOICE, choice="1", language="es"))
    assert talk.heard(ANA)[0].startswith("Listo: sáb 12 dic 10am, Boyle Heights.")
    talk.write(ANA, "0")
    assert talk.conversation(ANA).outcome == "booked"


def test_the_language_that_they_ask_for_goes_before_the_one_they_write_in(session: Session) -> None:
    talk = invited(session)
    talk.write(ANA, "español por favor", reading(Intent.LANGUAGE, facts={"language": "es"}))
    assert "Taller: cómo organizar" in talk.heard(ANA)[0]
    talk.write(ANA, "the first", reading(Intent.CHOICE, choice="1", language="en"))
    assert talk.heard(ANA)[0].startswith("Listo:")


def test_a_question_beside_a_yes_is_booked_and_given_to_a_person(session: Session) -> None:
    talk = invited(session, sessions=1)
    text = talk.write(ANA, "yes, is there parking?", reading(Intent.YES, also=(Intent.QUESTION,)))
    assert text.status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA)[0].startswith("You're in:")


@pytest.mark.parametrize("body", ["0", "0.", "cero"])
def test_what_only_the_open_question_understands_bothers_nobody(session: Session, body: str) -> None:
    talk = invited(session)
    talk.write(ANA, "1")
    assert talk.write(ANA, body).status == TextStatus.HANDLED
    assert talk.conversation(ANA).outcome == "booked"


@pytest.mark.parametrize("body", ["", "  "])
def test_a_photo_alone_goes_to_a_person(session: Session, body: str) -> None:
    talk = invited(session)
    photo: dict[str, Any] = {
        "NumMedia": "1",
        "MediaUrl0": "https://api.twilio.com/x",
        "MediaContentType0": "image/jpeg",
    }
    text = talk.write(ANA, body, **photo)
    assert text.status == TextStatus.NEEDS_PERSON
    assert text.media == [{"url": "https://api.twilio.com/x", "type": "image/jpeg"}]
    assert talk.heard(ANA) == []


def test_a_photo_with_an_answer_is_answered_and_looked_at(session: Session) -> None:
    talk = invited(session)
    assert talk.write(ANA, "1", NumMedia="1", MediaUrl0="https://x.example/1").status == TextStatus.NEEDS_PERSON
    assert len(talk.heard(ANA)) == 1


def test_abuse_is_not_answered_by_a_machine(session: Session) -> None:
    talk = invited(session)
    assert talk.write(ANA, "…", reading(Intent.HOSTILE, human_review=True)).status == TextStatus.NEEDS_PERSON
    assert talk.heard(ANA) == []


def test_where_a_person_has_taken_over_nothing_automatic_is_said(session: Session) -> None:
    talk = invited(session)
    session.execute(update(Conversation).values(owner="luz@example.org"))
    assert talk.write(ANA, "1").status == TextStatus.NEEDS_PERSON
    talk.wait(days=6)
    assert talk.heard(ANA) == []
    talk.wait(days=9)
    assert talk.conversation(ANA).state == ConversationState.ENDED


def test_an_answer_comes_from_the_number_that_they_wrote_to(session: Session) -> None:
    senders = "+12135550190,+12135550191"
    make_person(session, phone=ANA)
    talk = Talk(make_settings(twilio_phone_numbers=senders))
    talk.invite(make_session(session).id)
    talk.heard(ANA)
    for sender in senders.split(","):
        talk.write(ANA, "hm", To=sender)
        assert talk.number(ANA).sender == sender
    talk.write(ANA, "hm", To="+12135550177")
    assert talk.number(ANA).sender == sender
