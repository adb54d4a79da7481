"""The fixed words for sensitive texts, and the hotlines that they name: an admin approves them and says when."""

from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.house import house_wording
from outreach.conversations.models import ApprovedWords
from outreach.conversations.wording import fill
from outreach.errors import OutreachError
from outreach.settings import Settings
from outreach.understanding import Kind

PLAIN, WITH_HOTLINE = "sensitive", "sensitive_hotline"
HOTLINES = {kind: f"hotline_{kind}" for kind in (Kind.IMMIGRATION, Kind.EVICTION, Kind.ARREST)}
NAMES = (PLAIN, WITH_HOTLINE, *HOTLINES.values())
# Somebody else may hold the phone; an officer writes, or a person for youth; or nobody does.
SILENT = frozenset({Kind.ABUSE, Kind.HARASSMENT, Kind.UNDER_18, Kind.DECEASED})
PLACEHOLDER = "{hotline}"
LONGEST = 480


class NotApprovedError(OutreachError):
    """Say why words cannot be approved as they are."""


def acknowledgement(session: Session, settings: Settings, kind: Kind, language: str) -> str | None:
    """Return the one text that answers a sensitive text; None where no machine may say anything.

    Nothing goes out that no admin has approved; the sandbox has the shipped words.
    """
    if kind in SILENT:
        return None
    hotline = session.get(ApprovedWords, HOTLINES[kind]) if kind in HOTLINES else None
    values = {"org": settings.org_name}
    if hotline is not None and (words := _words(session, settings, WITH_HOTLINE, language)):
        return fill(words, {**values, "hotline": _in(hotline, language)})
    words = _words(session, settings, PLAIN, language)
    return fill(words, values) if words else None


def _words(session: Session, settings: Settings, name: str, language: str) -> str | None:
    approved = session.get(ApprovedWords, name)
    if approved is not None:
        return _in(approved, language)
    return house_wording(name)[language] if settings.sandbox else None


def _in(words: ApprovedWords, language: str) -> str:
    return words.es if language == "es" else words.en


def approve(  # noqa: PLR0913, PLR0917 - what is approved has these parts
    session: Session, name: str, en: str, es: str, checked_on: date, by: str, now: datetime
) -> None:
    """Approve words, or a hotline's number, in both languages, as checked on a day. Raises NotApprovedError."""
    _check(name, en, es, checked_on, now.date())
    values = {"en": en, "es": es, "checked_on": checked_on, "approved_by": by, "approved_at": now}
    row = insert(ApprovedWords).values(name=name, **values)
    session.execute(row.on_conflict_do_update(index_elements=[ApprovedWords.name], set_=values))
    record_act(session, by, "words approved", now, name=name)


def _check(name: str, en: str, es: str, checked_on: date, today: date) -> None:
    if name not in NAMES:
        raise NotApprovedError("There are no such words.")
    if not en.strip() or not es.strip():
        raise NotApprovedError("Both languages are needed.")
    if max(len(en), len(es)) > LONGEST:
        raise NotApprovedError(f"At most {LONGEST} characters each.")
    if name == WITH_HOTLINE and not (PLACEHOLDER in en and PLACEHOLDER in es):
        raise NotApprovedError(f"Both must hold {PLACEHOLDER}: the number is put there.")
    if checked_on > today:
        raise NotApprovedError("The day of the check cannot lie ahead.")


def approved_words(session: Session) -> dict[str, ApprovedWords]:
    """Return what has been approved, by name."""
    return {row.name: row for name in NAMES if (row := session.get(ApprovedWords, name)) is not None}
