from typing import Any

import pytest
from twilio.base.exceptions import TwilioRestException
from werkzeug.wrappers import Response

from outreach.sandbox.config import Keywords
from outreach.sandbox.server import RunningSandbox
from tests.sandbox.factories import (
    ACCOUNT,
    MEMBER,
    OTHER_SENDER,
    SENDER,
    SERVICE,
    Listener,
    control,
    listening,
    make_config,
    sdk,
)


def text_in(sandbox: RunningSandbox, body: str, **more: Any) -> Any:
    return control(sandbox, "POST", "inbound", {"from": MEMBER, "to": SENDER, "body": body, **more})


def sandbox_for(app: Listener, fragment: str = "", **changes: Any) -> RunningSandbox:
    return RunningSandbox(make_config(inbound_url=f"{app.url}/twilio/message{fragment}", **changes))


def test_the_webhook_carries_all_that_twilio_sends() -> None:
    with listening() as app, sandbox_for(app, messaging_service_sid=SERVICE) as sandbox:
        received = text_in(sandbox, "Sí, ¿dónde?")
    [call] = app.calls
    assert call.valid
    assert received == {"sid": call.params["MessageSid"], "webhook": "200"}
    assert len(received["sid"]) == 34
    assert call.params.items() >= {
        "AccountSid": ACCOUNT, "ApiVersion": "2010-04-01", "SmsStatus": "received", "From": MEMBER, "To": SENDER,
        "Body": "Sí, ¿dónde?", "NumSegments": "1", "NumMedia": "0", "MessagingServiceSid": SERVICE, "FromState": "CA",
        "FromCountry": "US", "ToCity": "LOS ANGELES",
    }.items()  # fmt: skip
    assert call.params["SmsSid"] == call.params["SmsMessageSid"] == call.params["MessageSid"]
    assert {"FromCity", "FromZip", "ToState", "ToZip", "ToCountry"} <= set(call.params)
    assert "OptOutType" not in call.params


def test_a_call_is_told_beside_the_door_for_texts() -> None:
    with listening() as app, sandbox_for(app, "#rc=3") as sandbox:
        assert sandbox.sandbox.inbound.ring(MEMBER).succeeded
    [call] = app.calls
    assert call.valid
    assert (call.path, call.params["From"], call.params["To"]) == ("/twilio/voice", MEMBER, SENDER)
    assert call.params["CallSid"].startswith("CA")


def test_pictures_come_along() -> None:
    with listening() as app, sandbox_for(app) as sandbox:
        received = text_in(sandbox, "", media=[{"url": "https://example.org/a.png", "content_type": "image/png"}])
    params = app.calls[0].params
    assert received["sid"].startswith("MM")
    assert (params["NumMedia"], params["MediaUrl0"], params["MediaContentType0"]) == (
        "1",
        "https://example.org/a.png",
        "image/png",
    )
    assert params["Body"] == ""


def test_retries_follow_the_fragment_with_one_sid() -> None:
    failures = Response(status=503), Response(status=503)
    with listening(*failures) as app, sandbox_for(app, "#rc=3&rp=ct,rt,5xx") as sandbox:
        assert text_in(sandbox, "1")["webhook"] == "200"
    assert len({call.params["MessageSid"] for call in app.calls}) == 1
    assert len(app.calls) == 3
    assert all(call.valid and "#" not in call.url for call in app.calls)


def test_by_default_a_failure_loses_the_webhook_and_keeps_the_text() -> None:
    with listening(Response(status=500)) as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        assert text_in(sandbox, "1")["webhook"] == "500"
        assert [message.body for message in client.messages.list(to=SENDER)] == ["1"]
        assert [alert["code"] for alert in control(sandbox, "GET", "alerts")] == [11200]
    assert len(app.calls) == 1


@pytest.mark.parametrize(
    ("answer", "texts"),
    [
        (Response("<Response/>", content_type="text/xml"), []),
        (Response("Hello", content_type="text/plain"), ["Hello"]),
        (Response("<Response><Message>One</Message></Response>", content_type="text/xml"), ["One"]),
        (Response("OK", content_type="text/html"), []),
    ],
)
def test_the_answer_is_texted_back(answer: Response, texts: list[str]) -> None:
    with listening(answer) as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        text_in(sandbox, "hi")
        replies = client.messages.list(to=MEMBER)
        assert [(reply.body, reply.direction, reply.from_) for reply in replies] == [
            (text, "outbound-reply", SENDER) for text in texts
        ]


