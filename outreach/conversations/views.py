"""Twilio's doors: inbound texts, status callbacks, calls. Nothing here waits for Redis or for Twilio."""

from collections.abc import Callable
from functools import lru_cache, wraps

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from twilio.request_validator import RequestValidator, compare
from twilio.twiml.voice_response import VoiceResponse

from outreach import clock
from outreach.conversations.missed_calls import spoken_words, take_call
from outreach.conversations.turn import receive_text
from outreach.database import transaction
from outreach.process import current
from outreach.texting.delivery import APPLY, store_event
from outreach.texting.outbox import DRAIN

log = structlog.get_logger()

doors = Blueprint("twilio", __name__, url_prefix="/twilio")
VOICES = {"en": "en-US", "es": "es-MX"}
EMPTY_ANSWER = "<?xml version='1.0' encoding='UTF-8'?><Response/>"
# Three callbacks a text must not become three jobs: they are applied many at a time.
APPLY_EVERY_SECONDS = 0.5
AWAY = (OperationalError, InterfaceError, PoolTimeoutError)


@lru_cache(maxsize=1)
def validator_of(token: str) -> RequestValidator:
    """Return what checks signatures made with a token."""
    return RequestValidator(token)


def is_signed(token: str, address: str) -> bool:
    """Tell whether Twilio signed this request's form for an address.

    Twilio's own check tries the address with and without a port: twice the work, and hardly ever needed.
    """
    given, validator = request.headers.get("X-Twilio-Signature", ""), validator_of(token)
    as_said = validator.compute_signature(address, request.form)
    return bool(compare(as_said, given) or validator.validate(address, request.form, given))


def signed(view: Callable[[], Response]) -> Callable[[], Response]:
    """Let a request in only when Twilio signed exactly this address and form."""

    @wraps(view)
    def check() -> Response:
        settings = current().settings
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        address = f"{settings.public_url}{request.path}{query}"
        if not is_signed(settings.twilio_auth_token.get_secret_value(), address):
            log.warning("signature_refused", path=request.path)
            return Response(status=403)
        return view()

    return check


@doors.post("/message")
@signed
def message() -> Response:
    """Take an inbound text: 200 once it is committed, 503 while the database is away so that Twilio asks again."""
    if not request.form.get("MessageSid") or not request.form.get("From"):
        return Response(status=400)
    try:
        receive_text(current().settings, request.form.to_dict(), clock.now())
    except AWAY as error:
        log.error("database_away", error=type(error).__name__)  # noqa: TRY400 - the trace would name values
        return Response(status=503)
    current().wake(DRAIN)
    return Response(EMPTY_ANSWER, content_type="text/xml")


@doors.post("/voice")
@signed
def voice() -> Response:
    """Tell a caller, in both languages, that nobody takes calls here; they are texted, or rung back."""
    settings, spoken = current().settings, VoiceResponse()
    for language, words in spoken_words(settings).items():
        spoken.say(words, language=VOICES[language])
    try:
        take_call(settings, request.form.to_dict(), clock.now())
    except AWAY as error:
        # The caller hears it all the same: Twilio would read an error out.
        log.error("database_away", error=type(error).__name__)  # noqa: TRY400 - as above
    else:
        current().wake(DRAIN)
    return Response(str(spoken), content_type="text/xml")


@doors.post("/status")
@signed
def status() -> Response:
    """Store a status callback; a worker applies it."""
    try:
        with transaction() as session:
            store_event(session, request.args.get("text", ""), request.form.to_dict(), clock.now())
    except AWAY as error:
        log.error("database_away", error=type(error).__name__)  # noqa: TRY400 - as above
        return Response(status=503)
    current().wake(APPLY, rest=APPLY_EVERY_SECONDS)
    return Response(status=204)
