"""Twilio, spoken through its own SDK: the client, sending one text, and finding a text again."""

import enum
import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit, urlunsplit

from requests import ConnectionError as RequestsConnectionError
from requests import ConnectTimeout, RequestException
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from outreach.settings import Settings

API_HOST = "api.twilio.com"
TIMEOUT_SECONDS = 10
POOL = 32
MAX_VALIDITY_SECONDS = 36_000
LISTED_AT_MOST = 100
# Our clock may run ahead of Twilio's: a text that is there and not recognised would be sent twice.
CLOCK_SLACK = timedelta(minutes=5)
# Below this a "code" is an HTTP status: somebody between us and Twilio has answered.
SMALLEST_CODE = 10_000
# No answer, or one that is not what Twilio's SDK takes apart.
UNREADABLE = (TwilioException, RequestException, ValueError, TypeError, KeyError, AttributeError)


class TwilioAt(TwilioHttpClient):
    """The SDK's own HTTP client, with a timeout, a pool for our threads, and another host when one is set."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=TIMEOUT_SECONDS)
        self._base = urlsplit(base_url)
        # A netrc file or proxy variable must not change whom we speak to, nor be looked for at every text.
        self.session.trust_env = False
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=POOL))

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> Response:
        """Send the SDK's request, to the host that is set."""
        parts = urlsplit(url)
        if self._base.hostname == API_HOST and parts.hostname != API_HOST:
            return super().request(method, url, *args, **kwargs)  # another of Twilio's products, at its own host
        moved = urlunsplit((self._base.scheme, self._base.netloc, self._base.path + parts.path, parts.query, ""))
        return super().request(method, moved, *args, **kwargs)


def make_client(settings: Settings) -> Client:
    """Return the SDK's client for the account, by API key when one is set."""
    user = settings.twilio_api_key or settings.twilio_account_sid
    secret = settings.twilio_api_secret if settings.twilio_api_key else settings.twilio_auth_token
    return Client(
        user,
        secret.get_secret_value(),
        account_sid=settings.twilio_account_sid,
        http_client=TwilioAt(settings.twilio_api_url),
    )


class Result(enum.Enum):
    """What a call to Twilio came to, as far as we can know."""

    ACCEPTED = enum.auto()
    REFUSED = enum.auto()
    NOT_PROCESSED = enum.auto()
    UNKNOWN = enum.auto()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of handing one text to Twilio: its id, or the error's code."""

    result: Result
    sid: str | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text as it is handed to Twilio."""

    to: str
    sender: str
    body: str
    status_callback: str
    valid_seconds: int


def send_text(client: Client, text: Outgoing) -> Outcome:
    """Hand one text to Twilio and say what came of it; never raises for what Twilio or the network does."""
    sender = {"messaging_service_sid": text.sender} if text.sender.startswith("MG") else {"from_": text.sender}
    try:
        message = client.messages.create(
            to=text.to,
            body=text.body,
            status_callback=text.status_callback,
            validity_period=max(1, min(MAX_VALIDITY_SECONDS, text.valid_seconds)),
            **sender,
        )
    except TwilioRestException as error:
        return _refused(error)
    except UNREADABLE as error:
        return Outcome(Result.NOT_PROCESSED if _never_connected(error) else Result.UNKNOWN)
    return Outcome(Result.ACCEPTED, sid=message.sid)


def _refused(error: TwilioRestException) -> Outcome:
    if error.status == 429:
        return Outcome(Result.NOT_PROCESSED, code=20429)
    by_twilio = isinstance(error.code, int) and error.code >= SMALLEST_CODE
    if error.status >= 500 or error.status < 400 or not by_twilio:
        return Outcome(Result.UNKNOWN)
    return Outcome(Result.REFUSED, code=error.code)


def _never_connected(error: Exception) -> bool:
    """Tell whether no connection was made, so that nothing can have been accepted."""
    if isinstance(error, ConnectTimeout):
        return True
    if not isinstance(error, RequestsConnectionError):
        return False
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", cause), NewConnectionError)


@dataclass(frozen=True, slots=True)
class Found:
    """A text that Twilio's list shows: its id, status and error code."""

    sid: str
    status: str
    code: int | None


def find_texts(client: Client, to: str, body: str, since: datetime) -> list[Found]:
    """List what Twilio holds for this recipient with exactly this body, made since then; newest first.

    Raises one of UNREADABLE when Twilio does not answer: then nothing is proved.
    """
    earliest, wanted = since - CLOCK_SLACK, _comparable(body)
    listed = client.messages.list(to=to, limit=LISTED_AT_MOST, page_size=LISTED_AT_MOST)
    return [
        Found(message.sid or "", str(message.status), message.error_code)
        for message in listed
        if str(message.direction).startswith("outbound")
        and _comparable(message.body or "") == wanted
        and (message.date_created is None or message.date_created.astimezone(UTC) >= earliest)
    ]


def _comparable(body: str) -> str:
    """Return a body without what a carrier's gateway may change of it: composed letters and white space."""
    return " ".join(unicodedata.normalize("NFC", body).split())
