from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.orm import Session

from outreach.people.models import NumberStatus, PhoneNumber
from outreach.settings import Settings
from outreach.texting.claims import (
    LONGEST_VALIDITY,
    TOO_DEAR,
    WALL_MARGIN,
    Claim,
    claim_due,
    release,
    stopped_claims,
)
from outreach.texting.gates import ALL, close_gate, open_gate
from outreach.texting.inbound import take_in
from outreach.texting.models import Kind, SenderPace, Text, TextStatus
from outreach.texting.outbox import GAP_IN_TURN, next_due
from outreach.texting.pace import lock_paces, rest_campaigns
from outreach.texting.recording import Sent, record
from outreach.texting.spending import count_incoming, spent
from outreach.texting.twilio import Outcome, Result
from tests.people.factories import make_number, make_person
from tests.texting.factories import (
    MINUTE,
    NOW,
    OTHER_SENDER,
    SECOND,
    SENDER,
    claim_of,
    claimed_text,
    make_settings,
    make_text,
    textable_number,
)

DAYTIME = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00", "org_timezone": "America/Los_Angeles"}
LOCAL = "+12135550150"


def pacific(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/Los_Angeles"))


def claim(session: Session, now: datetime = NOW, **settings: object) -> list[Claim]:
    claims = claim_due(session, make_settings(**settings), now)
    session.flush()
    session.expire_all()
    return claims


def claim_at_night(session: Session, now: datetime) -> list[Claim]:
    return claim(session, now, **DAYTIME)


def test_a_claim_holds_what_twilio_must_know(session: Session) -> None:
    text = make_text(session, textable_number(session, LOCAL), gate="campaign:1", campaign_id=1)
    [claimed] = claim(session)
    assert (claimed.id, claimed.phone, claimed.sender, claimed.body) == (text.id, LOCAL, SENDER, "Hola")
    assert (text.status, text.claim, text.claimed_at, text.attempts) == (TextStatus.SENDING, claimed.key, NOW, 1)


def test_a_claimed_text_is_not_claimed_again(session: Session) -> None:
    make_text(session)
    assert len(claim(session)) == 1
    assert claim(session) == []


def test_what_is_not_due_waits(session: Session) -> None:
    make_text(session, due_at=NOW + SECOND)
    assert claim(session) == []
    assert len(claim(session, NOW + SECOND)) == 1


@pytest.mark.parametrize(
    ("number", "text", "status"),
    [
        ({"opted_out": True}, {}, TextStatus.SUPPRESSED),
        ({"opted_out": True}, {"automated": False}, TextStatus.SUPPRESSED),
        ({"opted_out": True}, {"kind": Kind.REPLY, "answers_at": NOW}, TextStatus.SUPPRESSED),
        ({"status": NumberStatus.BAD}, {}, TextStatus.SUPPRESSED),
        ({"held": True}, {}, TextStatus.SUPPRESSED),
        ({}, {"expires_at": NOW}, TextStatus.EXPIRED),
        ({"opted_out": True}, {"exempt_from_opt_out": True, "expires_at": NOW}, TextStatus.EXPIRED),
    ],
)
def test_what_may_not_leave_is_ended_and_says_why(
    session: Session, number: dict[str, object], text: dict[str, object], status: TextStatus
) -> None:
    row = make_text(session, textable_number(session, **number), **text)  # type: ignore[arg-type] # any facts
    assert claim(session) == []
    assert (row.status, row.final_at, row.claim) == (status, NOW, None)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        ({"opted_out": True}, {"exempt_from_opt_out": True}),
        ({"held": True}, {"automated": False}),
        ({}, {"expires_at": NOW + SECOND}),
    ],
)
def test_what_is_exempt_leaves(session: Session, number: dict[str, object], text: dict[str, object]) -> None:
    make_text(session, textable_number(session, **number), **text)  # type: ignore[arg-type] # any facts
    assert len(claim(session)) == 1


def test_a_closed_gate_keeps_its_texts_and_no_others(session: Session) -> None:
    kept, free = make_text(session, gate="campaign:1"), make_text(session)
    close_gate(session, "campaign:1", "ana", "paused", NOW)
    assert [each.id for each in claim(session)] == [free.id]
    assert kept.status == TextStatus.QUEUED
    open_gate(session, "campaign:1")
    assert [each.id for each in claim(session)] == [kept.id]


