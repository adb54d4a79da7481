import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import create_engine, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from twilio.rest import Client

from outreach import clock, database
from outreach.people.models import PhoneNumber
from outreach.sandbox.faults import Fault, FaultKind
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting import recording, sending
from outreach.texting.claims import Claim, claim_due, release, stopped_claims
from outreach.texting.gates import ALL, close_gate
from outreach.texting.leases import take_lease
from outreach.texting.models import Gate, Kind, Lease, ProviderId, Text, TextStatus
from outreach.texting.sending import LEASE, Drainer
from outreach.texting.twilio import Outcome, Outgoing, Result
from tests.texting.factories import OTHER_SENDER, SENDER, make_text

STEPS = ("claimed", "calling", "called", "recorded")


def due_text(session: Session, number: PhoneNumber | None = None, **facts: object) -> Text:
    return make_text(session, number, now=clock.now(), **facts)  # type: ignore[arg-type] # any facts


def slice_of(session: Session, settings: Settings, client: Client) -> bool:
    session.flush()
    more = Drainer(settings, client).run_slice()
    session.expire_all()
    return more


def taken(sandbox: RunningSandbox) -> Counter[str]:
    """How often Twilio took each body."""
    return Counter(message.body for message in sandbox.sandbox.account.messages.after(0, None, -1))


def test_what_is_due_leaves_once_and_is_recorded(
    session: Session, settings: Settings, client: Client, sandbox: RunningSandbox
) -> None:
    texts = [due_text(session, body=f"text {place}") for place in range(40)]
    slice_of(session, settings, client)
    assert taken(sandbox) == {f"text {place}": 1 for place in range(40)}
    assert {text.status for text in texts} == {TextStatus.SENT}
    assert len(session.scalars(select(ProviderId.sid)).all()) == 40


def test_the_callbacks_address_carries_our_id_and_nothing_of_the_member(
    session: Session, settings: Settings, client: Client, sandbox: RunningSandbox
) -> None:
    text = due_text(session)
    slice_of(session, settings, client)
    [message] = sandbox.sandbox.account.messages.after(0, None, -1)
    assert message.callback == f"{settings.public_url}/twilio/status?text={text.id}"


def test_nothing_due_is_done_at_once(session: Session, settings: Settings, client: Client) -> None:
    assert not slice_of(session, settings, client)


def test_a_text_due_in_some_seconds_is_left_to_the_sweep_and_not_waited_for_in_circles(
    session: Session, settings: Settings, client: Client
) -> None:
    due_text(session, due_at=clock.now() + timedelta(seconds=4))
    assert not slice_of(session, settings, client)


def test_a_text_due_within_a_second_is_waited_for(session: Session, settings: Settings, client: Client) -> None:
    text = due_text(session, due_at=clock.now() + timedelta(seconds=0.3))
    slice_of(session, settings, client)
    assert text.status == TextStatus.SENT


