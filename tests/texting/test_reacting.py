import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach.people.consent import was_opted_out
from outreach.people.models import ConsentEvent, NumberStatus, PhoneNumber
from outreach.sandbox.faults import Fault, FaultKind
from outreach.sandbox.messages import Message
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting.claims import claim_due
from outreach.texting.delivery import apply_events, store_event
from outreach.texting.gates import ALL, closed_gate, open_gate
from outreach.texting.models import SenderPace, Text, TextStatus
from outreach.texting.pace import lock_paces
from outreach.texting.reacting import CAP_REST, SENDER_REST, Trouble, react
from outreach.texting.reactions import CODES, Reaction, reaction_to
from outreach.texting.recording import Sent, record
from outreach.texting.retrying import next_midnight
from outreach.texting.twilio import Outgoing, make_client, send_text
from tests.texting.factories import (
    MINUTE,
    NOW,
    SENDER,
    any_sid,
    make_settings,
    make_text,
    sandbox_config,
    textable_number,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 12, 3, tzinfo=ZoneInfo("America/Los_Angeles"))
GATE = "campaign:7"
# What each code leaves behind, beside a text that failed: TWILIO.md 2.5, row by row, written a second time.
NOTHING: dict[str, Any] = {}
AGAIN_LATER, AGAIN_SOON = {"again": 4 * HOUR}, {"again": 2 * MINUTE, "rests": SENDER_REST}
BAD, NO_CALLS = {"number": NumberStatus.BAD}, {"number": NumberStatus.INVALID}
OPT = {"opted_out": True, "status": TextStatus.SUPPRESSED}
OPT_LATER = {"opted_out": True}
HALT, HALT_LATER = {"halted": True, "status": TextStatus.QUEUED}, {"halted": True, "again": 0 * HOUR}
UNKNOWN = {"status": TextStatus.UNKNOWN}
NEAR_CAP = {"campaigns_rest": CAP_REST}
CAP = {"again": MIDNIGHT - NOW, "campaigns_rest": MIDNIGHT - NOW}
EXPECTED: dict[int, dict[str, Any]] = {
    **dict.fromkeys((20003, 20005, 20403, 20404, 21212, 21603, 21606, 21608, 21609, 21659), HALT),
    **dict.fromkeys((21701, 21703, 21704, 21712), HALT),
    **dict.fromkeys((30002, 30032, 30034), HALT_LATER),
    20429: {"status": TextStatus.QUEUED, "rests": timedelta(seconds=1)},
    21611: {"status": TextStatus.QUEUED, "rests": SENDER_REST},
    **dict.fromkeys((20500, 20503), UNKNOWN),
    **dict.fromkeys((21211, 21217, 21401), NO_CALLS),
    **dict.fromkeys((21612, 21614, 21635, 30004, 30006), BAD),
    21610: OPT,
    30640: OPT_LATER,
    **dict.fromkeys((21408, 21602, 21617, 21619, 21620, 21623, 21624), NOTHING),
    **dict.fromkeys(range(35111, 35119), NOTHING),
    **dict.fromkeys((30007, 30010, 30019, 30018, 30024, 30036, 30450, 30453), NOTHING),
    **dict.fromkeys((30001, 30017, 30022), AGAIN_SOON),
    **dict.fromkeys((30023, 30027), CAP),
    **dict.fromkeys((30025, 30026), NEAR_CAP),
    **dict.fromkeys((30003, 30005, 30008, 30047), AGAIN_LATER),
    30410: {"again": 12 * HOUR},
    30610: {"again": 10 * HOUR},
    99999: AGAIN_LATER,  # one that nobody listed
    29999: AGAIN_LATER,
}  # fmt: skip


@pytest.fixture(scope="module")
def carrier() -> Iterator[RunningSandbox]:
    """A local Twilio that carries each text through its statuses at once, and posts no callback by itself."""
    config = replace(sandbox_config(), instant=False, callback_delay=(0.0, 0.002), shuffle=0, duplicate=0, early=0)
    with RunningSandbox(config) as running:
        yield running


