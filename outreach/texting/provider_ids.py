"""Which of Twilio's ids belongs to which of our texts: each id to one text for good."""

from collections.abc import Iterable, Mapping

from sqlalchemy import ARRAY, BigInteger, String, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.texting.models import ProviderId

_NEW = (
    func.unnest(bindparam("sids", type_=ARRAY(String)), bindparam("ids", type_=ARRAY(BigInteger)))
    .table_valued("sid", "text_id")
    .render_derived()
)
# In the order of the ids, so that two who tie the same do not wait for each other.
_TIE = (
    insert(ProviderId.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .from_select(["sid", "text_id"], select(_NEW.c.sid, _NEW.c.text_id).order_by(_NEW.c.sid))
    .on_conflict_do_nothing()
)


def tie_sids(session: Session, texts: Mapping[str, int]) -> dict[str, int]:
    """Tie Twilio's ids to texts, unless they are another's already; return whose each id is now."""
    if not texts:
        return {}
    session.execute(_TIE, {"sids": list(texts), "ids": list(texts.values())})
    return owners_of(session, texts)


def owners_of(session: Session, sids: Iterable[str]) -> dict[str, int]:
    """Return whose each of these ids is; ids of no text of ours are left out."""
    known = select(ProviderId.sid, ProviderId.text_id).where(ProviderId.sid.in_(list(sids)))
    return dict(session.execute(known).all())
