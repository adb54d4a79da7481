"""Pages of campaigns."""

from flask import Blueprint, render_template

from outreach.accounts.access import ORGANIZERS, roles_required
from outreach.accounts.models import Role

pages = Blueprint("campaigns", __name__, url_prefix="/campaigns")


@pages.get("")
@roles_required(*ORGANIZERS, Role.VIEWER)
def show() -> str:
    """List the campaigns, the newest first."""
    return render_template("campaigns/list.html", campaigns=[])
