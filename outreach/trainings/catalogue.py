"""The catalogue: the trainings that are offered, and the agreements that everybody comes under."""

import re
import unicodedata
from datetime import datetime

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from outreach.trainings.levels import LEVEL_ORDER
from outreach.trainings.models import Agreement, Level, Training
from outreach.trainings.refusals import RefusedError

LONGEST_TITLE = 120
AGREEMENTS_WORDING = {"en": "Our agreements", "es": "Acuerdos"}


def list_trainings(session: Session) -> list[Training]:
    """Return the whole catalogue: fundamentals first, each level in the order in which it was written."""
    rank = case({level: place for place, level in enumerate(LEVEL_ORDER)}, value=Training.level)
    return list(session.scalars(select(Training).order_by(rank, Training.id)))


def add_training(session: Session, title: str, level: Level, now: datetime, title_es: str = "") -> Training:
    """Add a training to the catalogue and return it; a title that is there already makes a second one.

    Raises RefusedError for a title that is empty or too long for a text.
    """
    words = " ".join(title.split())
    if not 0 < len(words) <= LONGEST_TITLE:
        raise RefusedError(f"A title has 1 to {LONGEST_TITLE} characters, not {len(words)}. Give a short one.")
    training = Training(
        slug=_free_slug(session, words), title=words, title_es=title_es.strip(), level=level, created_at=now
    )
    session.add(training)
    session.flush()
    return training


def same_title(session: Session, title: str) -> int | None:
    """Return the id of a training of this title, whatever its case, or None."""
    words = " ".join(title.split()).lower()
    return session.scalar(select(Training.id).where(func.lower(Training.title) == words).order_by(Training.id).limit(1))


def agreements(session: Session, language: str) -> list[str]:
    """Return the chapter's agreements, a line each, in Spanish for `es`, else in English."""
    lines = session.scalars(select(Agreement).order_by(Agreement.position, Agreement.id))
    return [line.words_es if language == "es" else line.words for line in lines]


def agreements_text(session: Session, language: str) -> str:
    """Return the agreements as they stand beside a confirmation, empty if the chapter has none.

    Those that ship with the program take one segment in either language.
    """
    lines = agreements(session, language)
    wording = AGREEMENTS_WORDING["es" if language == "es" else "en"]
    return f"{wording}: {'; '.join(lines)}." if lines else ""


def _free_slug(session: Session, title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-") or "training"
    taken = set(session.scalars(select(Training.slug).where(Training.slug.startswith(slug, autoescape=True))))
    candidate, number = slug, 1
    while candidate in taken:
        number += 1
        candidate = f"{slug}-{number}"
    return candidate
