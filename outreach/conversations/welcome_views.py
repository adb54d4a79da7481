"""The page of new members: who is whose, to accept or to pass on."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import acting, has_role, roles_required
from outreach.accounts.audit import record_act
from outreach.accounts.models import Role
from outreach.conversations.beginning import BEGIN
from outreach.conversations.inbox_views import LOCK_TIMEOUT, WHO
from outreach.conversations.welcoming import AT_MOST, accept, pass_on, welcomes_of
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.people.short_names import short_name
from outreach.process import current

pages = Blueprint("welcomes", __name__, url_prefix="/welcome")


@pages.get("")
@roles_required(*WHO)
def show() -> str:
    """Show the new members on one's list; an admin sees everybody's."""
    with transaction() as session:
        rows = welcomes_of(session, None if has_role(Role.ADMIN) else acting())
        lines = [(welcome, short_name(person)) for welcome, person in rows]
    return render_template("conversations/welcomes.html", lines=lines, me=acting(), at_most=AT_MOST)


@pages.post("/<int:person_id>/accept")
@roles_required(*WHO)
def take(person_id: int) -> Response:
    """Take a new member on: one's name signs the first text."""
    return _act(person_id, accept, "member accepted", "They are on your list; the first text carries your name.")


@pages.post("/<int:person_id>/pass")
@roles_required(*WHO)
def give(person_id: int) -> Response:
    """Pass a new member on to the next organizer."""
    act = partial(pass_on, settings=current().settings)
    return _act(person_id, act, "member passed on", "Somebody else has them now.")


def _act(person_id: int, act: Callable[[Session, int, str, datetime], None], name: str, words: str) -> Response:
    now = clock.now()
    try:
        with transaction(LOCK_TIMEOUT) as session:
            act(session, person_id, acting(), now)
            record_act(session, acting(), name, now, person=person_id)
    except OutreachError as error:
        words = str(error)
    flash(words)
    current().wake(BEGIN)
    return redirect(url_for("welcomes.show"))
