"""The page of one text of a flow: its words in both languages, changed, taken back, or chosen."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from outreach import clock
from outreach.accounts.access import ORGANIZERS, acting, roles_required
from outreach.conversations.edited_words import TextPlace, with_words
from outreach.conversations.flow import LANGUAGES, Wording
from outreach.conversations.flow_page import LANGUAGE_NAMES, line_of, part_words
from outreach.conversations.inbox_views import LOCK_TIMEOUT
from outreach.conversations.rewording import (
    RewordingError,
    WordedFlow,
    complaints_of,
    keep_ours,
    reword,
    seal_of,
    take_back,
    worded_flow,
)
from outreach.conversations.versions import look_again
from outreach.conversations.vocabulary import WORDS
from outreach.conversations.wording import PLACEHOLDERS
from outreach.database import transaction

pages = Blueprint("rewording", __name__, url_prefix="/flows/<name>/words/<step>/<part>")

CHOICES = {"ours": keep_ours, "file": take_back}
DONE = {
    "ours": "Kept. The words of the web are in use, also in conversations under way.",
    "file": "The words of the file are in use again, also in conversations under way.",
}


@pages.get("")
@roles_required(*ORGANIZERS)
def show(name: str, step: str, part: str) -> str:
    """Show the words of a text, to change them."""
    return _render(name, TextPlace(step, part), None, None)


@pages.post("")
@roles_required(*ORGANIZERS)
def change(name: str, step: str, part: str) -> Response | str | tuple[str, int]:
    """Change the words of a text, or look at them first."""
    place, form = TextPlace(step, part), request.form
    words = {language: _typed(language) for language in LANGUAGES}
    if form.get("do") == "look":
        return _render(name, place, words, None)

    def act(session: Session, now: datetime) -> None:
        reword(session, name, place, words, form.get("seal", ""), acting(), now)

    return _act(name, place, act, "Saved. These words are in use now, also in conversations under way.", words)


@pages.post("/choose")
@roles_required(*ORGANIZERS)
def choose(name: str, step: str, part: str) -> Response | str | tuple[str, int]:
    """Choose between the words of the web and those of the file; taking back is choosing the file's."""
    place, chosen = TextPlace(step, part), request.form.get("words", "")
    if chosen not in CHOICES:
        abort(400)
    return _act(
        name, place, lambda session, now: CHOICES[chosen](session, name, place, acting(), now), DONE[chosen], None
    )


def _act(
    name: str, place: TextPlace, act: Callable[[Session, datetime], None], done: str, typed: Wording | None
) -> Response | tuple[str, int]:
    try:
        with transaction(LOCK_TIMEOUT) as session:
            act(session, clock.now())
    except RewordingError as error:
        return _render(name, place, typed, error), 422
    look_again()
    flash(done)
    return redirect(f"{url_for('flow_pages.show', name=name)}#{place.step}-{place.part}")


def _typed(language: str) -> str:
    return request.form.get(language, "").strip().replace("\r\n", "\n")


def _render(name: str, place: TextPlace, typed: Wording | None, error: RewordingError | None) -> str:
    with transaction() as session:
        worded = worded_flow(session, name)
    if worded is None or place not in worded.texts:
        abort(404)
    text = worded.texts[place]
    words = typed if typed is not None else text.web
    complaints = error.complaints if error else complaints_of(worded, place, words) if typed is not None else ()
    beside = {
        language: [
            f"{each.what[0].upper()}{each.what[1:]}. {each.mend}." for each in complaints if language in each.path
        ]
        for language in LANGUAGES
    }
    return render_template(
        "conversations/flow_words.html",
        flow=worded.flow,
        text=text,
        part=part_words(place.part),
        words=words,
        seal=seal_of(text.in_use),
        error=error,
        beside=beside,
        others=[f"{each.what}. {each.mend}." for each in complaints if not set(LANGUAGES) & set(each.path)],
        line=line_of(with_words(worded.flow, place, words), place) if typed is not None and not complaints else None,
        languages=LANGUAGE_NAMES,
        placeholders=_placeholders(worded),
    )


def _placeholders(worded: WordedFlow) -> list[str]:
    return sorted(PLACEHOLDERS | {field for field, kind in worded.flow.needs.items() if kind == WORDS})
