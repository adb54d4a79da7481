"""The replies page: what waits for a person, and what they do with it."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, roles_required
from outreach.accounts.models import Role
from outreach.conversations import replying
from outreach.conversations.desk_texts import quick_reply
from outreach.conversations.inbox import InboxPage, Look, Place, Rank, inbox_page
from outreach.conversations.inbox_forms import NEEDS, ReplyForm, read_seen
from outreach.conversations.models import Task
from outreach.conversations.reading_words import INTENTS, KINDS, describe_reading
from outreach.conversations.replying import Handling, MovedOnError, NotSentError, NotThereError
from outreach.conversations.seeing import viewer_of
from outreach.conversations.settling_needs import OUTCOMES, settle_need, told_by_phone
from outreach.conversations.tasks import finish_task
from outreach.conversations.thread_page import reply_page
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.process import current
from outreach.texting.models import Direction
from outreach.texting.outbox import DRAIN
from outreach.texting.segments import Segments, count_segments
from outreach.trainings.labels import when_label
from outreach.trainings.models import Need, NeedState, TrainingSession
from outreach.trainings.sensitive import may_see_roster

pages = Blueprint("replies", __name__)

LOCK_TIMEOUT = "5s"
WHO = (*ORGANIZERS, Role.BRANCH_ORGANIZER)
REFUSED = 422


@pages.get("/replies")
@roles_required(*WHO)
def show_inbox() -> str:
    """Show what waits for a person, a page at a time."""
    after = Place.parse(request.args.get("after", ""))
    with transaction() as session:
        look = Look(viewer_of(session, acting()), clock.now(), current().settings.zone)
        page: InboxPage = inbox_page(session, look, after)
    return render_template("conversations/inbox.html", page=page, after=after, describe=describe_reading, Rank=Rank)


@pages.get("/replies/<int:text_id>")
@roles_required(*WHO)
def show_reply(text_id: int) -> str:
    """Show one waiting text: its thread, what was understood, and the form to answer it."""
    form = ReplyForm(formdata=None)
    form.body.data = quick_reply(request.args.get("quick", ""))
    _act(text_id, replying.open_thread)
    return render_reply(text_id, form)


@pages.post("/replies/<int:text_id>/send")
@roles_required(*WHO)
def send(text_id: int) -> Response | tuple[str, int]:
    """Send an answer by hand."""
    form = ReplyForm()
    if not form.validate_on_submit():
        return render_reply(text_id, form), REFUSED
    handling = _handling(text_id)
    try:
        with transaction(LOCK_TIMEOUT) as session:
            leaves = replying.answer_by_hand(session, current().settings, handling, form.body.data)
    except NotThereError:
        abort(404)
    except NotSentError as error:
        form.body.errors = [str(error)]
        if isinstance(error, MovedOnError):
            # They see the thread as it is now: the next press of the button is about that.
            form.seen.data = ""
        return render_reply(text_id, form), REFUSED
    current().wake(DRAIN)
    flash("Your answer is on its way." if leaves == handling.now else f"Your answer leaves {_label(leaves)}.")
    return redirect(url_for("replies.show_inbox"))


@pages.post("/replies/<int:text_id>/done")
@roles_required(*WHO)
def done(text_id: int) -> Response:
    """Mark what waits of this number handled, with nothing to send."""
    _act(text_id, replying.close_by_hand)
    flash("Done, nothing was sent.")
    return redirect(url_for("replies.show_inbox"))


@pages.post("/replies/<int:text_id>/opt-out")
@roles_required(*WHO)
def opt_out(text_id: int) -> Response:
    """Stop all texts to this number."""
    settings = current().settings
    _act(text_id, lambda session, handling: replying.opt_out_by_hand(session, settings, handling))
    flash("This number gets no more texts. Only the member changes that: START, or their word.")
    return redirect(url_for("replies.show_inbox"))


@pages.post("/replies/<int:text_id>/release")
@roles_required(*WHO)
def release(text_id: int) -> Response:
    """Let automation go on for this number."""
    _act(text_id, replying.release_hold)
    flash("The hold is released: the program may write to this number again.")
    return redirect(url_for("replies.show_inbox"))


@pages.post("/needs/<int:need_id>/settle")
@roles_required(*WHO)
def settle(need_id: int) -> Response:
    """Settle a need (`outcome` arranged or cannot) and tell the member; or write down that somebody told them."""
    outcome, process = request.form.get("outcome", ""), current()
    if outcome not in {*OUTCOMES, NeedState.TOLD}:
        abort(400)
    with transaction(LOCK_TIMEOUT) as session:
        session_id = _session_of_need(session, need_id)
        try:
            if outcome == NeedState.TOLD:
                told_by_phone(session, need_id, acting(), clock.now())
                flash("Noted: the member knows.")
            else:
                texted = settle_need(session, process.settings, need_id, NeedState(outcome), acting(), clock.now())
                flash("The member is told by text." if texted else "No text goes out: tell the member by phone.")
        except OutreachError as error:
            flash(str(error))
    process.wake(DRAIN)
    return redirect(url_for("sessions.show", session_id=session_id) if session_id else url_for("home.show"))


@pages.post("/tasks/<int:task_id>/done")
@roles_required(*WHO)
def finish(task_id: int) -> Response:
    """Mark a task done."""
    with transaction(LOCK_TIMEOUT) as session:
        if session.get(Task, task_id) is None:
            abort(404)
        finish_task(session, task_id, clock.now(), acting())
    flash("Done.")
    return redirect(url_for("tasks.show_all") if "from_list" in request.form else url_for("home.show"))


def _handling(text_id: int) -> Handling:
    return Handling(text_id, read_seen(request.form.get("seen"), text_id), acting(), clock.now())


def _act(text_id: int, act: Callable[[Session, Handling], None]) -> None:
    with transaction(LOCK_TIMEOUT) as session:
        try:
            act(session, _handling(text_id))
        except NotThereError:
            abort(404)


def _session_of_need(session: Session, need_id: int) -> int | None:
    """Return the session that a need belongs to; 403 where only its host may see who comes."""
    need = session.get(Need, need_id)
    if need is None:
        abort(404)
    if need.session_id and not may_see_roster(session.get_one(TrainingSession, need.session_id), acting()):
        abort(403)
    return need.session_id


def render_reply(text_id: int, form: ReplyForm) -> str:
    """Make the page of one text, with what was typed."""
    now = clock.now()
    with transaction() as session:
        try:
            page = reply_page(session, current().settings, Handling(text_id, text_id, acting(), now))
        except NotThereError:
            abort(404)
    # From this page alone: what came in while somebody typed is not handled by their answer.
    form.seen.data = form.seen.data or str(page.thread[-1].id)
    return render_template(
        "conversations/reply.html",
        page=page,
        form=form,
        segments=_segments(form.body.data),
        describe=describe_reading,
        Direction=Direction,
        intents=INTENTS,
        kinds=KINDS,
        needs=NEEDS,
        now_leaving=page.leaves is not None and page.leaves <= now,
        longest=replying.LONGEST_REPLY,
    )


def _segments(body: str | None) -> Segments:
    return count_segments(body or "")


def _label(moment: datetime) -> str:
    return when_label(moment, current().settings.zone, "en")
