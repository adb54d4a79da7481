"""Changing what a flow says in the web: checked as its file is, kept with who did it, taken back at will."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.edited_models import EditedWording
from outreach.conversations.edited_words import Edit, TextPlace, complaints_about, holds, in_edited_words, texts_of
from outreach.conversations.flow import LANGUAGES, Flow, Wording
from outreach.conversations.flow_form import read_flow
from outreach.conversations.flow_reading import Complaint
from outreach.conversations.models import FlowVersion
from outreach.conversations.versions import edits_of, newest_version_id
from outreach.errors import OutreachError


class RewordingError(OutreachError):
    """Say why words cannot be changed so: in a sentence, or complaint by complaint."""

    def __init__(self, message: str, complaints: tuple[Complaint, ...] = ()) -> None:
        super().__init__(message)
        self.complaints = complaints


@dataclass(frozen=True, slots=True)
class WordedText:
    """One text of a flow: what its file says, what somebody wrote in the web, and which of them is in use."""

    place: TextPlace
    file: Wording
    edited: EditedWording | None
    edit_holds: bool

    @property
    def in_use(self) -> Wording:
        """Return the words that are sent."""
        return self.web if self.edit_holds else self.file

    @property
    def web(self) -> Wording:
        """Return the words that somebody wrote in the web; the file's where nobody did."""
        return {"en": self.edited.en, "es": self.edited.es} if self.edited else self.file

    @property
    def to_choose(self) -> bool:
        """Tell whether the file's words changed since the web's were written: a person chooses."""
        return self.edited is not None and not self.edit_holds


@dataclass(frozen=True, slots=True)
class WordedFlow:
    """A flow as new conversations run it, and each of its texts with where its words are from."""

    flow: Flow
    texts: Mapping[TextPlace, WordedText]
    file: Flow


def worded_flow(session: Session, name: str) -> WordedFlow | None:
    """Return a flow as it is now, read anew: a page shows what was changed a moment ago."""
    version_id = newest_version_id(session, name)
    if version_id is None:
        return None
    flow = read_flow(name, session.get_one(FlowVersion, version_id).definition)
    edits = {edit.place: edit for edit in edits_of(session, name)}
    rows = {TextPlace(row.step, row.part): row for row in _rows(session, name)}
    texts = {
        place: WordedText(place, text.wording, rows.get(place), place in edits and holds(flow, edits[place]))
        for place, text in texts_of(flow).items()
    }
    return WordedFlow(in_edited_words(flow, edits.values()), texts, flow)


def _rows(session: Session, name: str) -> Iterator[EditedWording]:
    yield from session.scalars(select(EditedWording).where(EditedWording.flow == name))


def flows_to_choose(session: Session) -> set[str]:
    """Return the flows some of whose texts were changed both in the web and in the file."""
    names = session.scalars(select(EditedWording.flow).distinct()).all()
    flows = {name: worded_flow(session, name) for name in names}
    return {name for name, each in flows.items() if each and any(text.to_choose for text in each.texts.values())}


def seal_of(words: Wording) -> str:
    """Return what a form carries of the words that it showed, to tell whether somebody changed them meanwhile."""
    return hashlib.sha256("\n".join(words[language] for language in LANGUAGES).encode()).hexdigest()[:16]


def complaints_of(worded: WordedFlow, place: TextPlace, words: Wording) -> tuple[Complaint, ...]:
    """Return what is wrong with words, in a flow as it is worded now."""
    return tuple(complaints_about(worded.flow, place, words))


def reword(  # noqa: PLR0913, PLR0917 - a change has these parts
    session: Session, name: str, place: TextPlace, words: Wording, seal: str, by: str, now: datetime
) -> None:
    """Let a text be said in other words from now on, in conversations under way too. Raises RewordingError."""
    worded = _locked(session, name, place)
    text = worded.texts[place]
    if seal_of(text.in_use) != seal:
        raise RewordingError("Somebody changed this text meanwhile. Look at what it says now, then save yours again.")
    complaints = complaints_of(worded, place, words)
    if complaints:
        raise RewordingError("These words cannot be sent.", complaints)
    if words == text.file:
        _take_out(session, name, place)
    else:
        _keep(session, name, Edit(place, words, text.file), by, now)
    record_act(session, by, "wording changed", now, flow=name, step=place.step, text=place.part)


def take_back(session: Session, name: str, place: TextPlace, by: str, now: datetime) -> None:
    """Let a text say what its file says again."""
    _locked(session, name, place)
    if _take_out(session, name, place):
        record_act(session, by, "wording taken back", now, flow=name, step=place.step, text=place.part)


def keep_ours(session: Session, name: str, place: TextPlace, by: str, now: datetime) -> None:
    """Choose the words of the web over those that the file has by now. Raises RewordingError."""
    worded = _locked(session, name, place)
    text = worded.texts[place]
    if text.edited is None:
        raise RewordingError("Somebody took these words back meanwhile.")
    complaints = complaints_of(worded, place, text.web)
    if complaints:
        raise RewordingError("These words cannot be sent any more. Mend them, or take the file's.", complaints)
    _keep(session, name, Edit(place, text.web, text.file), by, now)
    record_act(session, by, "wording kept", now, flow=name, step=place.step, text=place.part)


def _locked(session: Session, name: str, place: TextPlace) -> WordedFlow:
    """Return a flow that nobody else rewords until this is committed. Raises RewordingError without such a text."""
    version_id = newest_version_id(session, name)
    if version_id is not None:
        session.execute(select(FlowVersion.id).where(FlowVersion.id == version_id).with_for_update(key_share=True))
    worded = worded_flow(session, name)
    if worded is None or place not in worded.texts:
        raise RewordingError("The conversation has no such text any more.")
    return worded


def _keep(session: Session, name: str, edit: Edit, by: str, now: datetime) -> None:
    key = {"flow": name, **edit.place._asdict()}
    values = {
        **edit.words,
        **{f"file_{language}": words for language, words in edit.instead_of.items()},
        "edited_by": by,
        "edited_at": now,
    }
    row = insert(EditedWording).values(**key, **values)
    session.execute(row.on_conflict_do_update(index_elements=list(key), set_=values))


def _take_out(session: Session, name: str, place: TextPlace) -> bool:
    found = delete(EditedWording).where(
        EditedWording.flow == name, EditedWording.step == place.step, EditedWording.part == place.part
    )
    return session.execute(found.returning(EditedWording.step)).first() is not None
