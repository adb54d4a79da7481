"""The page of one person: everything in one line of time, and notes."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import acting, roles_required
from outreach.accounts.audit import record_act
from outreach.conversations.by_hand import LONGEST_NOTE, NotNotedError, add_note
from outreach.conversations.corrections import corrected, labelled_lines
from outreach.conversations.inbox_views import LOCK_TIMEOUT, REFUSED, WHO
from outreach.conversations.reading_words import INTENTS, describe_reading
from outreach.conversations.seeing import viewer_of
from outreach.conversations.timeline import person_page
from outreach.database import transaction
from outreach.people.models import Person
from outreach.people.phones import mask_phone
from outreach.process import current

pages = Blueprint("person", __name__)

CORRECTIONS_SHOWN = 100


@pages.get("/people/<int:person_id>/thread")
@roles_required(*WHO)
def show(person_id: int) -> str:
    """Show everything between a person and us."""
    return _render(person_id, "", "")


@pages.post("/people/<int:person_id>/notes")
@roles_required(*WHO)
def write_note(person_id: int) -> Response | tuple[str, int]:
    """Keep a note."""
    body = request.form.get("body", "")
    try:
        with transaction(LOCK_TIMEOUT) as session:
            if session.get(Person, person_id) is None:
                abort(404)
            add_note(session, person_id, body, acting(), clock.now())
    except NotNotedError as error:
        return _render(person_id, body, str(error)), REFUSED
    flash("The note is kept.")
    return redirect(url_for("person.show", person_id=person_id))


@pages.get("/readings")
@roles_required(*WHO)
def readings() -> str:
    """Show what people corrected in the program's reading."""
    with transaction() as session:
        lines = corrected(session, CORRECTIONS_SHOWN)
    return render_template("conversations/readings.html", lines=lines, intents=INTENTS, describe=describe_reading)


@pages.get("/readings/export")
@roles_required()
def export_readings() -> Response:
    """Hand out every correction as labelled JSON lines."""
    with transaction() as session:
        lines = "".join(f"{line}\n" for line in labelled_lines(session))
        record_act(session, acting(), "corrected readings exported", clock.now())
    head = {"Content-Disposition": "attachment; filename=readings.jsonl", "Cache-Control": "no-store"}
    return Response(lines, content_type="application/x-ndjson; charset=utf-8", headers=head)


def _render(person_id: int, body: str, error: str) -> str:
    now = clock.now()
    with transaction() as session:
        viewer = viewer_of(session, acting())
        page = person_page(session, person_id, viewer, current().settings.suppression_key.get_secret_value())
        if page is None:
            abort(404)
        record_act(session, acting(), "person viewed", now, person=person_id)
    return render_template(
        "conversations/person.html",
        page=page,
        numbers=[mask_phone(number.phone) for number in page.numbers],
        body=body,
        error=error,
        longest=LONGEST_NOTE,
        now=now,
    )
