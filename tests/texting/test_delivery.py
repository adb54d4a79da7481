from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from outreach.people.models import NumberStatus, PhoneNumber
from outreach.settings import Settings
from outreach.texting.delivery import RANK, STATUS_OF, apply_events, store_event
from outreach.texting.gates import closed_gate
from outreach.texting.models import DeliveryEvent, ProviderId, Text, TextStatus
from outreach.texting.recording import record
from outreach.texting.twilio import Result
from tests.laws import laws
from tests.texting.factories import (
    NOW,
    SECOND,
    any_sid,
    claimed_text,
    make_text,
    sent,
    textable_number,
)


def call_back(session: Session, text: Text, sid: str, *words: str, code: int | None = None) -> None:
    """Store and apply callbacks as Twilio posts them."""
    for word in words:
        form = {"MessageSid": sid, "MessageStatus": word}
        store_event(session, str(text.id), form | ({"ErrorCode": str(code)} if code else {}), NOW)
    apply_events(session, NOW)
    session.flush()


def apply_words(session: Session, words: Sequence[str], status: TextStatus = TextStatus.SENT) -> TextStatus:
    text = make_text(session, status=status)
    call_back(session, text, any_sid(), *words)
    return text.status


@pytest.mark.parametrize("status", [status for status in RANK if RANK[status] == 0])
def test_a_callback_proves_that_twilio_took_it_whatever_we_believed(session: Session, status: TextStatus) -> None:
    assert apply_words(session, ["sent"], status) == TextStatus.SENT


@pytest.mark.parametrize("order", list(permutations(["queued", "sending", "sent", "delivered"])))
def test_in_whatever_order_they_come_delivered_stays(session: Session, order: tuple[str, ...]) -> None:
    assert apply_words(session, order) == TextStatus.DELIVERED


@laws(40)
@given(words=st.lists(st.sampled_from([*STATUS_OF, "partially_delivered", ""]), min_size=1, max_size=6))
def test_no_order_and_no_repeat_takes_a_text_back(session: Session, words: list[str]) -> None:
    text, ranks = make_text(session, status=TextStatus.SENDING), [0]
    sid = any_sid()
    for word in words:
        call_back(session, text, sid, word, word)
        ranks.append(RANK[text.status])
    assert ranks == sorted(ranks)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("undelivered", TextStatus.UNDELIVERED),
        ("failed", TextStatus.FAILED),
        ("canceled", TextStatus.FAILED),
        ("read", TextStatus.DELIVERED),
    ],
)
def test_an_end_is_final_and_a_later_sent_changes_nothing(session: Session, word: str, status: TextStatus) -> None:
    text = make_text(session, status=TextStatus.SENT)
    call_back(session, text, any_sid(), word, "sent", "queued")
    assert (text.status, text.final_at) == (status, NOW)


@pytest.mark.usefixtures("started")
def test_delivered_after_undelivered_is_delivered_without_an_error(session: Session) -> None:
    text, sid = make_text(session, status=TextStatus.SENT), any_sid()
    call_back(session, text, sid, "undelivered", code=30003)
    codes = [text.error_code]
    call_back(session, text, sid, "delivered")
    assert [*codes, text.error_code] == [30003, None]
    assert text.status == TextStatus.DELIVERED


def test_a_callback_may_come_before_the_call_is_recorded(session: Session, started: Settings) -> None:
    text, sid = claimed_text(session), any_sid()
    outcome = sent(session, text, Result.ACCEPTED, sid=sid)
    call_back(session, text, sid, "delivered")
    record(session, [outcome], started, NOW + SECOND)
    session.refresh(text)
    assert text.status == TextStatus.DELIVERED
    assert session.scalars(select(ProviderId.sid)).all() == [sid]


def test_a_callback_without_our_id_finds_its_text_by_twilios(session: Session) -> None:
    text, sid = make_text(session, status=TextStatus.SENT), any_sid()
    session.add(ProviderId(sid=sid, text_id=text.id))
    store_event(session, "", {"MessageSid": sid, "MessageStatus": "delivered"}, NOW)
    assert apply_events(session, NOW) == 1
    assert text.status == TextStatus.DELIVERED


def test_a_callback_of_anothers_id_moves_nothing(session: Session) -> None:
    theirs, mine, sid = make_text(session, status=TextStatus.SENT), make_text(session), any_sid()
    session.add(ProviderId(sid=sid, text_id=theirs.id))
    session.flush()
    call_back(session, mine, sid, "delivered")
    assert (mine.status, theirs.status) == (TextStatus.QUEUED, TextStatus.SENT)


def test_two_callbacks_of_one_id_for_two_texts_move_one(session: Session) -> None:
    first, second, sid = make_text(session), make_text(session), any_sid()
    for text in (first, second):
        store_event(session, str(text.id), {"MessageSid": sid, "MessageStatus": "sent"}, NOW)
    apply_events(session, NOW)
    assert [first.status, second.status] == [TextStatus.SENT, TextStatus.QUEUED]


