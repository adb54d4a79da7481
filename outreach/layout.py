"""What every page shows: the chapter's name, where one can go, who is signed in, and whether everything is stopped."""

from datetime import datetime
from typing import NamedTuple

from flask import Flask, g, request

from outreach import clock
from outreach.accounts.access import ORGANIZERS, has_role
from outreach.accounts.models import Role
from outreach.conversations.feedback import feedback_of
from outreach.database import transaction
from outreach.settings import Settings
from outreach.texting.gates import closed_gate
from outreach.texting.models import Gate
from outreach.trainings.labels import when_label


class Place(NamedTuple):
    """One entry of the navigation: its words, its address, and whose it is."""

    name: str
    path: str
    roles: tuple[Role, ...]


EVERYBODY = tuple(Role)
PLACES = (
    Place("Home", "/", EVERYBODY),
    Place("Campaigns", "/campaigns", (*ORGANIZERS, Role.VIEWER)),
    Place("Sessions", "/sessions", (*ORGANIZERS, Role.BRANCH_ORGANIZER, Role.TRAINER)),
    Place("Replies", "/replies", (*ORGANIZERS, Role.BRANCH_ORGANIZER)),
    Place("Tasks", "/tasks", (*ORGANIZERS, Role.BRANCH_ORGANIZER)),
    Place("Duty", "/duty", (*ORGANIZERS, Role.BRANCH_ORGANIZER)),
)


def set_up_layout(app: Flask, settings: Settings) -> None:
    """Give every template the layout's values and filters."""
    app.jinja_env.globals.update(org_name=settings.org_name, zone_name=settings.org_timezone, Role=Role)
    app.jinja_env.filters["moment"] = lambda at: moment(at, settings)
    app.jinja_env.filters["ago"] = lambda at: ago(at, clock.now())
    app.jinja_env.globals.update(places=_places, is_here=_is_here, stopped=_stopped, has_role=has_role)
    app.jinja_env.globals["feedback_of"] = feedback_of
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def moment(at: datetime | None, settings: Settings) -> str:
    """Word a moment in the chapter's zone: `Sat Dec 12 10am`."""
    return when_label(at, settings.zone, "en") if at else ""


def ago(at: datetime, now: datetime) -> str:
    """Word how long ago a moment was, in one unit: `just now`, `5 min`, `3 h`, `2 days`."""
    minutes = int((now - at).total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min"
    hours = minutes // 60
    if hours < 48:
        return f"{hours} h"
    return f"{hours // 24} days"


def _places() -> list[Place]:
    return [place for place in PLACES if has_role(*place.roles)]


def _is_here(path: str) -> bool:
    return request.path == path or (path != "/" and request.path.startswith(f"{path}/"))


def _stopped() -> Gate | None:
    """Return the gate `all` when it is closed; asked once for a page."""
    if "stopped" not in g:
        with transaction() as session:
            g.stopped = closed_gate(session)
    stopped: Gate | None = g.stopped
    return stopped
