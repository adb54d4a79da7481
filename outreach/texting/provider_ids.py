"""Which of Twilio's ids belongs to which of our texts: each id to one text for good."""

from collections.abc import Iterable, Mapping

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.texting.models import ProviderId


def tie_sids(session: Session, texts: Mapping[str, int]) -> dict[str, int]:
    """Tie Twilio's ids to texts, unless they are another's already; return whose each id is now."""
    if not texts:
        return {}
    rows = [{"sid": sid, "text_id": texts[sid]} for sid in sorted(texts)]
    session.execute(insert(ProviderId).values(rows).on_conflict_do_nothing())
    return owners_of(session, texts)


def owners_of(session: Session, sids: Iterable[str]) -> dict[str, int]:
    """Return whose each of these ids is; ids of no text of ours are left out."""
    known = select(ProviderId.sid, ProviderId.text_id).where(ProviderId.sid.in_(list(sids)))
    return dict(session.execute(known).all())
