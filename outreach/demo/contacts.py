"""Telling the sandbox's phones page who is who, so that a member can be picked by name."""

import json
import urllib.request

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.models import Duty, DutyKind
from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.settings import Settings

log = structlog.get_logger()

SECONDS = 5.0
MOST = 1000
ON_CALL = "On call"
DUTIES = {
    DutyKind.ON_CALL: ON_CALL,
    DutyKind.REPLIES: ON_CALL,
    DutyKind.GRIEVANCE: "Grievance officer",
    DutyKind.YOUTH: "Youth",
    DutyKind.WELCOME: ON_CALL,
}


def contacts(session: Session, settings: Settings) -> list[dict[str, str]]:
    """Return who is reached at which number, at most a thousand: `{phone, name, language}`; who is on call first."""
    rows = session.execute(
        select(PhoneNumber.phone, Person.first_name, Person.last_name, Person.language)
        .join(PersonNumber, PersonNumber.number_id == PhoneNumber.id)
        .join(Person, Person.id == PersonNumber.person_id)
        .order_by(Person.id)
        .limit(MOST)
    )
    ours = dict.fromkeys(settings.on_call_numbers, ON_CALL)
    for duty in session.scalars(select(Duty).order_by(Duty.place, Duty.id)):
        ours.setdefault(duty.phone, f"{DUTIES[duty.kind]} ({duty.known_as})" if duty.known_as else DUTIES[duty.kind])
    return [{"phone": phone, "name": name, "language": "en"} for phone, name in ours.items()] + [
        {"phone": phone, "name": f"{first} {last}".strip(), "language": language or "en"}
        for phone, first, last, language in rows
    ]


def push_contacts(session: Session, settings: Settings) -> bool:
    """Name the members on the phones page; False, with a line in the log, when the sandbox is away."""
    if not settings.sandbox:
        return False
    body = json.dumps(contacts(session, settings)).encode()
    headers = {"Content-Type": "application/json"}
    url = f"{settings.twilio_api_url}/sandbox/control/contacts"
    request = urllib.request.Request(url, body, headers, method="PUT")  # noqa: S310 - the settings take http(s) alone
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):  # noqa: S310 - as above
            return True
    except OSError as error:
        log.warning("sandbox_away", error=type(error).__name__)
        return False
