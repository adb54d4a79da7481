"""Finding inbound texts whose webhook never came: Twilio's own list is asked every few minutes."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog
from requests import RequestException
from sqlalchemy import select
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from outreach import clock
from outreach.conversations.turn import receive_text
from outreach.database import transaction
from outreach.settings import Settings
from outreach.texting.models import ProviderId

log = structlog.get_logger()

POLL = "outreach.conversations.jobs.poll_inbound"
# Twilio filters by whole days in GMT: a day back covers whatever was missed over night.
BACK = timedelta(days=1)
LISTED_AT_MOST = 1000


def poll_inbound(settings: Settings, client: Client, now: datetime) -> int:
    """Take in texts that Twilio holds and that we never heard of; return how many there were."""
    try:
        listed = [form for to in _listened(settings) for form in _inbound(client, to, now - clock.offset() - BACK)]
    except (TwilioException, RequestException) as error:
        log.warning("polling_put_off", error=type(error).__name__)
        return 0
    known = _known({form["MessageSid"] for form in listed})
    missed = [form for form in listed if form["MessageSid"] not in known]
    for form in missed:
        receive_text(settings, form, now)
    if missed:
        log.warning("webhooks_missed", count=len(missed))
    return len(missed)


def _listened(settings: Settings) -> tuple[str | None, ...]:
    """Return the numbers that people write to; of a messaging service only Twilio knows them, so all are listed."""
    return settings.twilio_phone_numbers or (None,)


def _inbound(client: Client, to: str | None, since: datetime) -> list[dict[str, str]]:
    wanted: dict[str, Any] = {"to": to} if to else {}
    messages = client.messages.list(date_sent_after=since, limit=LISTED_AT_MOST, page_size=LISTED_AT_MOST, **wanted)
    inbound = [message for message in messages if message.direction == "inbound"]
    return [_form(message) for message in reversed(inbound)]


def _form(message: Any) -> dict[str, str]:  # noqa: ANN401 - the SDK has no types
    """Put a listed text into the form in which Twilio would have posted it."""
    return {
        "MessageSid": str(message.sid),
        "From": str(message.from_),
        "To": str(message.to),
        "Body": str(message.body or ""),
        "NumSegments": str(message.num_segments or ""),
        "NumMedia": "0",
    }


def _known(sids: set[str]) -> Mapping[str, int]:
    with transaction() as session:
        found = select(ProviderId.sid, ProviderId.text_id).where(ProviderId.sid.in_(sids))
        return dict(session.execute(found).all())
