"""The control door, `/sandbox/control/…`: what tests and the demo do to the sandbox itself. JSON, loopback only."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException

from outreach.sandbox.api import the_sandbox
from outreach.sandbox.config import Keywords
from outreach.sandbox.creation import E164
from outreach.sandbox.faults import read_fault
from outreach.sandbox.inbound import Media
from outreach.sandbox.loopback import refuse_foreign_pages, refuse_strangers
from outreach.sandbox.messages import Direction, Message

control = Blueprint("control", __name__, url_prefix="/sandbox/control")

MOST_REPEATS = 100
CHANGEABLE = frozenset({"instant", "keywords", "shuffle", "duplicate", "early", "callback_delay", "inbound_url"})


@control.before_request
def check_caller() -> None:
    """Let in only who is on this machine."""
    refuse_strangers(request)
    refuse_foreign_pages(request)


@control.errorhandler(HTTPException)
def explain(error: HTTPException) -> tuple[Response, int]:
    """Answer errors as JSON too."""
    return jsonify(error=error.description), error.code or 500


def _given() -> dict[str, Any]:
    given = request.get_json()
    if not isinstance(given, dict):
        raise BadRequest("Send a JSON object.")
    return given


def _phone(value: object) -> str:
    if not isinstance(value, str) or not E164.fullmatch(value):
        raise BadRequest("Give the phone number in E.164 form, like +12135550123.")
    return value


def moment(seconds: float) -> str:
    """Write a time in ISO 8601, UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def describe(message: Message) -> dict[str, object]:
    """Return all that is known of a text."""
    return {
        "id": message.id,
        "sid": message.sid,
        "direction": message.direction,
        "from": message.sender,
        "to": message.recipient,
        "body": message.body,
        "status": message.status,
        "error_code": message.error_code,
        "segments": message.segments,
        "media": json.loads(message.media),
        "form": json.loads(message.form),
        "at": moment(message.created),
        "webhook": message.webhook,
    }


@control.get("/messages")
def list_texts() -> Response:
    """List the texts to and from `to` (or all), oldest first; `after` an id, at most `limit`."""
    messages, phone = the_sandbox().account.messages, request.args.get("to")
    after, limit = request.args.get("after", 0, int), request.args.get("limit", -1, int)
    return jsonify([describe(message) for message in messages.after(after, phone, limit)])


@control.get("/summary")
def summarize() -> Response:
    """Count texts by direction and status, steps still to come, opt-outs, and how often a text went twice."""
    account = the_sandbox().account
    return jsonify(
        texts=account.messages.counts(),
        doubled=account.messages.doubled(),
        pending=account.steps.count(),
        opted_out=len(account.opt_outs.phones()),
    )


@control.post("/inbound")
def receive_text() -> Response:
    """Play a member's text: `{from, to?, body, media?: [{url, content_type}]}`; answers once the webhook has."""
    given, inbound = _given(), the_sandbox().inbound
    to = _phone(given["to"]) if given.get("to") else None
    try:
        media = [Media(**item) for item in given.get("media", [])]
    except TypeError:
        raise BadRequest("media is a list of objects: url, content_type.") from None
    received = inbound.receive(_phone(given.get("from")), str(given.get("body", "")), to, media)
    if given.get("lost"):
        return jsonify(sid=received.message.sid, webhook=None)
    delivered = inbound.deliver(received)
    return jsonify(sid=received.message.sid, webhook=delivered.answer)


@control.post("/callbacks")
def repeat_callbacks() -> Response:
    """Post a text's callback again: `{sid, status?, error_code?, times?}`; an inbound text's webhook likewise."""
    given, sandbox = _given(), the_sandbox()
    message = sandbox.account.messages.find(str(given.get("sid")))
    if message is None:
        raise BadRequest("There is no text with this sid.")
    times = min(int(given.get("times", 1)), MOST_REPEATS)
    if message.direction == Direction.INBOUND:
        return jsonify(answers=[sandbox.inbound.replay(message) for _ in range(times)])
    status, code = str(given.get("status", message.status)), given.get("error_code", message.error_code)
    return jsonify(answers=[sandbox.outgoing.post_callback(message, status, code) for _ in range(times)])


@control.get("/callbacks")
def list_callbacks() -> Response:
    """List the status callbacks that were posted lately, oldest first."""
    return jsonify([{**asdict(record), "at": moment(record.at)} for record in list(the_sandbox().account.posted)])


@control.get("/alerts")
def list_alerts() -> Response:
    """List the debugger's lines, oldest first."""
    return jsonify([{**asdict(alert), "at": moment(alert.at)} for alert in list(the_sandbox().account.alerts)])


@control.get("/optouts")
def list_opt_outs() -> Response:
    """List who opted out, and of what."""
    return jsonify([{"scope": scope, "phone": phone} for scope, phone in the_sandbox().account.opt_outs.pairs()])


@control.get("/faults")
def list_faults() -> Response:
    """List the faults in force."""
    return jsonify([asdict(fault) for fault in the_sandbox().account.faults.in_force()])


@control.post("/faults")
def add_fault() -> tuple[Response, int]:
    """Put a fault in force: see `outreach.sandbox.faults` for its fields."""
    try:
        fault = read_fault(_given())
    except (TypeError, ValueError) as error:
        raise BadRequest(str(error)) from None
    return jsonify(asdict(the_sandbox().account.faults.add(fault))), 201


@control.delete("/faults")
def clear_faults() -> tuple[str, int]:
    """End the fault with `?id=`, or all."""
    the_sandbox().account.faults.clear(request.args.get("id", None, int))
    return "", 204


@control.put("/mode")
def change_mode() -> Response:
    """Change how the sandbox behaves: any of `CHANGEABLE`."""
    given, account = _given(), the_sandbox().account
    if set(given) - CHANGEABLE:
        raise BadRequest(f"These can be changed: {', '.join(sorted(CHANGEABLE))}.")
    try:
        if "keywords" in given:
            given["keywords"] = Keywords(given["keywords"])
        if "callback_delay" in given:
            least, most = given["callback_delay"]
            given["callback_delay"] = (float(least), float(most))
    except (TypeError, ValueError):
        raise BadRequest("keywords is default, advanced or off; callback_delay is [least, most] in seconds.") from None
    account.reconfigure(replace(account.config, **given))
    return jsonify({name: getattr(account.config, name) for name in sorted(CHANGEABLE)})


@control.put("/contacts")
def name_contacts() -> tuple[str, int]:
    """Tell the phones page who is who: `[{phone, name, language}]`, replacing what it was told before."""
    given = request.get_json()
    if not isinstance(given, list) or not all(isinstance(contact, dict) for contact in given):
        raise BadRequest("Send a JSON list of objects: phone, name, language.")
    account = the_sandbox().account
    account.members.name_contacts(
        (_phone(contact.get("phone")), str(contact.get("name", "")), str(contact.get("language", "")))
        for contact in given
    )
    account.changed()
    return "", 204


@control.post("/reset")
def reset() -> tuple[str, int]:
    """Forget all texts, opt-outs, faults and alerts."""
    the_sandbox().reset()
    return "", 204
