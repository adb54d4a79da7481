"""Twilio's REST API, as far as the application uses it."""

import hmac
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, Response, current_app, g, request

from outreach.sandbox.errors import ApiError
from outreach.sandbox.faults import Door, Fault, FaultKind
from outreach.sandbox.messages import MessageQuery
from outreach.sandbox.resource import API_VERSION, Page, account_path, message_json, page_json, rfc_2822
from outreach.sandbox.sandbox import Sandbox
from outreach.sandbox.wsgi_server import drop_connection

LARGEST_PAGE = 1000
# A refusal that comes back at once would free its place for the next before the crowd is felt.
CROWDED_SECONDS = 0.02
FOUNDED = 1_767_225_600.0
"""When the account and its numbers were opened: 1 January 2026."""

api = Blueprint("api", __name__)


def the_sandbox() -> Sandbox:
    """Return the sandbox that this request is for."""
    sandbox: Sandbox = current_app.extensions["sandbox"]
    return sandbox


def answer(document: object, status: int = 200) -> Response:
    """Return a JSON answer."""
    return Response(json.dumps(document), status, mimetype="application/json")


@api.errorhandler(ApiError)
def refuse(error: ApiError) -> Response:
    """Answer with Twilio's error body."""
    response = answer(error.body(), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return response


@api.before_request
def authenticate() -> None:
    """Refuse a request without the account's credentials, or for another account."""
    config, given = the_sandbox().account.config, request.authorization
    known = [(config.account_sid, config.auth_token)]
    if config.api_key and config.api_secret:
        known.append((config.api_key, config.api_secret))
    name, secret = (given.username or "", given.password or "") if given and given.type == "basic" else ("", "")
    if not any(name == user and hmac.compare_digest(secret.encode(), key.encode()) for user, key in known):
        raise ApiError(20003)
    account_sid = (request.view_args or {}).pop("account_sid", config.account_sid)
    if account_sid != config.account_sid:
        raise ApiError(20404, path=request.path)


@api.before_request
def suffer_fault() -> Response | None:
    """Meet the faults that strike before anything is accepted."""
    sandbox, door, to = the_sandbox(), Door.READ, request.args.get("To")
    faults, stopping = sandbox.account.faults, sandbox.account.stopping
    if request.method == "POST":
        door, to = Door.CREATE, request.form.get("To")
        g.counted = True
        if faults.enter(to):
            stopping.wait(CROWDED_SECONDS)
            return refuse(ApiError(20429, status=429))
    delay = faults.take(door, to, FaultKind.DELAY)
    if delay is not None:
        stopping.wait(delay.seconds)
    if faults.take(door, to, FaultKind.DROP_BEFORE) is not None:
        return drop_connection(request.environ)
    failure = faults.take(door, to, FaultKind.STATUS)
    if failure is None:
        return None
    if failure.accept and door is Door.CREATE:
        sandbox.outgoing.create(request.form)
    return fail(failure)


@api.teardown_request
def leave(_error: BaseException | None) -> None:
    """Count a create that has been answered."""
    if g.pop("counted", False):
        the_sandbox().account.faults.leave()


def fail(fault: Fault) -> Response:
    """Answer with a fault's status."""
    if fault.plain:
        return Response("upstream connect error", fault.status, mimetype="text/plain")
    code = fault.code or {429: 20429, 500: 20500, 503: 20503}.get(fault.status, 20500)
    return refuse(ApiError(code, status=fault.status))


@api.post(f"/{API_VERSION}/Accounts/<account_sid>/Messages.json")
def create_message() -> Response:
    """Accept a text."""
    sandbox = the_sandbox()
    message = sandbox.outgoing.create(request.form)
    fault = sandbox.account.faults.take(Door.CREATE, message.recipient, FaultKind.HANG, FaultKind.DROP)
    if fault is not None:
        sandbox.account.stopping.wait(fault.seconds)
        if fault.kind is FaultKind.DROP:
            return drop_connection(request.environ)
    return answer(message_json(sandbox.account.config, message), 201)


@api.get(f"/{API_VERSION}/Accounts/<account_sid>/Messages.json")
def list_messages() -> Response:
    """List texts of both directions, newest first."""
    account = the_sandbox().account
    page, size = _number("Page", 0), min(max(_number("PageSize", 50), 1), LARGEST_PAGE)
    token = _token_id(request.args.get("PageToken"))
    offset = 0 if token else page * size
    found = account.messages.search(replace(read_query(), below=token, limit=size + 1, offset=offset))
    shown = [message_json(account.config, message) for message in found[:size]]
    path = f"{account_path(account.config)}/Messages.json"
    return answer(page_json(path, request.args.to_dict(), shown, Page(page, size, len(found) > size)))


def read_query() -> MessageQuery:
    """Read the filters of a listing; `DateSent` is always a whole day in UTC."""
    day, since, until = (request.args.get(name) for name in ("DateSent", "DateSent>", "DateSent<"))
    day = day and day[: len("2026-03-10")]
    return MessageQuery(
        recipient=request.args.get("To"),
        sender=request.args.get("From"),
        sent_from=_moment(since or day),
        sent_before=_moment(until or day, end=True),
    )


def _moment(given: str | None, *, end: bool = False) -> float | None:
    if not given:
        return None
    try:
        if len(given) == len("2026-03-10"):
            return _midnight(date.fromisoformat(given) + timedelta(days=end))
        moment = datetime.fromisoformat(given)
    except ValueError:
        raise ApiError(20001) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() + end


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _token_id(token: str | None) -> int | None:
    if not token:
        return None
    message = the_sandbox().account.messages.find(token[2:])
    if message is None:
        raise ApiError(20001)
    return message.id


def _number(name: str, default: int) -> int:
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdigit() else default


@api.get(f"/{API_VERSION}/Accounts/<account_sid>/Messages/<sid>.json")
def fetch_message(sid: str) -> Response:
    """Return one text."""
    account = the_sandbox().account
    message = account.messages.find(sid)
    if message is None:
        raise ApiError(20404, path=request.path)
    return answer(message_json(account.config, message))


@api.get(f"/{API_VERSION}/Accounts/<account_sid>.json")
def fetch_account() -> Response:
    """Return the account."""
    config = the_sandbox().account.config
    path = account_path(config)
    parts = {"messages": "Messages", "incoming_phone_numbers": "IncomingPhoneNumbers", "calls": "Calls"}
    return answer(
        {
            "auth_token": config.auth_token,
            "date_created": rfc_2822(FOUNDED),
            "date_updated": rfc_2822(FOUNDED),
            "friendly_name": "Sandbox",
            "owner_account_sid": config.account_sid,
            "sid": config.account_sid,
            "status": "active",
            "subresource_uris": {name: f"{path}/{part}.json" for name, part in parts.items()},
            "type": "Full",
            "uri": f"{path}.json",
        }
    )


@api.get(f"/{API_VERSION}/Accounts/<account_sid>/IncomingPhoneNumbers.json")
def list_numbers() -> Response:
    """List the account's senders."""
    config = the_sandbox().account.config
    wanted = request.args.get("PhoneNumber")
    numbers = [_number_json(phone) for phone in config.senders if wanted in (None, phone)]
    path = f"{account_path(config)}/IncomingPhoneNumbers.json"
    page = page_json(path, request.args.to_dict(), [], Page(0, 50, more=False))
    del page["messages"]
    return answer({**page, "end": max(len(numbers) - 1, 0), "incoming_phone_numbers": numbers})


def _number_json(phone: str) -> dict[str, Any]:
    config = the_sandbox().account.config
    sid = f"PN{phone[1:]:0>32}"
    return {
        "account_sid": config.account_sid,
        "api_version": API_VERSION,
        "capabilities": {"fax": False, "mms": True, "sms": True, "voice": True},
        "date_created": rfc_2822(FOUNDED),
        "date_updated": rfc_2822(FOUNDED),
        "friendly_name": phone,
        "phone_number": phone,
        "sid": sid,
        "sms_fallback_url": "",
        "sms_method": "POST",
        "sms_url": config.inbound_url,
        "status": "in-use",
        "uri": f"{account_path(config)}/IncomingPhoneNumbers/{sid}.json",
    }


@api.get("/v1/Services/<sid>")
def fetch_service(sid: str) -> Response:
    """Return the messaging service (of the messaging product, whose paths begin with v1)."""
    config = the_sandbox().account.config
    if sid != config.messaging_service_sid:
        raise ApiError(20404, path=request.path)
    return answer(
        {
            "account_sid": config.account_sid,
            "date_created": "2026-01-01T00:00:00Z",
            "date_updated": "2026-01-01T00:00:00Z",
            "friendly_name": "Sandbox",
            "inbound_method": "POST",
            "inbound_request_url": config.inbound_url,
            "sid": sid,
            "smart_encoding": False,
            "sticky_sender": True,
            "url": f"https://messaging.twilio.com/v1/Services/{sid}",
            "use_inbound_webhook_on_number": False,
            "validity_period": 36_000,
        }
    )
