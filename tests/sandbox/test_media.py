import json

import pytest
import requests
from twilio.base.exceptions import TwilioException

from outreach.sandbox.inbound import Media
from outreach.sandbox.media import picture
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting.twilio import make_client
from tests.sandbox.factories import make_config

SID, TOKEN = "AC" + "5a" * 16, "c0ffee" * 5 + "ab"


def test_a_members_picture_is_listed_fetched_with_credentials_and_deleted() -> None:
    config = make_config(account_sid=SID, auth_token=TOKEN)
    with RunningSandbox(config) as running:
        client = make_client(Settings.model_validate({"twilio_api_url": running.url}))
        message = running.sandbox.inbound.receive("+12135550177", "", media=[Media(content_type="image/png")]).message
        form = running.sandbox.inbound.params(message, None)
        address = form["MediaUrl0"]
        (listed,) = client.messages(message.sid).media.list()

        assert (form["NumMedia"], form["MediaContentType0"]) == ("1", "image/png")
        assert address.startswith(f"{running.url}/2010-04-01/Accounts/{SID}/Messages/{message.sid}/Media/ME")
        assert requests.get(address, timeout=5).status_code == 401
        assert requests.get(address, auth=(SID, TOKEN), timeout=5).content == picture()
        assert client.messages(message.sid).media(listed.sid).delete()
        assert client.messages(message.sid).media.list() == []
        assert requests.get(address, auth=(SID, TOKEN), timeout=5).status_code == 404
        with pytest.raises(TwilioException, match="404"):
            client.messages("MM" + "0" * 32).media.list()
        kept = running.sandbox.account.messages.find(message.sid)
        assert kept is not None
        assert json.loads(kept.media) == []
