"""What people say that a text meant, where the program had read it otherwise: labelled lines to learn from."""

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.conversations.models import Correction
from outreach.errors import OutreachError
from outreach.texting.models import Text
from outreach.understanding import Intent

BATCH = 1000


def correct_reading(  # noqa: PLR0913 - a correction has these parts
    session: Session, text: Text, intent: str, *, opt_out: bool, by: str, now: datetime
) -> None:
    """Keep what a text meant; the last word counts. It changes no wish: opting out is an act of its own."""
    if intent not in set(Intent):
        raise OutreachError("Choose what the text meant.")
    values = {"intent": intent, "opt_out": opt_out, "by": by, "at": now}
    row = insert(Correction).values(text_id=text.id, **values)
    session.execute(row.on_conflict_do_update(index_elements=[Correction.text_id], set_=values))
    record_act(session, by, "reading corrected", now, text=text.id)


def corrected(session: Session, limit: int) -> list[tuple[Correction, Text]]:
    """Return the newest corrections with their texts."""
    newest = _wanted().order_by(Correction.at.desc(), Correction.text_id).limit(limit)
    return [(correction, text) for correction, text in session.execute(newest)]


def labelled_lines(session: Session) -> Iterator[str]:
    """Yield a JSON line for each correction, labelled as the examples are, with the program's own reading beside it.

    What is for the grievance officers alone is left out.
    """
    every = _wanted().order_by(Correction.text_id).execution_options(yield_per=BATCH)
    for correction, text in session.execute(every):
        reading = text.reading or {}
        line: dict[str, object] = {
            "id": str(text.id),
            "text": text.body,
            "context": "any",
            "intent": correction.intent,
            "also": [],
            "accept": [],
            "opt_out": correction.opt_out,
            "read_as": reading.get("intent"),
            "rule": reading.get("rule"),
        }
        yield json.dumps(line, ensure_ascii=False)


def _wanted() -> Select[Correction, Text]:
    joined = select(Correction, Text).join(Text, Text.id == Correction.text_id)
    return joined.where(Text.restricted.is_(False))