def test_bad_twiml_is_written_to_the_debugger() -> None:
    with listening(Response("OK", content_type="text/html")) as app, sandbox_for(app) as sandbox:
        text_in(sandbox, "hi")
        assert [alert["code"] for alert in control(sandbox, "GET", "alerts")] == [12100]


def test_stop_is_answered_delivered_and_closes_the_sender() -> None:
    with listening() as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        text_in(sandbox, "Stop")
        text_in(sandbox, "STOP")
        [reply] = client.messages.list(to=MEMBER)
        assert "unsubscribed" in str(reply.body)
        with pytest.raises(TwilioRestException) as error:
            client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        assert client.messages.create(to=MEMBER, from_=OTHER_SENDER, body="hi").sid
        assert control(sandbox, "GET", "optouts") == [{"scope": SENDER, "phone": MEMBER}]
    assert (error.value.status, error.value.code) == (400, 21610)
    assert [call.params["Body"] for call in app.calls] == ["Stop", "STOP"]


def test_stop_closes_the_whole_service() -> None:
    with listening() as app, sandbox_for(app, messaging_service_sid=SERVICE) as sandbox, sdk(sandbox) as client:
        text_in(sandbox, "STOP")
        for sender in ({"from_": OTHER_SENDER}, {"messaging_service_sid": SERVICE}):
            with pytest.raises(TwilioRestException) as error:
                client.messages.create(to=MEMBER, body="hi", **sender)
            assert error.value.code == 21610


@pytest.mark.parametrize("word", ["START", "unstop", "Yes"])
def test_start_words_lift_the_opt_out(word: str) -> None:
    with listening() as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        text_in(sandbox, "STOP")
        text_in(sandbox, word)
        assert client.messages.create(to=MEMBER, from_=SENDER, body="hi").sid
        assert "re-subscribed" in str(client.messages.list(to=MEMBER)[1].body)


def test_a_yes_of_someone_who_never_left_draws_no_answer_from_twilio() -> None:
    with listening() as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        text_in(sandbox, "yes")
        assert client.messages.list(to=MEMBER) == []
    assert app.calls[0].params["Body"] == "yes"


def test_help_is_always_answered_and_an_application_cannot_answer_who_opted_out() -> None:
    answer = Response("Our help", content_type="text/plain")
    with listening(Response(status=200), answer) as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        text_in(sandbox, "STOP")
        text_in(sandbox, "HELP")
        bodies = [str(message.body) for message in client.messages.list(to=MEMBER)]
        assert len(bodies) == 2
        assert bodies[0].startswith("Reply STOP")
        assert [alert["code"] for alert in control(sandbox, "GET", "alerts")] == [21610]


def test_with_keywords_off_stop_is_just_a_text() -> None:
    with listening() as app, sandbox_for(app, keywords=Keywords.OFF) as sandbox, sdk(sandbox) as client:
        text_in(sandbox, "STOP")
        assert client.messages.create(to=MEMBER, from_=SENDER, body="bye").sid
        assert len(client.messages.list(to=MEMBER)) == 1


def test_advanced_opt_out_announces_what_it_did() -> None:
    with listening() as app, sandbox_for(app, keywords=Keywords.ADVANCED) as sandbox:
        for body in ("STOP", "start", "Info", "hello"):
            text_in(sandbox, body)
    assert [call.params.get("OptOutType") for call in app.calls] == ["STOP", "START", "HELP", None]


def test_an_answer_goes_to_the_sender_that_texted_last() -> None:
    with listening() as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=OTHER_SENDER, body="hi")
        text_in(sandbox, "1", to=None)
    assert app.calls[0].params["To"] == OTHER_SENDER


def test_a_webhook_can_be_replayed_and_a_text_can_come_without_one() -> None:
    with listening() as app, sandbox_for(app) as sandbox, sdk(sandbox) as client:
        lost = text_in(sandbox, "1", lost=True)
        assert app.calls == []
        assert client.messages.list(to=SENDER)[0].sid == lost["sid"]
        answers = control(sandbox, "POST", "callbacks", {"sid": lost["sid"], "times": 3})
    assert answers == {"answers": ["200"] * 3}
    assert {call.params["MessageSid"] for call in app.calls} == {lost["sid"]}
