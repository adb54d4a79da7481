"""The replies page: what waits for a person, and what they do with it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, roles_required
from outreach.accounts.models import Role
from outreach.conversations import replying
from outreach.conversations.desk_texts import QuickReply, quick_replies, quick_reply
from outreach.conversations.gathering import language_of
from outreach.conversations.inbox import InboxPage, Place, inbox_page, is_urgent, names_on, thread_of
from outreach.conversations.inbox_forms import ReplyForm, read_seen
from outreach.conversations.reading_words import describe_reading
from outreach.conversations.replying import Handling, NotSentError
from outreach.conversations.settling_needs import OUTCOMES, settle_need, told_by_phone
from outreach.conversations.tasks import finish_task
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.people.models import Person, PhoneNumber
from outreach.people.phones import mask_phone
from outreach.process import current
from outreach.texting.models import Direction, Text, TextStatus
from outreach.texting.outbox import DRAIN
from outreach.texting.segments import Segments, count_segments
from outreach.trainings.labels import when_label
from outreach.trainings.models import Need, NeedState, TrainingSession
from outreach.trainings.sensitive import may_see_roster

pages = Blueprint("replies", __name__)

LOCK_TIMEOUT = "5s"
WHO = (*ORGANIZERS, Role.BRANCH_ORGANIZER)
REFUSED = 422


@dataclass(frozen=True, slots=True)
class ReplyPage:
    """Everything that the page of one waiting text shows. `unreachable` says why no text may go there."""

    text: Text
    number: PhoneNumber
    names: tuple[str, ...]
    masked: str
    language: str
    thread: Sequence[Text]
    leaves: datetime | None
    unreachable: str
    quick: Sequence[QuickReply]

    @property
    def waits(self) -> bool:
        """Tell whether it still waits for a person."""
        return self.text.status == TextStatus.NEEDS_PERSON

    @property
    def urgent(self) -> bool:
        """Tell whether it must not wait."""
        return is_urgent(self.text)


@pages.get("/replies")
@roles_required(*WHO)
def show_inbox() -> str:
    """Show what waits for a person, a page at a time."""
    after = Place.parse(request.args.get("after", ""))
    with transaction() as session:
        page: InboxPage = inbox_page(session, after)
    return render_template("conversations/inbox.html", page=page, after=after, describe=describe_reading)


@pages.get("/replies/<int:text_id>")
@roles_required(*WHO)
def show_reply(text_id: int) -> str:
    """Show one waiting text: its thread, what was understood, and the form to answer it."""
    form = ReplyForm(formdata=None)
    form.body.data = quick_reply(request.args.get("quick", ""))
    return _render(text_id, form)


@pages.post("/replies/<int:text_id>/send")
@roles_required(*WHO)
def send(text_id: int) -> Response | tuple[str, int]:
    """Send an answer by hand."""
    form = ReplyForm()
    if not form.validate_on_submit():
        return _render(text_id, form), REFUSED
    handling = _handling(text_id)
    try:
        with transaction(LOCK_TIMEOUT) as session:
            leaves = replying.answer_by_hand(session, current().settings, handling, form.body.data)
    except NotSentError as error:
        form.body.errors = [str(error)]
        return _render(text_id, form), REFUSED
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
    flash("This number gets no more texts. Only the member's own START changes that.")
    return redirect(url_for("replies.show_inbox"))


@pages.post("/replies/<int:text_id>/release")
@roles_required(*WHO)
def release(text_id: int) -> Response:
    """Let automation go on for this number."""
    _act(text_id, replying.release_hold)
    flash("The hold is released: the program may write to this number again.")
    return redirect(url_for("replies.show_reply", text_id=text_id))


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
    """Mark a call done."""
    with transaction(LOCK_TIMEOUT) as session:
        finish_task(session, task_id, clock.now(), acting())
    flash("The call is done.")
    return redirect(url_for("home.show"))


def _handling(text_id: int) -> Handling:
    return Handling(text_id, read_seen(request.form.get("seen"), text_id), acting(), clock.now())


def _act(text_id: int, act: Callable[[Session, Handling], None]) -> None:
    with transaction(LOCK_TIMEOUT) as session:
        try:
            act(session, _handling(text_id))
        except NotSentError:
            abort(404)


def _session_of_need(session: Session, need_id: int) -> int | None:
    """Return the session that a need belongs to; 403 where only its host may see who comes."""
    need = session.get(Need, need_id)
    if need is None:
        abort(404)
    if need.session_id and not may_see_roster(session.get_one(TrainingSession, need.session_id), acting()):
        abort(403)
    return need.session_id


def _render(text_id: int, form: ReplyForm) -> str:
    with transaction() as session:
        page = _reply_page(session, text_id, clock.now())
    # From this page alone: what came in while somebody typed is not handled by their answer.
    form.seen.data = form.seen.data or str(page.thread[-1].id)
    return render_template(
        "conversations/reply.html",
        page=page,
        form=form,
        segments=_segments(form.body.data),
        describe=describe_reading,
        Direction=Direction,
        now_leaving=page.leaves is not None and page.leaves <= clock.now(),
        longest=replying.LONGEST_REPLY,
    )


def _reply_page(session: Session, text_id: int, now: datetime) -> ReplyPage:
    text = session.get(Text, text_id)
    if text is None or text.direction != Direction.IN:
        abort(404)
    number = session.get_one(PhoneNumber, text.number_id)
    person = session.get(Person, text.person_id) if text.person_id else None
    language = language_of(person)
    return ReplyPage(
        text=text,
        number=number,
        names=names_on(session, [number.id]).get(number.id, ()),
        masked=mask_phone(number.phone),
        language=language,
        thread=thread_of(session, number.id),
        leaves=replying.leaves_at(current().settings, number, person, number.last_inbound_at or text.created_at, now),
        unreachable=_unreachable(number),
        quick=quick_replies(language),
    )


def _unreachable(number: PhoneNumber) -> str:
    try:
        replying.refuse_unreachable(number)
    except NotSentError as error:
        return str(error)
    return ""


def _segments(body: str | None) -> Segments:
    return count_segments(body or "")


def _label(moment: datetime) -> str:
    return when_label(moment, current().settings.zone, "en")
