"""A text that came in: taken in once, whatever happens after."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, true, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from outreach.people.models import Person, PhoneNumber
from outreach.people.numbers import find_or_create_number
from outreach.prepared import Part, Prepared
from outreach.settings import Settings
from outreach.texting.models import Direction, ProviderId, Text, TextStatus
from outreach.texting.outbox import sender_for
from outreach.texting.segments import count_segments

MEDIA_AT_MOST = 10

# The number is locked first and Twilio's id claimed under that lock, so that the same text posted many times at once
# waits for itself; all in one statement, for every text that comes in takes it.
_HEARD = (
    update(PhoneNumber)
    .where(PhoneNumber.phone == bindparam("from"))
    .values(
        # One that is found late was written before others that we know.
        last_inbound_at=func.greatest(
            PhoneNumber.last_inbound_at, bindparam("at", type_=PhoneNumber.last_inbound_at.type)
        ),
        sender=func.coalesce(bindparam("answer_from", type_=PhoneNumber.sender.type), PhoneNumber.sender),
    )
    .returning(PhoneNumber)
    .cte("heard")
)
_NEXT_ID = func.nextval(func.pg_get_serial_sequence("texts", "id"))
_CLAIMED = (
    insert(ProviderId)
    .from_select(["sid", "text_id"], select(bindparam("sid", type_=ProviderId.sid.type), _NEXT_ID).select_from(_HEARD))
    .on_conflict_do_nothing()
    .returning(ProviderId.text_id)
    .cte("claimed")
)
_NUMBER = Part(PhoneNumber)
_TAKE_IN = Prepared(
    select(*_NUMBER.columns(aliased(PhoneNumber, _HEARD)), _CLAIMED.c.text_id)
    .select_from(_HEARD)
    .outerjoin(_CLAIMED, true())
)

_COLUMNS = (
    "id",
    "direction",
    "number_id",
    "person_id",
    "sender",
    "body",
    "segments",
    "status",
    "created_at",
    "campaign_id",
    "conversation_id",
    "reading",
    "media",
    "opt_out_type",
    "retry_at",
    "attempts",
    "restricted",
)
# Below the ORM, with the columns that a text which came in has.
_INSERT = (
    insert(Text.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .values({name: bindparam(f"text_{name}", type_=Text.__table__.c[name].type) for name in _COLUMNS})
    # Beside another statement SQLAlchemy fills in no defaults.
    .values(
        first_of_campaign=False, exempt_from_opt_out=False, automated=True, is_change=False, despite_hold=False, tries=0
    )
)
# Everybody's first text says what they write in.
_STORE_FIRST = Prepared(
    _INSERT.add_cte(
        update(Person.__table__)  # type: ignore[arg-type] # as above
        .where(Person.__table__.c.id == bindparam("of", type_=Person.__table__.c.id.type))
        .values(written_language=bindparam("in", type_=Person.__table__.c.written_language.type))
        .cte("writes")
    )
)
_STORE = Prepared(_INSERT)


class Inbound(NamedTuple):
    """A text that came in, and the number that it came from, locked until the transaction ends."""

    number: PhoneNumber
    text: Text


def take_in(session: Session, settings: Settings, form: Mapping[str, str], now: datetime) -> Inbound | None:
    """Lock the number and take in the text that Twilio posted; None when it is stored already: then nothing is changed.

    The text has its id, but no row yet: `store` it once it is known what it means, and whatever happens.
    """
    number, text_id = _lock_and_claim(session, settings, form, now)
    if text_id is None:
        session.rollback()
        return None
    sender_for(session, number, settings.senders)
    return Inbound(number, _text(text_id, number, form, now))


def _lock_and_claim(
    session: Session, settings: Settings, form: Mapping[str, str], now: datetime
) -> tuple[PhoneNumber, int | None]:
    """Lock the number, made when it is new, and reserve the text's id under Twilio's id; None: that one is taken."""
    phone, to = form.get("From", ""), form.get("To", "")
    values = {
        "from": phone,
        "at": now,
        # Answer from the number that they wrote to, where it is one of ours.
        "answer_from": to if to in settings.senders else None,
        "sid": form["MessageSid"],
    }
    found = _TAKE_IN.rows(session, values)
    if not found:
        find_or_create_number(session, phone, now, settings.suppression_key.get_secret_value())
        session.flush()
        found = _TAKE_IN.rows(session, values)
    ((*number, text_id),) = found
    return _NUMBER.own(session, number), text_id


def store(session: Session, text: Text, writer: Person | None = None, language: str | None = None) -> None:
    """Store a text that was taken in, as it now is; what is changed of it from here on the session sees to.

    With a language, also that its writer writes in that.
    """
    values = {f"text_{name}": value for name, value in as_row(text).items()}
    if writer is not None and language is not None:
        _STORE_FIRST.run(session, values | {"of": writer.id, "in": language})
        set_committed_value(writer, "written_language", language)
    else:
        _STORE.run(session, values)
    make_transient_to_detached(text)
    session.add(text)


def as_row(text: Text) -> dict[str, Any]:
    """Return what a text that came in has in its row."""
    return {name: getattr(text, name) for name in _COLUMNS}


def _text(text_id: int, number: PhoneNumber, form: Mapping[str, str], now: datetime) -> Text:
    """Return the row of a text that nobody has looked at yet, NUL bytes removed."""
    body = form.get("Body", "").replace("\x00", "")
    return Text(
        id=text_id,
        direction=Direction.IN,
        number_id=number.id,
        person_id=None,
        sender=form.get("To", ""),
        body=body,
        segments=_segments(form, body),
        status=TextStatus.RECEIVED,
        created_at=now,
        campaign_id=None,
        conversation_id=None,
        reading=None,
        retry_at=now,
        attempts=0,
        restricted=False,
        media=_media(form) or None,
        opt_out_type=form.get("OptOutType") or None,
    )


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