@pytest.fixture
def client(carrier: RunningSandbox) -> Iterator[Client]:
    made = make_client(make_settings(twilio_api_url=carrier.url))
    yield made
    made.http_client.session.close()


def send_into(session: Session, carrier: RunningSandbox, client: Client, settings: Settings, code: int) -> Text:
    """Send a text that meets this code at the door, or later by a callback; what Twilio tells is told twice."""
    text = make_text(session, gate=GATE, campaign_id=7, first_of_campaign=True)
    phone = session.get_one(PhoneNumber, text.number_id).phone
    carrier.sandbox.account.faults.add(Fault(FaultKind.CODE, count=1, to=phone, code=code))
    claims = claim_due(session, settings, NOW)
    outcomes = [
        send_text(client, Outgoing(claim.phone, claim.sender, claim.body, "http://127.0.0.1:9/s", 600))
        for claim in claims
    ]
    session.flush()
    record(session, [Sent(*pair) for pair in zip(claims, outcomes, strict=True)], settings, NOW)
    for sid in [outcome.sid for outcome in outcomes if outcome.sid] * 2:
        told = ended(carrier, sid)
        form = {"MessageSid": sid, "MessageStatus": told.status, "ErrorCode": str(told.error_code)}
        store_event(session, str(text.id), form, NOW)
        apply_events(session, NOW)
    session.flush()
    session.expire_all()
    return text


def ended(carrier: RunningSandbox, sid: str) -> Message:
    end = time.monotonic() + 10
    while (found := carrier.sandbox.account.messages.find(sid)) is None or found.error_code is None:
        assert time.monotonic() < end, "the sandbox did not carry the text to its end"
        time.sleep(0.002)
    return found


@pytest.mark.parametrize(("code", "expected"), EXPECTED.items(), ids=map(str, EXPECTED))
def test_each_code_does_what_its_row_says(  # noqa: PLR0917 - fixtures and a row
    session: Session, started: Settings, carrier: RunningSandbox, client: Client, code: int, expected: dict[str, Any]
) -> None:
    text = send_into(session, carrier, client, started, code)
    number = session.get_one(PhoneNumber, text.number_id)
    pace = session.scalars(select(SenderPace)).one()
    second = session.scalars(select(Text).where(Text.retry_of == text.id)).one_or_none()
    at_once = {TextStatus.FAILED, TextStatus.UNDELIVERED}
    assert text.status in ({expected["status"]} if "status" in expected else at_once)
    assert number.status == expected.get("number", NumberStatus.OK)
    assert (number.texts_opted_out_at is not None) == expected.get("opted_out", False)
    assert (closed_gate(session, GATE) is not None) == expected.get("halted", False)
    assert closed_gate(session, ALL) is None
    assert pace.slow_until == (NOW + expected["rests"] if "rests" in expected else None)
    assert pace.campaigns_rest_until == (NOW + expected["campaigns_rest"] if "campaigns_rest" in expected else None)
    assert (second and second.due_at) == (NOW + expected["again"] if "again" in expected else None)


def test_every_row_of_the_table_is_tested_here_but_those_that_come_with_no_text() -> None:
    alerts = {row.code for row in CODES if row.reaction is Reaction.ALERT}
    assert {row.code for row in CODES} - alerts == set(EXPECTED) - {99999, 29999}


def failed_text(session: Session, code: int, number: PhoneNumber | None = None, **facts: Any) -> Text:
    """Return a text that has just failed with this code, after what it asks for was done."""
    given = {"status": TextStatus.UNDELIVERED, "error_code": code, "final_at": facts.get("now", NOW)}
    text = make_text(session, number, **(given | facts))
    react(session, Trouble(text.id, text.number_id, SENDER, text.gate, code), facts.get("now", NOW))
    session.expire_all()
    return text


