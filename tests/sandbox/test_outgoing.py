import time

import pytest
from twilio.base.exceptions import TwilioRestException

from outreach.sandbox import magic
from outreach.sandbox.server import RunningSandbox
from tests.sandbox.factories import (
    ACCOUNT,
    MEMBER,
    SENDER,
    SERVICE,
    control,
    listening,
    make_config,
    sdk,
    wait_for,
)

STEADY = (0.1, 0.1)
"""So far apart that no thread overtakes another."""


def test_callbacks_are_signed_and_tell_the_whole_way() -> None:
    config = make_config(messaging_service_sid=SERVICE, callback_delay=STEADY)
    with listening() as app, RunningSandbox(config) as sandbox, sdk(sandbox) as client:
        callback = f"{app.url}/status?id=7"
        message = client.messages.create(to=MEMBER, messaging_service_sid=SERVICE, body="hi", status_callback=callback)
        wait_for(lambda: len(app.calls) == 3)
    assert app.statuses() == ["queued", "sent", "delivered"]
    assert all(call.valid and call.url == callback for call in app.calls)
    last = app.calls[-1].params
    assert {"RawDlrDoneDate", "From"} <= set(last)
    known = {"AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "To": MEMBER, "MessagingServiceSid": SERVICE}
    known |= {"MessageSid": message.sid, "SmsSid": message.sid, "SmsStatus": "delivered"}
    assert last.items() >= known.items()
    assert "ErrorCode" not in last


def test_without_a_callback_address_the_status_moves_on_all_the_same() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        message = client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        wait_for(lambda: client.messages(str(message.sid)).fetch().status == "delivered")


@pytest.mark.parametrize(("phone", "code"), list(magic.DELIVERY_CODES.items()))
def test_numbers_that_fail_later_call_back_with_their_code(phone: str, code: int) -> None:
    with listening() as app, RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        message = client.messages.create(to=phone, from_=SENDER, body="hi", status_callback=f"{app.url}/status")
        wait_for(lambda: sandbox.sandbox.account.steps.count() == 0)
        assert {call.params.get("ErrorCode") for call in app.calls} - {None} == {str(code)}
        assert client.messages(str(message.sid)).fetch().error_code == code


def test_an_early_callback_comes_before_the_create_request_is_answered() -> None:
    with (
        listening() as app,
        RunningSandbox(make_config(early=1.0, callback_delay=STEADY)) as sandbox,
        sdk(sandbox) as client,
    ):
        message = client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/status")
        assert app.statuses()[:1] == ["sent"]
        assert message.status == "queued"


def test_callbacks_come_out_of_order_and_twice_when_asked() -> None:
    config = make_config(shuffle=1.0, duplicate=1.0, callback_delay=STEADY)
    with listening() as app, RunningSandbox(config) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/status")
        wait_for(lambda: len(app.calls) == 4)
        wait_for(lambda: sandbox.sandbox.account.steps.count() == 0)
        assert client.messages.list()[0].status == "delivered"
    assert sorted(app.statuses()) == ["delivered", "delivered", "sent", "sent"]
    assert app.statuses()[0] == "delivered"


def test_instant_mode_answers_as_ever_and_calls_nobody_back() -> None:
    with listening() as app, RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        message = client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/status")
        assert message.status == "queued"
        assert client.messages(str(message.sid)).fetch().status == "delivered"
        assert sandbox.sandbox.account.steps.count() == 0
    assert app.calls == []


def test_a_text_that_outlives_its_validity_fails() -> None:
    with listening() as app, RunningSandbox(make_config(callback_delay=(1.2, 1.2))) as sandbox, sdk(sandbox) as client:
        client.messages.create(
            to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/status", validity_period=1
        )
        wait_for(lambda: bool(app.calls))
    assert (app.statuses(), app.calls[0].params["ErrorCode"]) == (["failed"], "30036")


def test_an_absent_application_costs_callbacks_and_nothing_else() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback="http://127.0.0.1:9/status")
        wait_for(lambda: sandbox.sandbox.account.steps.count() == 0)
        assert [record["answer"] for record in control(sandbox, "GET", "callbacks")] == ["no answer (ct)"] * 2
        assert client.messages.list()[0].status == "delivered"


def test_forced_codes_refuse_at_once_or_fail_later() -> None:
    with listening() as app, RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "POST", "faults", {"kind": "code", "code": 21608, "count": 1})
        with pytest.raises(TwilioRestException) as error:
            client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        control(sandbox, "POST", "faults", {"kind": "code", "code": 30007, "to": MEMBER})
        client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/status")
        wait_for(lambda: len(app.calls) == 2)
    assert error.value.code == 21608
    assert "30007" in [call.params.get("ErrorCode") for call in app.calls]


def test_many_texts_at_once_are_all_called_back() -> None:
    config = make_config(shuffle=0.3, duplicate=0.3, early=0.3)
    with listening() as app, RunningSandbox(config) as sandbox, sdk(sandbox) as client:
        for n in range(100):
            client.messages.create(
                to=f"+1213555{1000 + n}", from_=SENDER, body="hi", status_callback=f"{app.url}/s?n={n}"
            )
        wait_for(lambda: sandbox.sandbox.account.steps.count() == 0, 20)
        delivered = {call.url for call in app.calls if call.params["MessageStatus"] == "delivered"}
    assert len(delivered) == 100
    assert all(call.valid for call in app.calls)


def test_times_lie_between_the_request_and_now() -> None:
    before = time.time()
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        [message] = sandbox.sandbox.account.messages.of_member(MEMBER)
    assert before <= message.created <= time.time()
