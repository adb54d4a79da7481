from typing import Any

import pytest
import requests

from outreach.sandbox.server import RunningSandbox
from tests.sandbox.factories import MEMBER, SENDER, control, listening, make_config, sdk, wait_for


def test_texts_are_listed_with_the_form_as_it_was_received() -> None:
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        client.messages.create(
            to=MEMBER, from_=SENDER, body="hi", validity_period=600, media_url=["http://a/1", "http://a/2"]
        )
        client.messages.create(to="+13105550150", from_=SENDER, body="other")
        control(sandbox, "POST", "inbound", {"from": MEMBER, "body": "1"})
        first, second = control(sandbox, "GET", "messages", to=MEMBER)
        assert control(sandbox, "GET", "messages", after=str(first["id"]), limit="1")[0]["body"] == "other"
    assert first["form"] == {
        "To": MEMBER, "From": SENDER, "Body": "hi", "ValidityPeriod": "600", "MediaUrl": ["http://a/1", "http://a/2"],
    }  # fmt: skip
    assert (first["direction"], first["status"], first["at"][-6:]) == ("outbound-api", "delivered", "+00:00")
    assert (second["direction"], second["body"], second["webhook"]) == ("inbound", "1", "no answer (ct)")


def test_the_summary_counts_what_went_twice() -> None:
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        for body in ("a", "a", "a", "b"):
            client.messages.create(to=MEMBER, from_=SENDER, body=body)
        summary = control(sandbox, "GET", "summary")
    assert summary == {"texts": {"outbound-api delivered": 4}, "doubled": 2, "pending": 0, "opted_out": 0}


def test_a_callback_can_be_posted_again_with_any_status() -> None:
    with listening() as app, RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        sid = client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/s").sid
        control(sandbox, "POST", "callbacks", {"sid": sid, "status": "undelivered", "error_code": 30005, "times": 2})
    assert [call.params["ErrorCode"] for call in app.calls] == ["30005", "30005"]
    assert all(call.valid for call in app.calls)


def test_the_mode_can_be_changed_while_running() -> None:
    with listening() as app, RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "PUT", "mode", {"instant": True, "callback_delay": [0, 1], "keywords": "off"})
        client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/s")
        assert client.messages.list()[0].status == "delivered"
        control(sandbox, "PUT", "mode", {"instant": False, "callback_delay": [0.001, 0.002]})
        client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/s")
        wait_for(lambda: len(app.calls) == 2)


def test_reset_forgets_everything_but_the_names() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        control(sandbox, "PUT", "contacts", [{"phone": MEMBER, "name": "Ana", "language": "es"}])
        control(sandbox, "POST", "faults", {"kind": "lose_callbacks"})
        control(sandbox, "POST", "inbound", {"from": MEMBER, "to": SENDER, "body": "STOP"})
        control(sandbox, "POST", "reset")
        assert control(sandbox, "GET", "messages") == control(sandbox, "GET", "faults") == []
        assert control(sandbox, "GET", "optouts") == control(sandbox, "GET", "alerts") == []
        assert client.messages.create(to=MEMBER, from_=SENDER, body="hi").sid
        assert sandbox.sandbox.account.members.latest(9)[0].name == "Ana"


def test_people_who_share_a_phone_are_named_together() -> None:
    contacts = [{"phone": MEMBER, "name": "Ana", "language": "es"}, {"phone": MEMBER, "name": "Luis", "language": "es"}]
    with RunningSandbox(make_config()) as sandbox:
        control(sandbox, "PUT", "contacts", contacts)
        control(sandbox, "PUT", "contacts", contacts)
        assert [member.name for member in sandbox.sandbox.account.members.latest(9)] == ["Ana / Luis"]


@pytest.mark.parametrize(
    ("method", "door", "body"),
    [
        ("POST", "inbound", {"from": "213", "body": "x"}),
        ("POST", "inbound", ["x"]),
        ("POST", "inbound", {"from": MEMBER, "media": [{"x": 1}]}),
        ("POST", "callbacks", {"sid": "SM0"}),
        ("POST", "faults", {"kind": "fire"}),
        ("PUT", "mode", {"speed": 1}),
        ("PUT", "mode", {"keywords": "loud"}),
        ("PUT", "contacts", {"phone": MEMBER}),
        ("PUT", "contacts", [{"name": "Ana"}]),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(method: str, door: str, body: Any) -> None:
    with RunningSandbox(make_config()) as sandbox:
        answer = requests.request(method, f"{sandbox.url}/sandbox/control/{door}", json=body, timeout=5)
    assert answer.status_code == 400
    assert answer.json()["error"]


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/sandbox/control/summary", {"Host": "evil.example"}),
        ("/sandbox/control/summary", {"Origin": "http://evil.example"}),
        ("/", {"Origin": "http://evil.example"}),
    ],
)
def test_pages_of_other_sites_are_kept_out(path: str, headers: dict[str, str]) -> None:
    with RunningSandbox(make_config()) as sandbox:
        answer = requests.get(sandbox.url + path, headers=headers, timeout=5)
    assert answer.status_code == 403