def retry_of(session: Session, text: Text) -> Text | None:
    return session.scalars(select(Text).where(Text.retry_of == text.id)).one_or_none()


def test_an_opt_out_is_written_in_the_ledger_once(session: Session, started: Settings) -> None:
    number = textable_number(session)
    for _ in range(2):
        failed_text(session, 21610, number)
    assert was_opted_out(session, number.phone, started.suppression_key.get_secret_value())
    [event] = session.scalars(select(ConsentEvent)).all()
    assert (event.source, event.rule, event.raw_text) == ("twilio", "error 21610", None)


@pytest.mark.usefixtures("started")
def test_a_bad_number_gets_nothing_of_what_waits(session: Session) -> None:
    number = textable_number(session)
    waiting, other = make_text(session, number), make_text(session)
    failed_text(session, 21614, number)
    assert number.status == NumberStatus.BAD
    assert (waiting.status, other.status) == (TextStatus.SUPPRESSED, TextStatus.QUEUED)


@pytest.mark.usefixtures("started")
def test_wrong_settings_at_an_answer_stop_everything(session: Session) -> None:
    failed_text(session, 20003, status=TextStatus.QUEUED)
    gate = closed_gate(session, ALL)
    assert gate is not None
    assert gate.because == "Twilio error 20003: credentials are wrong"


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(("code", "strikes"), [(30003, 3), (30008, 3), (99999, 3), (30005, 2)])
def test_a_number_that_fails_in_passing_again_and_again_is_bad(session: Session, code: int, strikes: int) -> None:
    number, after = textable_number(session), list[NumberStatus]()
    for day in range(strikes):
        failed_text(session, code, number, now=NOW + day * DAY)
        after.append(number.status)
    assert after == [NumberStatus.OK] * (strikes - 1) + [NumberStatus.BAD]


@pytest.mark.usefixtures("started")
def test_failures_a_month_apart_or_before_one_that_arrived_do_not_add_up(session: Session) -> None:
    rare, mended = textable_number(session), textable_number(session)
    for month in range(4):
        failed_text(session, 30003, rare, now=NOW + month * 31 * DAY)
    for _ in range(2):
        failed_text(session, 30003, mended)
    make_text(session, mended, status=TextStatus.DELIVERED)
    failed_text(session, 30003, mended)
    assert (rare.status, mended.status) == (NumberStatus.OK, NumberStatus.OK)


@pytest.mark.usefixtures("started")
def test_a_second_try_is_the_same_text_once_and_the_third_next_day_is_the_last(session: Session) -> None:
    text = failed_text(session, 30003, conversation_id=1, turn=1, place_in_turn=0, kind="bulk", gate=GATE)
    second = retry_of(session, text)
    assert second is not None
    assert (second.body, second.gate, second.kind, second.status) == (text.body, GATE, text.kind, TextStatus.QUEUED)
    assert not second.first_of_campaign
    react(session, Trouble(text.id, text.number_id, SENDER, None, 30003), NOW)
    second.status, second.error_code, second.final_at = TextStatus.UNDELIVERED, 30003, NOW + 4 * HOUR
    session.flush()
    react(session, Trouble(second.id, text.number_id, SENDER, None, 30003), NOW + 4 * HOUR)
    third = retry_of(session, second)
    assert third is not None
    assert third.due_at == NOW + 20 * HOUR
    third.status, third.error_code, third.final_at = TextStatus.UNDELIVERED, 30008, NOW + 20 * HOUR
    session.flush()
    react(session, Trouble(third.id, text.number_id, SENDER, None, 30008), NOW + 20 * HOUR)
    assert session.scalars(select(Text).where(Text.retry_of.is_not(None)).order_by(Text.id)).all() == [second, third]