def test_after_stop_all_nothing_is_claimed_not_even_a_confirmation(session: Session) -> None:
    make_text(session, exempt_from_opt_out=True)
    close_gate(session, ALL, "ana", "wrong words", NOW)
    assert claim(session) == []
    open_gate(session, ALL)
    assert len(claim(session)) == 1


def test_replies_leave_before_transactional_texts_before_bulk(session: Session) -> None:
    ids = {kind: make_text(session, kind=kind).id for kind in (Kind.BULK, Kind.TRANSACTIONAL, Kind.REPLY)}
    order = [claim(session, NOW + place * SECOND, sender_rate=0.5) for place in range(0, 12, 2)]
    assert [each.id for claims in order for each in claims] == [
        ids[Kind.REPLY],
        ids[Kind.TRANSACTIONAL],
        ids[Kind.BULK],
    ]


def test_a_claim_takes_at_most_two_seconds_of_pace(session: Session) -> None:
    for _ in range(30):
        make_text(session)
    assert len(claim(session, sender_rate=10)) == 10
    assert len(claim(session, NOW + 100 * SECOND, sender_rate=10)) == 20


def test_ended_texts_cost_no_pace(session: Session) -> None:
    for _ in range(5):
        make_text(session, textable_number(session, opted_out=True))
    make_text(session)
    assert len(claim(session, sender_rate=10)) == 1
    assert session.scalars(select(SenderPace.tokens)).one() == 9.0


def test_a_long_text_may_run_its_sender_into_debt_but_not_further(session: Session) -> None:
    for _ in range(2):
        make_text(session, body="a" * 400)
    assert len(claim(session, sender_rate=1)) == 1
    assert claim(session, NOW + SECOND, sender_rate=1) == []
    assert len(claim(session, NOW + 3 * SECOND, sender_rate=1)) == 1


def test_texts_of_a_sender_that_is_not_ours_are_left(session: Session) -> None:
    make_text(session, sender=OTHER_SENDER)
    assert claim(session) == []


def test_a_text_is_put_off_until_the_hours_open(session: Session) -> None:
    text = make_text(session, textable_number(session, LOCAL), due_at=pacific("2026-12-02T21:00"))
    assert claim_at_night(session, pacific("2026-12-02T21:00")) == []
    assert (text.status, text.due_at) == (TextStatus.QUEUED, pacific("2026-12-03T09:00"))
    assert len(claim_at_night(session, pacific("2026-12-03T09:00"))) == 1


def test_texts_of_one_turn_that_are_put_off_together_keep_their_order(session: Session) -> None:
    number, night = textable_number(session, LOCAL), pacific("2026-12-02T21:00")
    texts = [
        make_text(session, number, now=night, conversation_id=1, turn=1, place_in_turn=place) for place in range(2)
    ]
    claim_at_night(session, night + MINUTE)
    assert [text.due_at for text in texts] == [
        pacific("2026-12-03T09:00"),
        pacific("2026-12-03T09:00") + GAP_IN_TURN,
    ]


def test_what_would_be_put_off_beyond_its_end_expires(session: Session) -> None:
    night = pacific("2026-12-02T21:00")
    text = make_text(session, textable_number(session, LOCAL), now=night, expires_at=night + timedelta(hours=5))
    assert claim_at_night(session, night) == []
    assert text.status == TextStatus.EXPIRED


def test_nobody_is_texted_where_it_is_night_for_their_area_code(session: Session) -> None:
    text = make_text(session, textable_number(session, "+12125550150"), due_at=pacific("2026-12-02T18:00"))
    assert claim_at_night(session, pacific("2026-12-02T18:00")) == []
    assert text.due_at == pacific("2026-12-03T09:00")


def test_a_stated_zone_counts_before_the_area_code(session: Session) -> None:
    number = textable_number(session, "+12125550150")
    person = make_person(session, numbers=[number], timezone="America/Los_Angeles")
    make_text(session, number, person_id=person.id, due_at=pacific("2026-12-02T17:30"))
    assert len(claim_at_night(session, pacific("2026-12-02T17:30"))) == 1


