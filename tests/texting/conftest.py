from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from outreach import process
from outreach.queues import Waker, hint_connection
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting.twilio import make_client
from tests.texting.factories import make_settings, sandbox_config


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    """A local Twilio that delivers at once and posts no callbacks."""
    with RunningSandbox(sandbox_config()) as running:
        yield running


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    return make_settings(twilio_api_url=sandbox.url)


@pytest.fixture
def client(settings: Settings) -> Iterator[object]:
    made = make_client(settings)
    yield made
    made.http_client.session.close()


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, engine: Engine) -> Settings:
    """The present process has begun, on the database of `session`; Redis is away."""
    settings = make_settings()
    waker = Waker(hint_connection("redis://127.0.0.1:1/0"))
    monkeypatch.setattr(process, "_current", process.Process(settings, engine, waker))
    return settings
