"""Finding inbound texts whose webhook never came: Twilio's own list is asked every minute."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any

import structlog
from requests import RequestException
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from twilio.base.exceptions import TwilioException
from twilio.rest import Client

from outreach import clock
from outreach.conversations.overtaking import Listed, put_right
from outreach.conversations.turn import receive_text
from outreach.database import transaction
from outreach.settings import Settings
from outreach.texting.models import Heartbeat, ProviderId

log = structlog.get_logger()

POLL = "outreach.conversations.jobs.poll_inbound"
# At least so far back each time: a text may show late, and Twilio's clock is not ours.
OVERLAP = timedelta(minutes=15)
# And at most so far, after a long time without a look.
BACK_AT_MOST = timedelta(days=2)
# Of what may have been looked at before; whatever is newer than the last look is listed, however much it is.
LISTED_AT_MOST = 5000
PAGE = 500


def poll_inbound(settings: Settings, client: Client, now: datetime) -> int:
    """Take in texts that Twilio holds and that we never heard of; return how many there were.

    Looks back to the last look that went well. A text counts as written when it was sent, not when it was found. What
    came in by webhooks, but in another order than it was written, is put right.
    """
    # Twilio does not know of the demo's moved clock.
    ahead = clock.offset()
    looked = _last_look()
    since = _from(looked, now) - ahead
    try:
        new = (looked - ahead) if looked else now
        listed = [message for to in _listened(settings) for message in _inbound(client, to, since, new)]
    except (TwilioException, RequestException) as error:
        log.warning("polling_put_off", error=type(error).__name__)
        return 0
    known = _known({str(message.sid) for message in listed})
    missed = [message for message in listed if str(message.sid) not in known]
    for message in sorted(missed, key=_sent_at):
        receive_text(settings, _form(settings, message), now, sent_at=min(now, _sent_at(message) + ahead))
    if missed:
        log.warning("webhooks_missed", count=len(missed))
    put_right(settings, [_listed(message) for message in listed], known, looked or now - BACK_AT_MOST, now)
    _note_look(now)
    return len(missed)


def _last_look() -> datetime | None:
    with transaction() as session:
        return session.scalar(select(Heartbeat.at).where(Heartbeat.name == POLL))


def _from(looked: datetime | None, now: datetime) -> datetime:
    """Return from when on to list."""
    earliest = now - BACK_AT_MOST
    return max(earliest, min(looked or earliest, now) - OVERLAP)


def _note_look(now: datetime) -> None:
    with transaction() as session:
        row = insert(Heartbeat).values(name=POLL, at=now)
        session.execute(row.on_conflict_do_update(index_elements=[Heartbeat.name], set_={"at": now}))


def _listed(message: Any) -> Listed:  # noqa: ANN401 - the SDK has no types
    return Listed(str(message.sid), str(message.from_), _sent_at(message))


def _listened(settings: Settings) -> tuple[str | None, ...]:
    """Return the numbers that people write to; of a messaging service only Twilio knows them, so all are listed."""
    return settings.twilio_phone_numbers or (None,)


def _inbound(client: Client, to: str | None, since: datetime, new: datetime) -> Iterator[Any]:
    """Yield what came in since then, all that is `new` and some more; Twilio lists the newest first.

    It filters by whole days in GMT.
    """
    wanted: dict[str, Any] = {"to": to} if to else {}
    messages = enumerate(client.messages.stream(date_sent_after=since, page_size=PAGE, **wanted))
    recent = takewhile(lambda one: _sent_at(one[1]) >= (since if one[0] < LISTED_AT_MOST else new), messages)
    return (message for _, message in recent if message.direction == "inbound")


def _sent_at(message: Any) -> datetime:  # noqa: ANN401 - the SDK has no types
    at: datetime | None = message.date_created or message.date_sent
    return at.astimezone(UTC) if at else datetime.now(UTC)


def _form(settings: Settings, message: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    """Put a listed text into the form in which Twilio would have posted it; of media only where they are listed."""
    form = {
        "MessageSid": str(message.sid),
        "From": str(message.from_),
        "To": str(message.to),
        "Body": str(message.body or ""),
        "NumSegments": str(message.num_segments or ""),
        "NumMedia": "0",
    }
    if str(message.num_media or "0") != "0":
        address = str((message.subresource_uris or {}).get("media", ""))
        form |= {"NumMedia": "1", "MediaUrl0": f"{settings.twilio_api_url}{address}"}
    return form


def _known(sids: set[str]) -> Mapping[str, int]:
    with transaction() as session:
        found = select(ProviderId.sid, ProviderId.text_id).where(ProviderId.sid.in_(sids))
        return dict(session.execute(found).all())