@pytest.mark.usefixtures("started")
def test_what_would_come_too_late_or_out_of_turn_is_not_sent_again(session: Session) -> None:
    soon_over = failed_text(session, 30003, expires_at=NOW + 3 * HOUR)
    number = textable_number(session)
    overtaken, newer = make_text(session, number), make_text(session, number)
    overtaken.status, overtaken.error_code, overtaken.final_at = TextStatus.UNDELIVERED, 30003, NOW
    session.flush()
    react(session, Trouble(overtaken.id, number.id, SENDER, None, 30003), NOW)
    assert (retry_of(session, soon_over), retry_of(session, overtaken)) == (None, None)
    assert newer.status == TextStatus.QUEUED


@pytest.mark.usefixtures("started")
def test_a_second_try_is_dropped_when_they_write_or_the_first_arrived_after_all(session: Session) -> None:
    answered, arrived = failed_text(session, 30003), failed_text(session, 30003)
    session.get_one(PhoneNumber, answered.number_id).last_inbound_at = NOW + HOUR
    store_event(session, str(arrived.id), {"MessageSid": any_sid(), "MessageStatus": "delivered"}, NOW)
    apply_events(session, NOW)
    session.flush()
    assert claim_due(session, make_settings(), NOW + 4 * HOUR) == []
    session.flush()
    session.expire_all()
    assert [retry and retry.status for retry in (retry_of(session, answered), retry_of(session, arrived))] == [
        TextStatus.CANCELED,
        TextStatus.CANCELED,
    ]


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("code", "failed", "delivered", "halted"),
    [(30007, 2, 97, True), (30007, 2, 99, False), (30007, 1, 3, False), (30018, 3, 2, True), (30018, 3, 3, False)],
)
def test_a_campaign_is_paused_when_too_many_of_its_texts_fail_so(
    session: Session, code: int, failed: int, delivered: int, *, halted: bool
) -> None:
    facts: dict[str, Any] = {"campaign_id": 7, "first_of_campaign": True, "gate": GATE}
    for _ in range(delivered):
        make_text(session, status=TextStatus.DELIVERED, final_at=NOW, **facts)
    for _ in range(failed):
        failed_text(session, code, **facts)
    gate = closed_gate(session, GATE)
    assert (gate is not None) == halted
    assert gate is None or gate.because == f"Twilio error {code}: {reaction_to(code).meaning}"


@pytest.mark.usefixtures("started")
def test_a_campaign_that_is_mended_and_resumed_is_counted_anew(session: Session) -> None:
    facts: dict[str, Any] = {"campaign_id": 7, "first_of_campaign": True, "gate": GATE}
    for _ in range(3):
        failed_text(session, 30007, **facts)
    open_gate(session, GATE)
    failed_text(session, 30007, now=NOW + 2 * HOUR, **facts)
    assert closed_gate(session, GATE) is None


@pytest.mark.usefixtures("started")
def test_after_a_pause_is_mended_the_failed_texts_leave_behind_its_gate(session: Session) -> None:
    lock_paces(session, (SENDER,), 1.0, NOW)
    text = failed_text(session, 30034, gate=GATE)
    second = retry_of(session, text)
    assert second is not None
    assert (second.due_at, second.gate) == (NOW, GATE)
    assert claim_due(session, make_settings(), NOW) == []


@pytest.mark.parametrize(
    ("now", "midnight"),
    [
        ("2026-12-02T18:00+00:00", "2026-12-03T00:00-08:00"),
        ("2026-12-03T07:59+00:00", "2026-12-03T00:00-08:00"),
        ("2026-12-03T08:00+00:00", "2026-12-04T00:00-08:00"),
        ("2026-03-08T12:00+00:00", "2026-03-09T00:00-07:00"),  # the clocks go forward that night
        ("2026-11-01T12:00+00:00", "2026-11-02T00:00-08:00"),
    ],
)
def test_a_daily_cap_ends_at_midnight_pacific(now: str, midnight: str) -> None:
    assert next_midnight(datetime.fromisoformat(now)) == datetime.fromisoformat(midnight)
