from collections.abc import Iterator

import pytest
from twilio.rest import Client

from outreach.conversations import versions
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting.twilio import make_client
from tests.texting.factories import OTHER_SENDER, SENDER, make_settings, sandbox_config


@pytest.fixture(autouse=True)
def fresh_flows() -> Iterator[None]:
    """Versions are remembered by their ids, which several test databases give anew."""
    versions._known.cache_clear()
    yield
    versions._known.cache_clear()


@pytest.fixture
def twilio() -> Iterator[RunningSandbox]:
    """A local Twilio that lists what it took and posts nothing."""
    with RunningSandbox(sandbox_config()) as running:
        yield running


@pytest.fixture
def settings(twilio: RunningSandbox) -> Settings:
    return make_settings(twilio_api_url=twilio.url, twilio_phone_numbers=f"{SENDER},{OTHER_SENDER}")


@pytest.fixture
def client(settings: Settings) -> Iterator[Client]:
    made = make_client(settings)
    yield made
    made.http_client.session.close()
