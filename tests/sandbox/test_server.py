import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.server import RunningSandbox
from tests.sandbox.factories import ACCOUNT, MEMBER, SENDER, TOKEN, control, listening, make_config, sdk, wait_for

PROGRAM = """
from pathlib import Path
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.server import serve
store = {store!r}
config = SandboxConfig(
    "{account}", "{token}", ("{sender}",), "http://127.0.0.1:9/", store=Path(store) if store else None
)
serve(config, "127.0.0.1", {port})
"""


@contextmanager
def process_on(port: int, store: str = "") -> Iterator[subprocess.Popen[bytes]]:
    program = PROGRAM.format(account=ACCOUNT, token=TOKEN, sender=SENDER, store=store, port=port)
    with subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(Path.cwd())}
    ) as process:
        try:
            wait_for(lambda: answers(port), 20)
            yield process
        finally:
            process.kill()


def free_port() -> int:
    with RunningSandbox(make_config()) as sandbox:
        return sandbox.port


def answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/", timeout=1).ok
    except requests.exceptions.ConnectionError:
        return False


def test_texts_and_opt_outs_survive_a_restart(tmp_path: Path) -> None:
    config = make_config(store=tmp_path / "sandbox.db")
    with RunningSandbox(config) as sandbox, sdk(sandbox) as client:
        sid = str(client.messages.create(to=MEMBER, from_=SENDER, body="hi").sid)
        wait_for(lambda: client.messages(sid).fetch().status == "delivered")
        control(sandbox, "POST", "inbound", {"from": MEMBER, "to": SENDER, "body": "STOP"})
        control(sandbox, "PUT", "contacts", [{"phone": MEMBER, "name": "Ana", "language": "es"}])
    with RunningSandbox(config) as sandbox, sdk(sandbox) as client:
        assert [message.body for message in client.messages.list()][1:] == ["STOP", "hi"]
        with pytest.raises(TwilioRestException) as error:
            client.messages.create(to=MEMBER, from_=SENDER, body="again")
        assert sandbox.sandbox.account.members.latest(9)[0].name == "Ana"
    assert error.value.code == 21610


def test_callbacks_that_were_still_to_come_are_made_after_a_restart(tmp_path: Path) -> None:
    with listening() as app:
        config = make_config(store=tmp_path / "sandbox.db", callback_delay=(0.3, 0.3))
        with RunningSandbox(config) as sandbox, sdk(sandbox) as client:
            client.messages.create(to=MEMBER, from_=SENDER, body="hi", status_callback=f"{app.url}/status?id=7")
        assert app.calls == []
        with RunningSandbox(config):
            wait_for(lambda: len(app.calls) == 2)
    assert sorted(app.statuses()) == ["delivered", "sent"]


def test_stopping_twice_is_harmless() -> None:
    sandbox = RunningSandbox(make_config())
    sandbox.stop()
    sandbox.stop()


def test_a_hanging_request_does_not_hold_up_the_end() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox, timeout=0.1) as client:
        control(sandbox, "POST", "faults", {"kind": "hang", "seconds": 60})
        with pytest.raises(requests.exceptions.ReadTimeout):
            client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        began = time.monotonic()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    with process_on(free_port()) as process:
        process.send_signal(number)
        assert process.wait(10) == 0


def test_a_killed_sandbox_has_kept_every_text_that_it_answered_for(tmp_path: Path) -> None:
    store, port = tmp_path / "sandbox.db", free_port()
    url = f"http://127.0.0.1:{port}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    forms = [{"To": MEMBER, "From": SENDER, "Body": f"{number}"} for number in range(20)]
    with process_on(port, str(store)):
        sids = {requests.post(url, form, auth=(ACCOUNT, TOKEN), timeout=5).json()["sid"] for form in forms}
    with RunningSandbox(make_config(store=store)) as sandbox, sdk(sandbox) as client:
        assert {message.sid for message in client.messages.list()} == sids


def test_a_sandbox_needs_a_sender() -> None:
    with pytest.raises(ValueError, match="senders"):
        SandboxConfig(ACCOUNT, TOKEN, (), "http://127.0.0.1:9/")
