"""The page of the training working group's seats."""

from flask import Blueprint, render_template

from outreach.accounts.access import has_role, roles_required
from outreach.accounts.models import Role
from outreach.conversations.inbox_views import WHO as READERS
from outreach.conversations.seat_map import seats
from outreach.database import transaction

pages = Blueprint("seats", __name__)


@pages.get("/working-group")
@roles_required(*READERS, Role.TRAINER)
def show() -> str:
    """Show who holds the seat of which committee, and the committees without one."""
    with transaction() as session:
        found = seats(session)
    return render_template("conversations/seats.html", seats=found, may_open=has_role(*READERS))
