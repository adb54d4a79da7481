"""The stop-all button of every page, and the page behind it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import acting, roles_required
from outreach.accounts.models import Role
from outreach.campaigns.feeding import FEED
from outreach.campaigns.stopping import start_again, stop_all
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.process import current
from outreach.texting.outbox import DRAIN

pages = Blueprint("stopping", __name__, url_prefix="/stop-all")


@pages.get("")
@roles_required(Role.ADMIN)
def show() -> str:
    """Show the form that stops everything, or who stopped it."""
    return render_template("campaigns/stop_all.html", because="", error=None)


@pages.post("")
@roles_required(Role.ADMIN)
def stop() -> Response | str:
    """Stop all texts."""
    because = request.form.get("because", "")
    try:
        with transaction() as session:
            stop_all(session, acting(), because, clock.now())
    except OutreachError as error:
        return render_template("campaigns/stop_all.html", because=because, error=str(error))
    return redirect(url_for("stopping.show"))


@pages.post("/start-again")
@roles_required(Role.ADMIN)
def start() -> Response | str:
    """Let texts leave again."""
    try:
        with transaction() as session:
            start_again(session, acting(), clock.now())
    except OutreachError as error:
        return render_template("campaigns/stop_all.html", because="", error=str(error))
    process = current()
    process.wake(FEED)
    process.wake(DRAIN)
    flash("Texts are leaving again.")
    return redirect(url_for("stopping.show"))