@pytest.mark.parametrize("text_id", ["", "7", "999999999", "-1", "9" * 40, "1 OR 1=1", "²", "NaN"])
def test_a_callback_of_nobodys_text_is_kept_and_done_with(session: Session, text_id: str) -> None:
    store_event(session, text_id, {"MessageSid": any_sid(), "MessageStatus": "sent"}, NOW)
    assert apply_events(session, NOW) == 1
    assert apply_events(session, NOW) == 0


def test_a_callback_without_an_id_of_twilios_ties_nothing(session: Session) -> None:
    text = make_text(session)
    store_event(session, str(text.id), {"MessageStatus": "sent"}, NOW)
    apply_events(session, NOW)
    assert text.status == TextStatus.QUEUED
    assert session.scalars(select(ProviderId.sid)).all() == []


def test_a_status_that_nobody_knows_is_kept_and_changes_nothing(session: Session) -> None:
    assert apply_words(session, ["teleported-beyond-the-column"]) == TextStatus.SENT


@pytest.mark.parametrize("code", ["", "abc", "99999999999999", "0"])
def test_a_code_that_is_none_is_left_out(session: Session, code: str) -> None:
    text = make_text(session, status=TextStatus.SENT)
    store_event(session, str(text.id), {"MessageSid": any_sid(), "MessageStatus": "failed", "ErrorCode": code}, NOW)
    apply_events(session, NOW)
    assert (text.status, text.error_code) == (TextStatus.FAILED, None)


@pytest.mark.usefixtures("started")
def test_an_opt_out_that_the_carrier_tells_later_opts_out_and_empties_the_outbox(session: Session) -> None:
    number = textable_number(session)
    text, waiting = make_text(session, number, status=TextStatus.SENT), make_text(session, number)
    call_back(session, text, any_sid(), "failed", code=21610)
    session.expire_all()
    assert session.get_one(PhoneNumber, number.id).texts_opted_out_at == NOW
    assert waiting.status == TextStatus.SUPPRESSED


@pytest.mark.usefixtures("started")
def test_a_dead_number_is_not_texted_again(session: Session) -> None:
    text = make_text(session, status=TextStatus.SENT)
    call_back(session, text, any_sid(), "undelivered", code=30006)
    session.expire_all()
    assert session.get_one(PhoneNumber, text.number_id).status == NumberStatus.BAD


@pytest.mark.usefixtures("started")
def test_a_registration_that_is_missing_pauses_the_campaign(session: Session) -> None:
    text = make_text(session, status=TextStatus.SENT, gate="campaign:9")
    call_back(session, text, any_sid(), "undelivered", code=30034)
    gate = closed_gate(session, "campaign:9")
    assert gate is not None
    assert "30034" in (gate.because or "")


@pytest.mark.usefixtures("started")
def test_a_doubled_failure_is_reacted_to_once(session: Session) -> None:
    text, sid = make_text(session, status=TextStatus.SENT, gate="campaign:9"), any_sid()
    call_back(session, text, sid, "undelivered", code=30034)
    session.delete(closed_gate(session, "campaign:9"))
    call_back(session, text, sid, "undelivered", code=30034)
    assert closed_gate(session, "campaign:9") is None


def test_texts_that_came_in_are_not_moved_by_callbacks(session: Session) -> None:
    text = make_text(session, direction="in", status=TextStatus.RECEIVED)
    call_back(session, text, any_sid(), "delivered")
    assert text.status == TextStatus.RECEIVED


def test_recording_and_callbacks_side_by_side_never_wait_for_each_other(database_url: str, started: Settings) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"), pool_size=6)
    with Session(engine) as session, session.begin():
        number = textable_number(session)
        texts = [claimed_text(session, number=number) for _ in range(60)]
        outcomes = [sent(session, text, Result.ACCEPTED, sid=any_sid()) for text in texts]
        for outcome in reversed(outcomes):
            form = {"MessageSid": outcome.outcome.sid or "", "MessageStatus": "delivered"}
            store_event(session, str(outcome.claim.id), form, NOW)

    def record_some(place: int) -> None:
        with Session(engine) as session, session.begin():
            record(session, outcomes[place::3][::-1], started, NOW)

    def apply_some(_: int) -> None:
        with Session(engine) as session, session.begin():
            apply_events(session, NOW)

    with ThreadPoolExecutor(6) as pool:
        work = [pool.submit(act, place) for place in range(3) for act in (record_some, apply_some)]
        for each in work:
            each.result()
    with Session(engine) as session:
        assert set(session.scalars(select(Text.status))) == {TextStatus.DELIVERED}
        assert session.scalar(select(DeliveryEvent.id).where(DeliveryEvent.applied_at.is_(None))) is None
    engine.dispose()