def test_a_zip_counts_before_the_area_code_which_still_keeps_its_night(session: Session) -> None:
    number = textable_number(session, "+12125550150")
    person = make_person(session, numbers=[number], zip="90012")
    text = make_text(session, number, person_id=person.id)
    assert claim_at_night(session, pacific("2026-12-02T18:00")) == []
    assert text.due_at == pacific("2026-12-03T09:00")
    text.due_at = pacific("2026-12-04T17:30")
    session.flush()
    [claimed] = claim_at_night(session, pacific("2026-12-04T17:30"))
    assert claimed.valid_seconds == 1740  # until a minute before nine in New York


def test_a_persons_answer_leaves_until_nine_to_who_wrote_within_the_hour_and_else_in_the_morning(
    session: Session,
) -> None:
    evening = pacific("2026-12-02T20:30")
    fresh = make_text(
        session, textable_number(session, LOCAL), now=evening, kind=Kind.REPLY, answers_at=evening, automated=False
    )
    stale = make_text(
        session,
        textable_number(session),
        now=evening,
        kind=Kind.REPLY,
        answers_at=evening - timedelta(minutes=61),
        automated=False,
    )
    [claimed] = claim_at_night(session, evening)
    assert (claimed.id, claimed.valid_seconds) == (fresh.id, 29 * 60)
    assert stale.due_at == pacific("2026-12-03T09:00")


def test_a_persons_answer_does_not_leave_after_nine(session: Session) -> None:
    late = pacific("2026-12-02T21:00")
    text = make_text(session, textable_number(session, LOCAL), now=late, answers_at=late, automated=False)
    assert claim_at_night(session, late) == []
    assert text.due_at == pacific("2026-12-03T09:00")


def test_a_sessions_change_leaves_from_eight_also_on_a_sunday(session: Session) -> None:
    sunday = pacific("2026-12-06T08:00")
    change = make_text(session, textable_number(session, LOCAL), now=sunday, is_change=True)
    make_text(session, textable_number(session), now=sunday)
    assert [each.id for each in claim_at_night(session, sunday)] == [change.id]


def test_two_texts_to_one_person_leave_seconds_apart_and_in_order(session: Session) -> None:
    number = textable_number(session)
    first = make_text(session, number, conversation_id=1, turn=1, place_in_turn=0)
    second = make_text(session, number, conversation_id=1, turn=1, place_in_turn=1, due_at=NOW)
    late = NOW + GAP_IN_TURN
    assert [each.id for each in claim(session, late)] == [first.id]
    assert claim(session, late + SECOND) == []
    first.status, first.due_at = TextStatus.QUEUED, late + 3 * GAP_IN_TURN  # Twilio had no time for it
    session.flush()
    assert claim(session, late + 2 * GAP_IN_TURN) == []
    assert [each.id for each in claim(session, late + 3 * GAP_IN_TURN)] == [first.id]
    first.status = TextStatus.SENT
    session.flush()
    assert [each.id for each in claim(session, late + 4 * GAP_IN_TURN)] == [second.id]


def test_a_text_waits_some_seconds_for_the_call_of_the_one_before_whatever_it_is_about(session: Session) -> None:
    number = textable_number(session)
    first = make_text(session, number, conversation_id=1, turn=1, kind=Kind.BULK)
    assert [each.id for each in claim(session)] == [first.id]
    answer = make_text(session, number, conversation_id=2, turn=1, kind=Kind.REPLY)
    assert claim(session, NOW + SECOND) == []
    # A call that hangs, or was lost, keeps nobody waiting longer than that.
    assert [each.id for each in claim(session, NOW + SECOND + GAP_IN_TURN)] == [answer.id]
    third = make_text(session, number, kind=Kind.REPLY)
    answer.status = TextStatus.SENT
    session.flush()
    assert [each.id for each in claim(session, NOW + 2 * SECOND + GAP_IN_TURN)] == [third.id]


def test_campaigns_rest_at_a_daily_cap_while_answers_leave(session: Session) -> None:
    bulk, reply = make_text(session), make_text(session, kind=Kind.REPLY)
    lock_paces(session, (SENDER,), 1000, NOW)
    rest_campaigns(session, NOW + MINUTE)
    assert [each.id for each in claim(session)] == [reply.id]
    assert next_due(session, (SENDER,), NOW) == {}
    assert [each.id for each in claim(session, NOW + MINUTE)] == [bulk.id]


