"""The page of one person: everything in one line of time, notes, and what they wish."""

from dataclasses import dataclass, replace

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
from outreach.conversations.timeline import PersonPage, person_page
from outreach.conversations.told_wishes import LONGEST_WORDS, SOURCES, NotToldError, Told, agree_as_told, stop_as_told
from outreach.database import transaction
from outreach.people.models import Person, Scope
from outreach.people.phones import mask_phone
from outreach.process import current
from outreach.trainings.walk_ins import consent_wording

pages = Blueprint("person", __name__)

CORRECTIONS_SHOWN = 100
STOP, AGREE = "stop", "agree"
ABOUT = {"texts": (Scope.TEXTS,), "calls": (Scope.CALLS,), "both": (Scope.TEXTS, Scope.CALLS)}


@dataclass(frozen=True, slots=True)
class Typed:
    """What stood in a form that was refused, and why."""

    note: str = ""
    note_error: str = ""
    wish: str = ""
    about: str = ""
    source: str = ""
    words: str = ""
    wish_error: str = ""


NOTHING = Typed()


@pages.get("/people/<int:person_id>/thread")
@roles_required(*WHO)
def show(person_id: int) -> str:
    """Show everything between a person and us."""
    return _render(person_id)


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
        return _render(person_id, Typed(note=body, note_error=str(error))), REFUSED
    flash("The note is kept.")
    return redirect(url_for("person.show", person_id=person_id))


@pages.post("/people/<int:person_id>/wishes")
@roles_required(*WHO)
def write_wish(person_id: int) -> Response | tuple[str, int]:
    """Write down what they told one of ours: no more texts or calls (`wish` stop), or welcome again (`agree`)."""
    given = request.form
    typed = Typed(
        wish=given.get("wish", ""),
        about=given.get("about", ""),
        source=given.get("source", ""),
        words=given.get("words", ""),
    )
    if typed.wish not in {STOP, AGREE}:
        abort(400)
    try:
        with transaction(LOCK_TIMEOUT) as session:
            person = session.get(Person, person_id)
            if person is None:
                abort(404)
            told = Told(ABOUT.get(typed.about, ()), typed.words, typed.source, acting(), clock.now())
            if typed.wish == STOP:
                stop_as_told(session, current().settings, person_id, told)
            else:
                agree_as_told(session, current().settings, person_id, _wording(person), told)
    except NotToldError as error:
        return _render(person_id, replace(typed, wish_error=str(error))), REFUSED
    flash(
        "Written down: it holds from now on."
        if typed.wish == STOP
        else "Written down. If they once texted STOP, Twilio blocks us until they text START as well."
    )
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


def _render(person_id: int, typed: Typed = NOTHING) -> str:
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
        refused=_refused(page),
        wording=_wording(page.person),
        sources=SOURCES,
        typed=typed,
        longest=LONGEST_NOTE,
        longest_words=LONGEST_WORDS,
        now=now,
    )


def _refused(page: PersonPage) -> list[str]:
    """Say what they want no more of, on any of their numbers."""
    texts = any(number.texts_opted_out_at for number in page.numbers)
    calls = any(number.calls_opted_out_at for number in page.numbers)
    return [words for words, refused in (("texts", texts), ("calls", calls)) if refused]


def _wording(person: Person) -> str:
    return consent_wording("es" if person.speaks == "es" else "en", current().settings.org_name)
