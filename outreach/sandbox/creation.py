"""Reading and checking a request to send a text, in the order in which Twilio complains."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict

from outreach.sandbox import magic
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.errors import ApiError

E164 = re.compile(r"\+[1-9]\d{6,14}")
NORTH_AMERICAN = re.compile(r"\+1[2-9]\d{2}[2-9]\d{6}")
LONGEST_BODY = 1600
LONGEST_VALIDITY = 36_000
MOST_MEDIA = 10


@dataclass(frozen=True)
class NewText:
    """A checked request; `validity` is in seconds."""

    recipient: str
    sender: str | None
    service: str | None
    body: str
    media: tuple[str, ...]
    callback: str | None
    validity: int


def read_new_text(form: MultiDict[str, str], config: SandboxConfig, opted_out: Callable[[str, str], bool]) -> NewText:
    """Check a create request and return it; `opted_out` says whether a scope is closed to a recipient.

    Raises ApiError with Twilio's code.
    """
    recipient, sender = form.get("To", ""), form.get("From") or None
    service = form.get("MessagingServiceSid") or None
    if not recipient:
        raise ApiError(21604)
    _check_recipient(recipient, sender)
    _check_sender(recipient, sender, service, config)
    body, media = form.get("Body", ""), tuple(url for url in form.getlist("MediaUrl") if url)
    _check_content(body, media)
    if form.get("ScheduleType") or form.get("SendAt"):
        raise ApiError(35111)
    scope = service or service_of(sender, config) or str(sender)
    if recipient in magic.RECIPIENT_CODES:
        raise ApiError(magic.RECIPIENT_CODES[recipient], to=recipient, sender=sender or str(service))
    if opted_out(scope, recipient):
        raise ApiError(21610)
    return NewText(recipient, sender, service, body, media, _read_callback(form), _read_validity(form))


def service_of(sender: str | None, config: SandboxConfig) -> str | None:
    """Return the service whose pool holds a sender."""
    return config.messaging_service_sid if sender in config.senders else None


def _check_recipient(recipient: str, sender: str | None) -> None:
    if not E164.fullmatch(recipient):
        raise ApiError(21211, to=recipient)
    if not recipient.startswith("+1"):
        raise ApiError(21408, to=recipient)
    if not NORTH_AMERICAN.fullmatch(recipient) and recipient not in magic.RECIPIENT_CODES:
        raise ApiError(21211, to=recipient)
    if recipient == sender:
        raise ApiError(21266, to=recipient)


def _check_sender(recipient: str, sender: str | None, service: str | None, config: SandboxConfig) -> None:
    if sender is None and service is None:
        raise ApiError(21603)
    if service is not None and service != config.messaging_service_sid:
        raise ApiError(21701)
    if sender is None or sender == magic.OK_SENDER or sender in config.senders:
        return
    if sender in magic.SENDER_CODES:
        raise ApiError(magic.SENDER_CODES[sender], to=recipient, sender=sender)
    if not E164.fullmatch(sender):
        raise ApiError(21212, sender=sender)
    raise ApiError(21712 if service else 21606, sender=sender)


def _check_content(body: str, media: tuple[str, ...]) -> None:
    if not body and not media:
        raise ApiError(21602)
    if len(body) > LONGEST_BODY:
        raise ApiError(21617)
    if len(media) > MOST_MEDIA:
        raise ApiError(21623)
    if not all(is_web_address(url) for url in media):
        raise ApiError(21620)


def is_web_address(url: str) -> bool:
    """Say whether Twilio would call this address: http or https, with a host without underscores."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(host) and "_" not in host


def _read_callback(form: Mapping[str, str]) -> str | None:
    callback = form.get("StatusCallback") or None
    if callback is not None and not is_web_address(callback):
        raise ApiError(21609, callback=callback)
    return callback


def _read_validity(form: Mapping[str, str]) -> int:
    given = form.get("ValidityPeriod", str(LONGEST_VALIDITY))
    if not given.isascii() or not given.isdigit() or not 1 <= int(given) <= LONGEST_VALIDITY:
        raise ApiError(21624)
    return int(given)