def test_sending_stops_at_the_months_budget_and_goes_on_with_the_next_month(session: Session) -> None:
    for _ in range(5):
        make_text(session)
    budget: dict[str, Any] = {"monthly_budget": "0.04", "price_segment_out": "0.0128"}
    assert len(claim(session, **budget)) == 3
    assert claim(session, NOW + SECOND, **budget) == []
    january = NOW + timedelta(days=31)
    assert len(claim(session, january, **budget)) == 2


def test_a_text_that_costs_more_than_is_left_waits_and_is_not_looked_at_in_circles(session: Session) -> None:
    long = make_text(session, body="a" * 400)
    assert claim(session, monthly_budget="0.02", price_segment_out="0.0128") == []
    assert long.due_at == NOW + TOO_DEAR


def test_what_did_not_leave_after_all_is_not_spent(session: Session, started: Settings) -> None:
    texts = [make_text(session) for _ in range(3)]
    claims = claim(session)
    assert spent(session, started, NOW) == 3 * started.segment_out_millionths
    results = (Result.ACCEPTED, Result.NOT_PROCESSED, Result.UNKNOWN)
    record(session, [Sent(each, Outcome(result)) for each, result in zip(claims, results, strict=True)], started, NOW)
    assert spent(session, started, NOW) == 2 * started.segment_out_millionths
    assert len(texts) == 3


def test_what_came_in_is_counted_once(session: Session, started: Settings) -> None:
    for place in range(3):
        inbound = take_in(session, started, {"MessageSid": f"SM{place}", "From": LOCAL}, NOW)
        assert inbound is not None
        session.add(inbound.text)
        session.flush()
        count_incoming(session, started, NOW)
    count_incoming(session, started, NOW)
    assert spent(session, started, NOW) == 3 * started.segment_in_millionths


def test_an_answer_leaves_at_night_within_the_hour_and_not_later(session: Session) -> None:
    night = pacific("2026-12-02T23:00")
    number = textable_number(session, LOCAL)
    make_text(session, number, now=night, kind=Kind.REPLY, answers_at=night - timedelta(minutes=59))
    late = make_text(session, number, now=night, kind=Kind.REPLY, answers_at=night - timedelta(minutes=61))
    [claimed] = claim_at_night(session, night)
    assert (late.status, late.due_at) == (TextStatus.QUEUED, pacific("2026-12-03T09:00"))
    # And the carrier may not keep it until three in the morning.
    assert claimed.valid_seconds <= 60 + WALL_MARGIN.total_seconds()


def test_validity_ends_a_minute_before_the_wall(session: Session) -> None:
    make_text(session, textable_number(session, LOCAL), due_at=pacific("2026-12-02T19:00"))
    [claimed] = claim_at_night(session, pacific("2026-12-02T19:00"))
    assert claimed.valid_seconds == 59 * 60


def test_the_last_minute_before_the_wall_belongs_to_the_next_day(session: Session) -> None:
    text = make_text(session, textable_number(session, LOCAL), due_at=pacific("2026-12-02T19:59:30"))
    assert claim_at_night(session, pacific("2026-12-02T19:59:30")) == []
    assert text.due_at == pacific("2026-12-03T09:00")


def test_an_answer_within_hours_is_valid_until_the_wall(session: Session) -> None:
    noon = pacific("2026-12-02T12:00")
    make_text(session, textable_number(session, LOCAL), now=noon, kind=Kind.REPLY, answers_at=noon)
    [claimed] = claim_at_night(session, noon)
    assert claimed.valid_seconds == (8 * 60 - 1) * 60


def test_validity_is_at_most_ten_hours_and_ends_with_the_text(session: Session) -> None:
    make_text(session)
    make_text(session, expires_at=NOW + 5 * MINUTE)
    assert [each.valid_seconds for each in claim(session)] == [LONGEST_VALIDITY.total_seconds(), 300]


def test_a_claim_is_stopped_by_an_opt_out(session: Session) -> None:
    number = textable_number(session)
    text = claimed_text(session, number=number)
    assert stopped_claims(session, [text.id]) == {}
    number.texts_opted_out_at = NOW
    session.flush()
    assert stopped_claims(session, [text.id]) == {text.id: TextStatus.SUPPRESSED}


