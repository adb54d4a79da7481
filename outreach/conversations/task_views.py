"""The page of tasks."""

from flask import Blueprint, render_template, request

from outreach import clock
from outreach.accounts.access import acting, roles_required
from outreach.conversations.inbox_views import WHO
from outreach.conversations.models import TaskKind
from outreach.conversations.seeing import viewer_of
from outreach.conversations.task_list import task_lines
from outreach.database import transaction

pages = Blueprint("tasks", __name__)


@pages.get("/tasks")
@roles_required(*WHO)
def show_all() -> str:
    """Show what is to be done: everybody's or one's own, of all kinds or one."""
    mine = request.args.get("owner") == "me"
    kind = request.args.get("kind") if request.args.get("kind") in set(TaskKind) else None
    now = clock.now()
    with transaction() as session:
        lines = task_lines(session, viewer_of(session, acting()), now, acting() if mine else None, kind)
    return render_template("conversations/tasks.html", lines=lines, mine=mine, kind=kind, kinds=TaskKind, now=now)
