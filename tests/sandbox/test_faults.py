import pytest
import requests
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from outreach.sandbox.faults import Door, Fault, FaultKind, FaultTable, read_fault
from outreach.sandbox.server import RunningSandbox
from tests.sandbox.factories import MEMBER, SENDER, control, listening, make_config, sdk, wait_for

OTHER = "+13105550150"


def send(client: Client, to: str = MEMBER) -> str:
    return str(client.messages.create(to=to, from_=SENDER, body="hi").sid)


def texts(sandbox: RunningSandbox) -> int:
    return len(control(sandbox, "GET", "messages"))


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (500, 20500), (503, 20503)])
def test_the_next_requests_are_refused_and_the_one_after_is_not(status: int, code: int) -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "POST", "faults", {"kind": "status", "status": status, "count": 2})
        for _ in range(2):
            with pytest.raises(TwilioRestException) as error:
                send(client)
            assert (error.value.status, error.value.code) == (status, code)
        assert texts(sandbox) == 0
        assert send(client)


def test_an_answer_that_is_no_json_leaves_the_status_as_the_code() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "POST", "faults", {"kind": "status", "status": 503, "plain": True})
        with pytest.raises(TwilioRestException) as error:
            send(client)
    assert error.value.status == 503


def test_an_error_may_hide_that_the_text_was_accepted() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "POST", "faults", {"kind": "status", "status": 500, "accept": True, "count": 1})
        with pytest.raises(TwilioRestException):
            send(client)
        assert texts(sandbox) == 1


def test_a_fault_may_be_for_one_recipient_until_it_is_cleared() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        fault = control(sandbox, "POST", "faults", {"kind": "status", "status": 429, "to": MEMBER})
        assert send(client, OTHER)
        for _ in range(2):
            with pytest.raises(TwilioRestException):
                send(client)
        control(sandbox, "DELETE", "faults", id=str(fault["id"]))
        assert control(sandbox, "GET", "faults") == []
        assert send(client)


def test_hanging_after_accepting_times_the_caller_out_and_keeps_the_text() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox, timeout=0.2) as client:
        control(sandbox, "POST", "faults", {"kind": "hang", "seconds": 30, "count": 1})
        with pytest.raises(requests.exceptions.ReadTimeout):
            send(client)
        assert texts(sandbox) == 1


@pytest.mark.parametrize(("kind", "accepted"), [("drop", 1), ("drop_before", 0)])
def test_dropped_connections_answer_nothing(kind: str, accepted: int) -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "POST", "faults", {"kind": kind, "count": 1})
        with pytest.raises(requests.exceptions.ConnectionError):
            send(client)
        assert texts(sandbox) == accepted
        assert send(client)


def test_a_delay_comes_before_the_text_is_accepted() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox, timeout=0.2) as client:
        control(sandbox, "POST", "faults", {"kind": "delay", "seconds": 2.5, "count": 1})
        with pytest.raises(requests.exceptions.ReadTimeout):
            send(client)
        assert texts(sandbox) == 0
        wait_for(lambda: texts(sandbox) == 1)


def test_reading_can_fail_too() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "POST", "faults", {"kind": "status", "status": 503, "door": "read", "count": 1})
        assert send(client)
        with pytest.raises(Exception, match="page"):
            client.messages.list(to=MEMBER)
        assert len(client.messages.list(to=MEMBER)) == 1


def test_lost_callbacks_never_come_though_the_text_was_delivered() -> None:
    with listening() as app, RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "POST", "faults", {"kind": "lose_callbacks"})
        client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/status")
        wait_for(lambda: sandbox.sandbox.account.steps.count() == 0)
        assert client.messages.list()[0].status == "delivered"
    assert app.calls == []


def test_a_count_is_taken_by_matching_requests_alone() -> None:
    table = FaultTable()
    table.add(Fault(FaultKind.DELAY, count=1, to=MEMBER))
    assert table.take(Door.CREATE, OTHER, FaultKind.DELAY) is None
    assert table.take(Door.CREATE, MEMBER, FaultKind.HANG) is None
    assert table.take(Door.READ, MEMBER, FaultKind.DELAY) is None
    assert table.take(Door.CREATE, MEMBER, FaultKind.DELAY) is not None
    assert table.take(Door.CREATE, MEMBER, FaultKind.DELAY) is None


UNREADABLE = [
    {},
    {"kind": "fire"},
    {"kind": "code"},
    {"kind": "delay", "speed": 1},
    {"kind": "delay", "count": "2"},
    {"kind": "hang", "door": "x"},
]


@pytest.mark.parametrize("given", UNREADABLE)
def test_a_fault_that_cannot_be_read_says_why(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_fault(given)
