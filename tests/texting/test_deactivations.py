from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from requests import ConnectionError as RequestsConnectionError
from sqlalchemy.orm import Session
from twilio.http.http_client import TwilioHttpClient

from outreach.people.models import NumberStatus
from outreach.texting import deactivations
from outreach.texting.deactivations import is_due, read_list, rest_deactivated, rest_numbers
from outreach.texting.models import TextStatus
from outreach.texting.twilio import TwilioAt
from tests.texting.factories import NOW, make_settings, make_text, textable_number

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GONE, KEPT = "+12135550151", "+12135550152"
REAL: dict[str, Any] = {
    "twilio_account_sid": "AC" + "1" * 32,
    "twilio_auth_token": "t" * 32,
    "twilio_api_url": "https://api.twilio.com",
}
CLIENT: Any = None


def test_a_list_is_read_whatever_else_stands_in_it() -> None:
    assert read_list(["phone_number", "+12135550151", "12135550152", '"3105550153" ', "", "+525555550154"]) == [
        "+12135550151",
        "+12135550152",
        "+13105550153",
    ]


def test_a_number_that_a_carrier_took_back_is_neither_texted_nor_counts_as_agreed(session: Session) -> None:
    gone, kept = textable_number(session, GONE), textable_number(session, KEPT)
    waiting, other = make_text(session, gone), make_text(session, kept)
    assert rest_numbers(session, [GONE, "+13105550199"], NOW) == 1
    session.expire_all()
    assert (gone.status, gone.consented_at, waiting.status) == (NumberStatus.INVALID, None, TextStatus.SUPPRESSED)
    assert (kept.status, other.status) == (NumberStatus.OK, TextStatus.QUEUED)


def test_each_days_list_is_read_once_and_missed_days_are_made_up_for(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = list[date]()

    def fetch(_client: object, day: date) -> list[str]:
        read.append(day)
        return []

    monkeypatch.setattr(deactivations, "_fetch", fetch)
    settings = make_settings(**REAL)
    assert is_due(session, settings, NOW)
    rest_deactivated(CLIENT, NOW)
    assert read == [date(2026, 12, 1)]
    assert not is_due(session, settings, NOW + 2 * HOUR)
    assert is_due(session, settings, NOW + 3 * DAY)
    rest_deactivated(CLIENT, NOW + 3 * DAY)
    assert read == [date(2026, 12, day) for day in (1, 2, 3, 4)]


def test_a_list_that_does_not_come_is_asked_for_again_an_hour_later(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_client: object, _day: date) -> list[str]:
        raise RequestsConnectionError

    monkeypatch.setattr(deactivations, "_fetch", away)
    assert rest_deactivated(CLIENT, NOW) == 0
    settings = make_settings(**REAL)
    assert not is_due(session, settings, NOW + HOUR / 2)
    assert is_due(session, settings, NOW + HOUR)


def test_the_sandbox_has_no_list(session: Session) -> None:
    assert not is_due(session, make_settings(), datetime.now(UTC))


def test_another_product_of_twilios_is_asked_at_its_own_host(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[str]()
    monkeypatch.setattr(TwilioHttpClient, "request", lambda _self, _method, url, *_args, **_more: asked.append(url))
    for base in ("https://api.twilio.com", "http://127.0.0.1:8001"):
        client = TwilioAt(base)
        client.request("GET", "https://messaging.twilio.com/v1/Deactivations?Date=2026-12-01")
        client.request("GET", "https://api.twilio.com/2010-04-01/Accounts.json")
        client.session.close()
    assert asked == [
        "https://messaging.twilio.com/v1/Deactivations?Date=2026-12-01",
        "https://api.twilio.com/2010-04-01/Accounts.json",
        "http://127.0.0.1:8001/v1/Deactivations?Date=2026-12-01",
        "http://127.0.0.1:8001/2010-04-01/Accounts.json",
    ]
