"""Twilio's doors: inbound texts, status callbacks, calls. Nothing here waits for Redis or for Twilio.

They stand before Flask, on what it is made of: each is a function of a request, and three callbacks a text pay for
no more than they need.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, wraps
from typing import TYPE_CHECKING

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from twilio.request_validator import RequestValidator, compare
from twilio.twiml.voice_response import VoiceResponse
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from outreach import clock, democlock
from outreach.conversations.missed_calls import spoken_words, take_call
from outreach.conversations.turn import receive_text
from outreach.database import transaction
from outreach.process import current
from outreach.queues import describe_error
from outreach.texting.delivery import APPLY, store_event
from outreach.texting.outbox import DRAIN

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

log = structlog.get_logger()

LARGEST_FORM = 2_000_000
VOICES = {"en": "en-US", "es": "es-MX"}
EMPTY_ANSWER = "<?xml version='1.0' encoding='UTF-8'?><Response/>"
# Three callbacks a text must not become three jobs: they are applied many at a time.
APPLY_EVERY_SECONDS = 0.5
AWAY = (OperationalError, InterfaceError, PoolTimeoutError)


class Knock(Request):
    """A request at one of the doors."""

    max_content_length = LARGEST_FORM
    max_form_memory_size = LARGEST_FORM


Door = Callable[[Knock], Response]


@lru_cache(maxsize=1)
def validator_of(token: str) -> RequestValidator:
    """Return what checks signatures made with a token."""
    return RequestValidator(token)


def is_signed(request: Knock, token: str, address: str) -> bool:
    """Tell whether Twilio signed a request's form for an address.

    Twilio's own check tries the address with and without a port: twice the work, and hardly ever needed.
    """
    given, validator = request.headers.get("X-Twilio-Signature", ""), validator_of(token)
    as_said = validator.compute_signature(address, request.form)
    return bool(compare(as_said, given) or validator.validate(address, request.form, given))


def signed(door: Door) -> Door:
    """Let a request in only when Twilio signed exactly this address and form."""

    @wraps(door)
    def check(request: Knock) -> Response:
        settings = current().settings
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        address = f"{settings.public_url}{request.path}{query}"
        if not is_signed(request, settings.twilio_auth_token.get_secret_value(), address):
            log.warning("signature_refused", path=request.path)
            return Response(status=403)
        return door(request)

    return check


@signed
def message(request: Knock) -> Response:
    """Take an inbound text: 200 once it is committed."""
    if not request.form.get("MessageSid") or not request.form.get("From"):
        return Response(status=400)
    receive_text(current().settings, request.form.to_dict(), clock.now())
    current().wake(DRAIN)
    return Response(EMPTY_ANSWER, content_type="text/xml")


@signed
def voice(request: Knock) -> Response:
    """Tell a caller, in both languages, that nobody takes calls here; they are texted, or rung back."""
    settings, spoken = current().settings, VoiceResponse()
    for language, words in spoken_words(settings).items():
        spoken.say(words, language=VOICES[language])
    try:
        take_call(settings, request.form.to_dict(), clock.now())
    except AWAY as error:
        # The caller hears it all the same: Twilio would read an error out.
        log.error("database_away", error=type(error).__name__)  # noqa: TRY400 - the trace would name values
    else:
        current().wake(DRAIN)
    return Response(str(spoken), content_type="text/xml")


@signed
def status(request: Knock) -> Response:
    """Store a status callback; a worker applies it."""
    with transaction() as session:
        store_event(session, request.args.get("text", ""), request.form.to_dict(), clock.now())
    current().wake(APPLY, rest=APPLY_EVERY_SECONDS)
    return Response(status=204)


DOORS: Mapping[str, Door] = {"/twilio/message": message, "/twilio/voice": voice, "/twilio/status": status}


def answer(door: Door, environ: "WSGIEnvironment") -> Response:
    """Return what a door answers; 503 while the database is away, so that Twilio asks again."""
    request = Knock(environ)
    if request.method != "POST":
        return Response(status=405, headers={"Allow": "POST"})
    try:
        if current().settings.sandbox:
            democlock.refresh()
        return door(request)
    except HTTPException as error:
        return Response(status=error.code)
    except AWAY as error:
        log.error("database_away", error=type(error).__name__)  # noqa: TRY400 - as above
        return Response(status=503)
    except Exception as error:  # noqa: BLE001 - whatever it is, its words must not reach a log
        log.error("request_failed", error=describe_error(error))  # noqa: TRY400 - as above
        return Response(status=500)
