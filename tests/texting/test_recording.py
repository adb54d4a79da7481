from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import NumberStatus, PhoneNumber
from outreach.settings import Settings
from outreach.texting.gates import ALL, closed_gate
from outreach.texting.models import ProviderId, SenderPace, Text, TextStatus
from outreach.texting.pace import lock_paces
from outreach.texting.recording import LONGEST_BACKOFF, record
from outreach.texting.twilio import Result
from tests.texting.factories import NOW, SECOND, SENDER, any_sid, claimed_text, make_text, sent, textable_number

LATER = NOW + SECOND


def owner(session: Session, sid: str) -> int | None:
    return session.scalar(select(ProviderId.text_id).where(ProviderId.sid == sid))


def record_one(session: Session, started: Settings, text: Text, result: Result, code: int | None = None) -> None:
    sid = any_sid() if result is Result.ACCEPTED else None
    record(session, [sent(session, text, result, code, sid)], started, LATER)
    session.refresh(text)


def test_an_accepted_text_is_sent_and_has_its_id(session: Session, started: Settings) -> None:
    text, sid = claimed_text(session), any_sid()
    record(session, [sent(session, text, Result.ACCEPTED, sid=sid)], started, LATER)
    session.refresh(text)
    assert (text.status, text.sent_at, text.final_at) == (TextStatus.SENT, LATER, None)
    assert owner(session, sid) == text.id


def test_an_outcome_that_nobody_knows_is_looked_up_later(session: Session, started: Settings) -> None:
    text = claimed_text(session)
    record_one(session, started, text, Result.UNKNOWN)
    assert text.status == TextStatus.UNKNOWN
    assert text.settle_at == LATER + timedelta(seconds=started.settle_after)


def test_what_was_not_processed_goes_back_and_its_sender_rests(session: Session, started: Settings) -> None:
    lock_paces(session, (SENDER,), 1.0, NOW)
    text = claimed_text(session)
    record_one(session, started, text, Result.NOT_PROCESSED, 20429)
    assert text.status == TextStatus.QUEUED
    assert text.due_at is not None
    assert text.due_at > LATER
    assert session.scalars(select(SenderPace.slow_until)).one() == LATER + SECOND


def test_it_goes_back_for_longer_and_longer_but_not_for_ever(session: Session, started: Settings) -> None:
    waits = []
    for attempts in (1, 2, 3, 6, 40):
        text = claimed_text(session, attempts=attempts)
        record_one(session, started, text, Result.NOT_PROCESSED)
        assert text.due_at is not None
        waits.append(text.due_at - LATER)
    assert waits == sorted(waits)
    assert waits[0] < SECOND
    assert LONGEST_BACKOFF * 0.9 <= waits[-1] <= LONGEST_BACKOFF * 1.1


@pytest.mark.parametrize(
    ("code", "status", "final"),
    [
        (21610, TextStatus.SUPPRESSED, True),
        (21614, TextStatus.FAILED, True),
        (21617, TextStatus.FAILED, True),
        (99999, TextStatus.FAILED, True),
        (21611, TextStatus.QUEUED, False),
        (21606, TextStatus.QUEUED, False),
        (20500, TextStatus.UNKNOWN, False),
    ],
)
def test_a_refusal_is_written_down_with_its_code(
    session: Session, started: Settings, code: int, status: TextStatus, *, final: bool
) -> None:
    text = claimed_text(session)
    record_one(session, started, text, Result.REFUSED, code)
    assert (text.status, text.error_code, text.final_at) == (status, code, LATER if final else None)


def test_an_opt_out_that_twilio_knew_first_is_ours_too_and_empties_the_outbox(
    session: Session, started: Settings
) -> None:
    number = textable_number(session)
    text, waiting = claimed_text(session, number=number), make_text(session, number)
    record_one(session, started, text, Result.REFUSED, 21610)
    session.refresh(number)
    session.refresh(waiting)
    assert number.texts_opted_out_at == LATER
    assert waiting.status == TextStatus.SUPPRESSED


def test_a_landline_is_not_texted_again(session: Session, started: Settings) -> None:
    number = textable_number(session)
    record_one(session, started, claimed_text(session, number=number), Result.REFUSED, 21614)
    session.refresh(number)
    assert number.status == NumberStatus.BAD


def test_a_sender_that_is_not_ours_pauses_the_campaign_and_says_why(session: Session, started: Settings) -> None:
    text = claimed_text(session, gate="campaign:4")
    record_one(session, started, text, Result.REFUSED, 21606)
    gate = closed_gate(session, "campaign:4")
    assert gate is not None
    assert gate.because == "Twilio error 21606: the sender cannot send texts"
    assert closed_gate(session, ALL) is None
    assert text.status == TextStatus.QUEUED


def test_a_callback_that_came_first_is_not_taken_back(session: Session, started: Settings) -> None:
    text, sid = claimed_text(session), any_sid()
    outcome = sent(session, text, Result.ACCEPTED, sid=sid)
    text.status, text.final_at = TextStatus.DELIVERED, NOW
    session.flush()
    record(session, [outcome], started, LATER)
    session.refresh(text)
    assert (text.status, text.final_at) == (TextStatus.DELIVERED, NOW)
    assert owner(session, sid) == text.id


@pytest.mark.parametrize("result", list(Result))
def test_a_text_that_was_settled_meanwhile_is_left_as_it_is(
    session: Session, started: Settings, result: Result
) -> None:
    text = claimed_text(session)
    outcome = sent(session, text, result, 21617 if result is Result.REFUSED else None)
    text.status, text.claim = TextStatus.QUEUED, None
    session.flush()
    record(session, [outcome], started, LATER)
    session.refresh(text)
    assert text.status == TextStatus.QUEUED


def test_another_claims_outcome_changes_nothing(session: Session, started: Settings) -> None:
    text = claimed_text(session)
    outcome = sent(session, text, Result.UNKNOWN)
    text.claim = "d" * 32
    session.flush()
    record(session, [outcome], started, LATER)
    session.refresh(text)
    assert text.status == TextStatus.SENDING


def test_many_outcomes_are_recorded_together(session: Session, started: Settings) -> None:
    texts = [claimed_text(session) for _ in range(4)]
    results = (Result.ACCEPTED, Result.UNKNOWN, Result.NOT_PROCESSED, Result.ACCEPTED)
    outcomes = [sent(session, text, each, sid=any_sid()) for text, each in zip(texts, results, strict=True)]
    record(session, outcomes[::-1], started, LATER)
    for text in texts:
        session.refresh(text)
    assert [text.status for text in texts] == [
        TextStatus.SENT,
        TextStatus.UNKNOWN,
        TextStatus.QUEUED,
        TextStatus.SENT,
    ]


def test_an_id_that_is_anothers_already_stays_theirs(session: Session, started: Settings) -> None:
    first, second, sid = claimed_text(session), claimed_text(session), any_sid()
    record(session, [sent(session, first, Result.ACCEPTED, sid=sid)], started, NOW)
    record(session, [sent(session, second, Result.ACCEPTED, sid=sid)], started, LATER)
    assert owner(session, sid) == first.id
    assert session.get_one(PhoneNumber, first.number_id).status == NumberStatus.OK