def test_a_sender_that_rests_does_not_make_the_drainer_spin(
    session: Session, settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    both = settings.model_copy(update={"twilio_phone_numbers": (SENDER, OTHER_SENDER), "sender_rate": 1})
    for place in range(3):
        due_text(session, body=f"text {place}" + "a" * 400)
    looks: list[int] = []

    def look(session: Session, given: Settings, now: datetime) -> list[Claim]:
        looks.append(1)
        return claim_due(session, given, now)

    monkeypatch.setattr(sending, "claim_due", look)
    slice_of(session, both, client)
    assert len(looks) < 4


def test_the_lease_is_given_back_so_that_another_drainer_need_not_wait(
    session: Session, settings: Settings, client: Client
) -> None:
    due_text(session)
    slice_of(session, settings, client)
    assert session.scalars(select(Lease.expires_at).where(Lease.name == LEASE)).one() <= clock.now()


def test_while_another_drains_this_one_keeps_off(
    session: Session, settings: Settings, client: Client, sandbox: RunningSandbox
) -> None:
    due_text(session)
    take_lease(session, LEASE, "another", timedelta(seconds=6), clock.now())
    assert not slice_of(session, settings, client)
    assert taken(sandbox) == {}


def slow_calls(monkeypatch: pytest.MonkeyPatch, during: Callable[[int], None]) -> list[str]:
    """Let calls take their time, and something happen during the first of them; return the bodies that were called."""
    called: list[str] = []
    lock = threading.Lock()

    def send(_: Client, text: Outgoing) -> Outcome:
        with lock:
            called.append(text.body)
            place = len(called)
        during(place)
        return Outcome(Result.ACCEPTED, sid=f"SM{place:032x}")

    monkeypatch.setattr(sending, "send_text", send)
    return called


def hold_up(place: int) -> None:
    if place <= 2:
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            threading.Event().wait(0.05)


class Interrupt:
    """Something that is done in the drainer's own thread, between two of its looks, as another process would do it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, act: Callable[[Session], None]) -> None:
        def look(session: Session, ids: list[int]) -> dict[int, TextStatus]:
            act(session)
            session.flush()
            return stopped_claims(session, ids)

        monkeypatch.setattr(sending, "stopped_claims", look)


@pytest.fixture
def two_at_once(settings: Settings) -> Settings:
    return settings.model_copy(update={"twilio_concurrency": 2})


def test_an_opt_out_stops_what_is_claimed_and_not_yet_called(
    session: Session, two_at_once: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = [due_text(session, body=f"text {place}") for place in range(6)]
    called = slow_calls(monkeypatch, hold_up)

    def opt_out(current: Session) -> None:
        for text in texts[3:]:
            current.get_one(PhoneNumber, text.number_id).texts_opted_out_at = clock.now()

    Interrupt(monkeypatch, opt_out)
    slice_of(session, two_at_once, client)
    assert sorted(called) == ["text 0", "text 1", "text 2"]
    assert [text.status for text in texts] == [TextStatus.SENT] * 3 + [TextStatus.SUPPRESSED] * 3


@pytest.mark.parametrize("gate", [ALL, "campaign:1"])
def test_stop_all_and_a_pause_stop_what_is_claimed_and_not_yet_called(
    session: Session, two_at_once: Settings, client: Client, monkeypatch: pytest.MonkeyPatch, gate: str
) -> None:
    texts = [due_text(session, gate="campaign:1") for _ in range(6)]
    called = slow_calls(monkeypatch, hold_up)
    Interrupt(monkeypatch, lambda current: close_gate(current, gate, "ana", "stop", clock.now()))
    slice_of(session, two_at_once, client)
    assert len(called) == 2
    assert [text.status for text in texts] == [TextStatus.SENT] * 2 + [TextStatus.QUEUED] * 4
    assert {text.attempts for text in texts[2:]} == {0}


class SetClock:
    """A monotonic clock that stands still but for what a test adds."""

    def __init__(self) -> None:
        self.at = 0.0

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_no_call_begins_on_an_old_check_however_slow_the_database_is(
    session: Session, two_at_once: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    passing, events = SetClock(), list[str]()
    monkeypatch.setattr(sending, "time", passing)
    for _ in range(8):
        due_text(session)

    def look(_: Session) -> None:
        slow = events.count("slow look") < 2
        passing.at += 5 if slow else 0
        events.append("slow look" if slow else "look")

    def call(_: int) -> None:
        events.append("call")
        passing.at += 0.2

    slow_calls(monkeypatch, call)
    Interrupt(monkeypatch, look)
    slice_of(session, two_at_once, client)
    assert events.count("call") == 8
    assert [pair for pair in itertools.pairwise(events) if pair == ("slow look", "call")] == []


def test_a_claim_that_waited_too_long_goes_back_unsent(
    session: Session, two_at_once: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "CLAIM_SECONDS_TO_CALL", 1.0)
    monkeypatch.setattr(sending, "SLICE_SECONDS", 0.1)
    texts, given_back, all_back = [due_text(session) for _ in range(6)], list[int](), threading.Event()

    def give_back(opened: Session, claim: Claim, status: TextStatus, now: datetime) -> None:
        release(opened, claim, status, now)
        # While the two calls end, the slice would claim it anew.
        opened.execute(update(Text).where(Text.id == claim.id).values(due_at=now + timedelta(hours=1)))
        given_back.append(claim.id)
        if len(given_back) == 4:
            all_back.set()

    def hold(_: int) -> None:
        assert all_back.wait(30)

    monkeypatch.setattr(sending, "release", give_back)
    called = slow_calls(monkeypatch, hold)
    slice_of(session, two_at_once, client)
    assert len(called) == 2
    assert Counter(text.status for text in texts) == {TextStatus.SENT: 2, TextStatus.QUEUED: 4}


def test_when_the_database_goes_away_no_call_is_left_behind(
    session: Session, two_at_once: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[int] = []
    for _ in range(2):
        due_text(session)

    def end_late(place: int) -> None:
        hold_up(place * 3 - 3)
        ended.append(place)

    slow_calls(monkeypatch, end_late)

    def away(*_: object) -> None:
        raise OperationalError("", None, Exception())

    monkeypatch.setattr(sending, "record", away)
    with pytest.raises(OperationalError):
        slice_of(session, two_at_once, client)
    assert sorted(ended) == [1, 2]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault(FaultKind.STATUS, status=503), TextStatus.UNKNOWN),
        (Fault(FaultKind.DROP), TextStatus.UNKNOWN),
        (Fault(FaultKind.CODE, code=21610), TextStatus.SUPPRESSED),
        (Fault(FaultKind.CODE, code=21617), TextStatus.FAILED),
    ],
    ids=["503", "dropped", "21610", "21617"],
)
@pytest.mark.usefixtures("started")
def test_what_twilio_makes_of_a_text_is_where_it_stands(  # noqa: PLR0917 - one fault and its outcome
    session: Session,
    settings: Settings,
    client: Client,
    sandbox: RunningSandbox,
    fault: Fault,
    status: TextStatus,
) -> None:
    text = due_text(session, kind=Kind.REPLY)
    sandbox.sandbox.account.faults.add(fault)
    slice_of(session, settings, client)
    sandbox.sandbox.account.faults.clear()
    assert text.status == status


def test_after_a_429_the_text_leaves_once_in_a_while(
    session: Session, settings: Settings, client: Client, sandbox: RunningSandbox
) -> None:
    text = due_text(session)
    sandbox.sandbox.account.faults.add(Fault(FaultKind.STATUS, count=1, status=429))
    session.commit()
    drainer = Drainer(settings, client)
    deadline = time.monotonic() + 15
    while text.status != TextStatus.SENT and time.monotonic() < deadline:
        drainer.run_slice()
        session.expire_all()
    assert taken(sandbox) == {"Hola": 1}
    assert text.attempts == 2


def test_where_twilio_takes_few_calls_at_once_fewer_are_made_and_later_more_again(
    session: Session, settings: Settings, client: Client, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "TWILIO_REST", timedelta(0))
    monkeypatch.setattr(recording, "LONGEST_BACKOFF", timedelta(0))
    texts = [due_text(session, body=f"text {place}") for place in range(30)]
    sandbox.sandbox.account.faults.add(Fault(FaultKind.CROWD, at_once=3))
    sandbox.sandbox.account.faults.add(Fault(FaultKind.DELAY, seconds=0.1))  # long enough for calls to meet
    session.flush()
    drainer = Drainer(settings, client)
    while drainer.run_slice():
        pass
    session.expire_all()
    assert {text.status for text in texts} == {TextStatus.SENT}
    assert taken(sandbox) == {f"text {place}": 1 for place in range(30)}
    few = drainer._crowding.at_once
    assert few < settings.twilio_concurrency
    sandbox.sandbox.account.faults.clear()
    for _ in range(60):
        due_text(session)
    session.flush()
    drainer.run_slice()
    assert drainer._crowding.at_once > few


def test_a_call_that_hangs_holds_nobody_else_up(
    session: Session, settings: Settings, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "HANGS_SECONDS", 0.05)
    answered, left = threading.Event(), list[str]()
    first, second = due_text(session, body="hangs"), due_text(session, body="later")
    second.due_at = clock.now() + timedelta(seconds=0.5)

    def call(_: Client, outgoing: Outgoing) -> Outcome:
        if outgoing.body == "hangs":
            assert answered.wait(30)
        left.append(outgoing.body)
        answered.set()
        return Outcome(Result.ACCEPTED, sid=f"SM{len(left):032x}")

    monkeypatch.setattr(sending, "send_text", call)
    slice_of(session, settings, client)
    assert left == ["later", "hangs"]
    assert {first.status, second.status} == {TextStatus.SENT}


def test_every_step_has_its_name(session: Session, settings: Settings, client: Client) -> None:
    passed: list[str] = []
    due_text(session)
    session.flush()
    Drainer(settings, client, passed.append).run_slice()
    assert tuple(passed) == STEPS


def test_two_drainers_that_both_believe_they_have_the_lease_send_each_text_once(
    database_url: str, settings: Settings, client: Client, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"), pool_size=10)
    database.configure(engine)
    monkeypatch.setattr(sending, "take_lease", lambda *_: True)
    with database.transaction() as session:
        for place in range(80):
            due_text(session, body=f"text {place}")
    threads = [threading.Thread(target=Drainer(settings, client).run_slice) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    with database.transaction() as session:
        assert set(session.scalars(select(Text.status))) == {TextStatus.SENT}
        assert session.scalars(select(Gate).where(Gate.closed_at.is_not(None))).all() == []
    engine.dispose()
    assert taken(sandbox) == {f"text {place}": 1 for place in range(80)}