def test_the_confirmation_of_an_opt_out_is_not_stopped_by_it(session: Session) -> None:
    text = claimed_text(session, number=textable_number(session, opted_out=True), exempt_from_opt_out=True)
    assert stopped_claims(session, [text.id]) == {}


def test_a_claim_is_stopped_by_a_hold_and_by_a_bad_number(session: Session) -> None:
    held = claimed_text(session, number=textable_number(session, held=True))
    bad = claimed_text(session, number=textable_number(session, status=NumberStatus.BAD))
    by_hand = claimed_text(session, number=textable_number(session, held=True), automated=False)
    stopped = stopped_claims(session, [held.id, bad.id, by_hand.id])
    assert stopped == {held.id: TextStatus.SUPPRESSED, bad.id: TextStatus.SUPPRESSED}


def test_a_claim_behind_a_gate_that_closes_goes_back(session: Session) -> None:
    mine, other = claimed_text(session, gate="campaign:1"), claimed_text(session, gate="campaign:2")
    close_gate(session, "campaign:1", "ana", "paused", NOW)
    assert stopped_claims(session, [mine.id, other.id]) == {mine.id: TextStatus.QUEUED}
    close_gate(session, ALL, "ana", "wrong words", NOW)
    assert stopped_claims(session, [mine.id, other.id]) == dict.fromkeys((mine.id, other.id), TextStatus.QUEUED)


def test_a_claim_that_goes_back_was_no_attempt(session: Session) -> None:
    number = make_number(session)
    text = claimed_text(session, number=number)
    release(session, claim_of(text, number), TextStatus.QUEUED, NOW)
    session.refresh(text)
    assert (text.status, text.claim, text.claimed_at, text.attempts) == (TextStatus.QUEUED, None, None, 0)
    assert text.final_at is None


def test_a_claim_that_is_ours_no_more_is_left_alone(session: Session) -> None:
    number = make_number(session)
    text = claimed_text(session, number=number)
    ours = claim_of(text, number)
    text.claim = "d" * 32
    session.flush()
    release(session, ours, TextStatus.SUPPRESSED, NOW)
    session.refresh(text)
    assert text.status == TextStatus.SENDING


@pytest.mark.parametrize("status", [TextStatus.SENT, TextStatus.DELIVERED, TextStatus.UNKNOWN])
def test_a_claim_that_a_callback_has_moved_on_is_left_alone(session: Session, status: TextStatus) -> None:
    number = make_number(session)
    text = claimed_text(session, number=number)
    ours = claim_of(text, number)
    text.status = status
    session.flush()
    release(session, ours, TextStatus.QUEUED, NOW)
    session.refresh(text)
    assert text.status == status


def test_many_drainers_at_once_claim_each_text_once(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"), pool_size=8)
    with Session(engine) as session, session.begin():
        number = textable_number(session)
        for _ in range(100):
            make_text(session, number)
    settings = make_settings(sender_rate=20)

    def drain(_: int) -> list[int]:
        return [each.id for place in range(10) for each in claim_in_own_transaction(engine, settings, place)]

    with ThreadPoolExecutor(6) as pool:
        claimed = Counter(text for ids in pool.map(drain, range(6)) for text in ids)
    with Session(engine) as session:
        texts = session.scalars(select(Text)).all()
        tokens = session.scalars(select(SenderPace.tokens)).one()
    engine.dispose()
    assert set(claimed.values()) == {1}
    assert {text.id for text in texts if text.status == TextStatus.SENDING} == set(claimed)
    assert tokens >= 0


def claim_in_own_transaction(engine: Engine, settings: Settings, place: int) -> list[Claim]:
    with Session(engine) as session, session.begin():
        return claim_due(session, settings, NOW + place * SECOND)


def test_an_unknown_number_status_is_not_textable(session: Session) -> None:
    assert {each.name for each in NumberStatus} >= {"OK", "BAD"}
    number = session.get_one(PhoneNumber, textable_number(session).id)
    number.status = next(each for each in NumberStatus if each is not NumberStatus.OK)
    make_text(session, number)
    assert claim(session) == []
