from datetime import UTC, datetime, timedelta

import pytest
import requests
from twilio.base.exceptions import TwilioRestException

from outreach.sandbox.server import RunningSandbox
from tests.sandbox.factories import (
    ACCOUNT,
    MEMBER,
    OTHER_SENDER,
    SENDER,
    SERVICE,
    TOKEN,
    control,
    make_config,
    sdk,
    wait_for,
)

MESSAGE_FIELDS = {
    "account_sid", "api_version", "body", "date_created", "date_sent", "date_updated", "direction", "error_code",
    "error_message", "from", "messaging_service_sid", "num_media", "num_segments", "price", "price_unit", "sid",
    "status", "subresource_uris", "to", "uri",
}  # fmt: skip


def test_a_text_from_a_number_is_queued_and_delivered() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        message = client.messages.create(to=MEMBER, from_=SENDER, body="¿Cómo está?")
        assert message.sid is not None
        assert (message.sid[:2], len(message.sid)) == ("SM", 34)
        assert (message.status, message.from_, message.num_segments) == ("queued", SENDER, "1")
        assert (message.direction, message.price, message.date_sent) == ("outbound-api", None, None)
        assert message.messaging_service_sid is None
        assert message.date_created is not None
        assert datetime.now(UTC) - message.date_created < timedelta(minutes=1)
        wait_for(lambda: client.messages(str(message.sid)).fetch().status == "delivered")
        done = client.messages(message.sid).fetch()
        assert (done.price, done.price_unit, done.error_code) == ("-0.00830", "USD", None)
        assert done.date_sent is not None


def test_a_service_accepts_first_and_chooses_its_sender_later() -> None:
    config = make_config(messaging_service_sid=SERVICE)
    with RunningSandbox(config) as sandbox, sdk(sandbox) as client:
        message = client.messages.create(to=MEMBER, messaging_service_sid=SERVICE, body="x" * 161)
        assert (message.status, message.from_, message.num_segments) == ("accepted", None, "0")
        wait_for(lambda: client.messages(str(message.sid)).fetch().status == "delivered")
        done = client.messages(str(message.sid)).fetch()
        assert done.from_ in config.senders
        assert (done.num_segments, done.messaging_service_sid) == ("2", SERVICE)


def test_the_answer_has_the_published_shape() -> None:
    with RunningSandbox(make_config()) as sandbox:
        url = f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        form = {"To": MEMBER, "From": SENDER, "Body": "hi"}
        with requests.post(url, form, auth=(ACCOUNT, TOKEN), timeout=5) as answer:
            document = answer.json()
            assert (answer.status_code, answer.headers["Content-Type"]) == (201, "application/json")
    assert set(document) == MESSAGE_FIELDS
    assert document["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{document['sid']}.json"
    assert document["subresource_uris"]["media"].endswith(f"{document['sid']}/Media.json")
    assert datetime.strptime(document["date_created"], "%a, %d %b %Y %H:%M:%S %z").utcoffset() == timedelta(0)


def test_an_error_has_twilios_body() -> None:
    with RunningSandbox(make_config()) as sandbox, sdk(sandbox) as client:
        with pytest.raises(TwilioRestException) as error:
            client.messages.create(to="+15005550009", from_=SENDER, body="hi")
        with requests.post(
            f"{sandbox.url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json", auth=(ACCOUNT, TOKEN), timeout=5
        ) as bare:
            document = bare.json()
    assert (error.value.status, error.value.code) == (400, 21614)
    assert document == {
        "code": 21604,
        "message": "A 'To' phone number is required.",
        "more_info": "https://www.twilio.com/docs/errors/21604",
        "status": 400,
    }


def test_wrong_credentials_and_wrong_paths_are_refused() -> None:
    config = make_config(api_key="SK" + "c" * 32, api_secret="s" * 32)
    with RunningSandbox(config) as sandbox:
        with sdk(sandbox, secret="wrong") as client, pytest.raises(TwilioRestException) as denied:
            client.messages.create(to=MEMBER, from_=SENDER, body="hi")
        with sdk(sandbox, user="SK" + "c" * 32, secret="s" * 32) as client:
            assert client.messages.create(to=MEMBER, from_=SENDER, body="hi").sid
            with pytest.raises(TwilioRestException) as missing:
                client.messages("SM" + "0" * 32).fetch()
            with pytest.raises(TwilioRestException) as stranger:
                client.api.v2010.accounts("AC" + "0" * 32).fetch()
    assert (denied.value.status, denied.value.code) == (401, 20003)
    assert (missing.value.status, missing.value.code) == (404, 20404)
    assert stranger.value.status == 404


def test_a_listing_pages_through_everything_newest_first() -> None:
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        sids = [client.messages.create(to=MEMBER, from_=SENDER, body=f"text {n}").sid for n in range(5)]
        assert [message.sid for message in client.messages.list(page_size=2)] == sids[::-1]
        assert [message.sid for message in client.messages.list(limit=3)] == sids[:1:-1]
        page = client.messages.page(page_size=2)
        client.messages.create(to=MEMBER, from_=SENDER, body="in between")
        following = page.next_page()
        assert following is not None
        assert [message.sid for message in following] == [sids[2], sids[1]]


def test_a_listing_filters_by_both_ends() -> None:
    other = "+13105550150"
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="one")
        client.messages.create(to=other, from_=OTHER_SENDER, body="two")
        control(sandbox, "POST", "inbound", {"from": MEMBER, "to": SENDER, "body": "three"})
        assert [message.body for message in client.messages.list(to=MEMBER)] == ["one"]
        assert [message.body for message in client.messages.list(from_=OTHER_SENDER)] == ["two"]
        [inbound] = client.messages.list(to=SENDER)
        assert (inbound.body, inbound.direction, inbound.status, inbound.from_) == (
            "three",
            "inbound",
            "received",
            MEMBER,
        )
        assert inbound.date_sent is not None
        assert len(client.messages.list()) == 3


def test_a_listing_filters_by_when_it_was_sent() -> None:
    now = datetime.now(UTC)
    with RunningSandbox(make_config(instant=True)) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="one")
        assert len(client.messages.list(date_sent_after=now - timedelta(minutes=5))) == 1
        assert client.messages.list(date_sent_after=now + timedelta(minutes=5)) == []
        assert client.messages.list(date_sent_before=now - timedelta(minutes=5)) == []
        assert len(client.messages.list(date_sent_before=now + timedelta(minutes=5))) == 1
        assert client.messages.list(date_sent=now - timedelta(days=3)) == []


def test_what_was_never_sent_has_no_date_to_find_it_by() -> None:
    with RunningSandbox(make_config(callback_delay=(60.0, 60.0))) as sandbox, sdk(sandbox) as client:
        client.messages.create(to=MEMBER, from_=SENDER, body="one")
        assert client.messages.list(date_sent_after=datetime.now(UTC) - timedelta(days=1)) == []
        assert len(client.messages.list(to=MEMBER)) == 1


def test_account_senders_and_service_can_be_fetched() -> None:
    config = make_config(messaging_service_sid=SERVICE)
    with RunningSandbox(config) as sandbox, sdk(sandbox) as client:
        assert client.api.v2010.accounts(ACCOUNT).fetch().status == "active"
        assert [number.phone_number for number in client.incoming_phone_numbers.list()] == [SENDER, OTHER_SENDER]
        assert client.messaging.v1.services(SERVICE).fetch().sid == SERVICE
