"""A text that came in: stored once, whatever happens after."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber
from outreach.texting.models import Direction, ProviderId, Text, TextStatus
from outreach.texting.segments import count_segments

MEDIA_AT_MOST = 10


def store_inbound(session: Session, number: PhoneNumber, form: Mapping[str, str], now: datetime) -> Text | None:
    """Store the text that Twilio posted, NUL bytes removed; None when it is stored already."""
    text_id = _claim_sid(session, form["MessageSid"])
    if text_id is None:
        return None
    body = form.get("Body", "").replace("\x00", "")
    row = Text(
        id=text_id,
        direction=Direction.IN,
        number_id=number.id,
        sender=form.get("To", ""),
        body=body,
        segments=_segments(form, body),
        status=TextStatus.RECEIVED,
        created_at=now,
        retry_at=now,
        media=_media(form) or None,
        opt_out_type=form.get("OptOutType") or None,
    )
    session.add(row)
    session.flush()
    return row


def _claim_sid(session: Session, sid: str) -> int | None:
    """Reserve the text's id under Twilio's id; None when that one is taken, which makes a doubled webhook harmless."""
    next_id = func.nextval(func.pg_get_serial_sequence("texts", "id"))
    claim = insert(ProviderId).values(sid=sid, text_id=next_id).on_conflict_do_nothing()
    return session.execute(claim.returning(ProviderId.text_id)).scalar()


def _segments(form: Mapping[str, str], body: str) -> int:
    given = form.get("NumSegments", "")
    return int(given) if given.isdecimal() and len(given) < 4 else count_segments(body).segments


def _media(form: Mapping[str, str]) -> list[dict[str, str]]:
    count = form.get("NumMedia", "0")
    wanted = range(min(int(count), MEDIA_AT_MOST) if count.isdecimal() else 0)
    return [
        {"url": form[f"MediaUrl{place}"], "type": form.get(f"MediaContentType{place}", "")}
        for place in wanted
        if form.get(f"MediaUrl{place}")
    ]
