"""The demo's door for moving its clock: for the sandbox's phones page alone."""

import hashlib
import hmac

from flask import Blueprint, Response, jsonify, request

from outreach.database import transaction
from outreach.democlock import skip
from outreach.process import current
from outreach.settings import Settings

demo_door = Blueprint("demo_door", __name__)
PATH = "/demo/clock"


def clock_token(settings: Settings) -> str:
    """Return what the sandbox must show to move the clock: known to the processes of one installation."""
    return hashlib.blake2b(b"demo clock", key=settings.secret_key.get_secret_value().encode()[:64]).hexdigest()[:32]


@demo_door.post(PATH)
def move_clock() -> tuple[Response, int] | Response:
    """Move the demo's clock ahead by `{"seconds": n}` and answer what it then shows."""
    settings = current().settings
    shown = request.headers.get("X-Sandbox-Token", "")
    if not settings.sandbox or not hmac.compare_digest(shown, clock_token(settings)):
        return jsonify(error="only the sandbox moves the demo's clock"), 403
    seconds = (request.get_json(silent=True) or {}).get("seconds")
    if not isinstance(seconds, int) or seconds <= 0:
        return jsonify(error='write {"seconds": n} with a whole number above 0'), 400
    with transaction() as session:
        moment = skip(session, seconds)
    return jsonify(now=moment.isoformat())
