"""Who may see which thread: harassment inside the chapter is for its named officers alone, admins not."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from outreach.conversations.duties import officers
from outreach.conversations.models import SensitiveCase
from outreach.texting.models import Text
from outreach.understanding import Kind


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody at the inbox: their e-mail, and whether they are a grievance officer."""

    email: str
    officer: bool = False


def viewer_of(session: Session, email: str) -> Viewer:
    """Return who looks."""
    return Viewer(email, any(mine == email for _, mine in officers(session)))


def hidden_numbers(viewer: Viewer) -> Select[int]:
    """Select the numbers whose threads are not for these eyes: with the officers, or about this one of them."""
    theirs = select(SensitiveCase.number_id).where(
        SensitiveCase.kind == Kind.HARASSMENT, SensitiveCase.closed_at.is_(None)
    )
    return theirs.where(SensitiveCase.excluded.contains([viewer.email])) if viewer.officer else theirs


def may_see_thread(session: Session, number_id: int, viewer: Viewer) -> bool:
    """Tell whether a thread as it stands may be opened by somebody."""
    return session.scalar(hidden_numbers(viewer).where(SensitiveCase.number_id == number_id).limit(1)) is None


def sees_restricted(session: Session, number_id: int, viewer: Viewer) -> bool:
    """Tell whether a thread's restricted texts may be read: by officers, of cases that are not about them."""
    if not viewer.officer:
        return False
    about_them = select(SensitiveCase.id).where(
        SensitiveCase.number_id == number_id,
        SensitiveCase.kind == Kind.HARASSMENT,
        SensitiveCase.excluded.contains([viewer.email]),
    )
    return session.scalar(about_them.limit(1)) is None


def readable_texts(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on texts of any number that somebody may read, however its cases have ended."""
    if not viewer.officer:
        return Text.restricted.is_(False)
    about_them = select(SensitiveCase.number_id).where(
        SensitiveCase.kind == Kind.HARASSMENT, SensitiveCase.excluded.contains([viewer.email])
    )
    return or_(Text.restricted.is_(False), Text.number_id.not_in(about_them))


def readable(session: Session, number_id: int, viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on texts of a number that somebody may read."""
    everything = sees_restricted(session, number_id, viewer)
    return Text.id.is_not(None) if everything else Text.restricted.is_(False)
