from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from outreach.texting.gates import ALL, close_gate
from outreach.texting.models import Kind, TextStatus
from outreach.texting.outbox import (
    GAP_IN_TURN,
    adopt_texts,
    cancel_campaign_texts,
    cancel_conversation_texts,
    cancel_queued,
    has_due_texts,
    next_due,
    sender_for,
)
from tests.people.factories import make_number
from tests.texting.factories import MINUTE, NOW, OTHER_SENDER, SENDER, make_text, textable_number


def test_a_text_is_counted_and_due_at_once(session: Session) -> None:
    text = make_text(session, body="más " * 20)
    assert (text.segments, text.due_at, text.status) == (2, NOW, TextStatus.QUEUED)


def test_texts_of_one_turn_are_due_some_seconds_apart(session: Session) -> None:
    number = textable_number(session)
    texts = [make_text(session, number, conversation_id=1, turn=1, place_in_turn=place) for place in range(3)]
    assert [text.due_at for text in texts] == [NOW, NOW + GAP_IN_TURN, NOW + 2 * GAP_IN_TURN]


def test_replies_come_before_transactional_texts_before_bulk(session: Session) -> None:
    reply, transactional, bulk = (make_text(session, kind=kind).priority or 0 for kind in Kind)
    assert reply < transactional < bulk


def test_a_turn_that_runs_twice_cannot_put_its_text_there_twice(session: Session) -> None:
    make_text(session, conversation_id=1, turn=3, place_in_turn=0)
    with pytest.raises(IntegrityError), session.begin_nested():
        make_text(session, conversation_id=1, turn=3, place_in_turn=0)


def test_an_opt_out_takes_everything_but_its_own_confirmation(session: Session) -> None:
    number = textable_number(session)
    queued = [make_text(session, number) for _ in range(2)]
    confirmation = make_text(session, number, exempt_from_opt_out=True)
    under_way, stranger = make_text(session, number, status=TextStatus.SENDING), make_text(session)
    assert cancel_queued(session, number.id, TextStatus.SUPPRESSED, NOW) == 2
    for text in (*queued, confirmation, under_way, stranger):
        session.refresh(text)
    assert [(text.status, text.final_at) for text in queued] == [(TextStatus.SUPPRESSED, NOW)] * 2
    assert confirmation.status == stranger.status == TextStatus.QUEUED
    assert under_way.status == TextStatus.SENDING


def test_a_turn_that_is_over_takes_its_texts_back(session: Session) -> None:
    mine, other = make_text(session, conversation_id=1), make_text(session, conversation_id=2)
    cancel_conversation_texts(session, 1, NOW)
    session.refresh(mine)
    session.refresh(other)
    assert (mine.status, other.status) == (TextStatus.CANCELED, TextStatus.QUEUED)


def test_a_cancelled_campaign_still_answers(session: Session) -> None:
    bulk, reply = make_text(session, campaign_id=7), make_text(session, campaign_id=7, kind=Kind.REPLY)
    cancel_campaign_texts(session, 7, NOW)
    session.refresh(bulk)
    session.refresh(reply)
    assert (bulk.status, reply.status) == (TextStatus.CANCELED, TextStatus.QUEUED)


def test_a_number_hears_from_one_sender_for_as_long_as_it_is_ours(session: Session) -> None:
    number = make_number(session)
    chosen = sender_for(session, number, (SENDER, OTHER_SENDER))
    assert sender_for(session, number, (OTHER_SENDER, SENDER)) == chosen
    assert sender_for(session, number, ("+13105550100",)) == "+13105550100"


def test_what_is_due_is_seen(session: Session) -> None:
    assert not has_due_texts(session, NOW)
    make_text(session)
    assert has_due_texts(session, NOW)
    assert not has_due_texts(session, NOW - MINUTE)


def test_each_sender_has_its_own_next_text(session: Session) -> None:
    make_text(session, due_at=NOW + MINUTE)
    make_text(session, due_at=NOW, sender=OTHER_SENDER)
    assert next_due(session, (SENDER, OTHER_SENDER), NOW) == {SENDER: NOW + MINUTE, OTHER_SENDER: NOW}


def test_a_text_behind_a_closed_gate_is_not_next(session: Session) -> None:
    make_text(session, gate="campaign:1")
    close_gate(session, "campaign:1", "ana", "paused", NOW)
    assert next_due(session, (SENDER,), NOW) == {}


def test_after_stop_all_nothing_is_next(session: Session) -> None:
    make_text(session)
    close_gate(session, ALL, "ana", "wrong words", NOW)
    assert next_due(session, (SENDER,), NOW) == {}


def test_texts_of_a_sender_that_is_gone_leave_from_another(session: Session) -> None:
    gone = make_text(session, sender="+13105550100")
    none = make_text(session, make_number(session))
    ours = make_text(session)
    sent = make_text(session, sender="+13105550100", status=TextStatus.SENT)
    assert adopt_texts(session, (SENDER, OTHER_SENDER)) == 2
    for text in (gone, none, ours, sent):
        session.refresh(text)
    assert {gone.sender, none.sender} <= {SENDER, OTHER_SENDER}
    assert (ours.sender, sent.sender) == (SENDER, "+13105550100")
    assert adopt_texts(session, (SENDER, OTHER_SENDER)) == 0


def test_an_adopted_text_leaves_from_the_sender_that_its_number_will_hear_from(session: Session) -> None:
    senders = (SENDER, OTHER_SENDER)
    numbers = [make_number(session) for _ in range(4)]
    texts = [make_text(session, number) for number in numbers]
    adopt_texts(session, senders)
    for text, number in zip(texts, numbers, strict=True):
        session.refresh(text)
        assert text.sender == sender_for(session, number, senders)


def test_a_draft_may_be_due_later(session: Session) -> None:
    assert make_text(session, due_at=NOW + timedelta(hours=2)).due_at == NOW + timedelta(hours=2)
