"""The outbox: every outgoing text is a row here before it is anything else."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Update, bindparam, case, exists, insert, select, update
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber
from outreach.texting.gates import ALL
from outreach.texting.models import PRIORITY, Direction, Gate, Kind, SenderPace, Text, TextStatus
from outreach.texting.segments import count_segments

DRAIN = "outreach.texting.jobs.drain"
# Two texts to one person keep their order at the carrier when they leave some seconds apart.
GAP_IN_TURN = timedelta(seconds=4)
# What a draft says of its text, column by column; the rest is found out when it is put in the outbox.
_DRAFTED = (
    "person_id",
    "body",
    "kind",
    "expires_at",
    "answers_at",
    "campaign_id",
    "conversation_id",
    "turn",
    "place_in_turn",
    "first_of_campaign",
    "gate",
    "exempt_from_opt_out",
    "automated",
    "is_change",
    "despite_hold",
    "restricted",
)
_FOUND = ("number_id", "sender", "segments", "created_at", "priority", "due_at")
_COLUMNS = Text.__table__.c
# Built once, and below the ORM: this is where every outgoing text begins. `values_of` gives it what it needs.
PUT = (
    insert(Text.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .values(direction=Direction.OUT, status=TextStatus.QUEUED, attempts=0, tries=0)
    .values({name: bindparam(f"text_{name}", type_=_COLUMNS[name].type) for name in (*_DRAFTED, *_FOUND)})
    .returning(_COLUMNS.id)
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A text to be put in the outbox. `answers_at` is when the text that it answers came in."""

    body: str
    kind: Kind
    person_id: int | None = None
    campaign_id: int | None = None
    conversation_id: int | None = None
    turn: int | None = None
    place_in_turn: int | None = None
    first_of_campaign: bool = False
    gate: str | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None
    answers_at: datetime | None = None
    exempt_from_opt_out: bool = False
    automated: bool = True
    is_change: bool = False
    despite_hold: bool = False
    restricted: bool = False


def put_in_outbox(session: Session, number: PhoneNumber, draft: Draft, now: datetime) -> int:
    """Add a text to the outbox and return its id; it leaves when it is due and everything allows it."""
    text_id: int = session.execute(PUT, values_of(number, draft, now)).scalar_one()
    return text_id


def values_of(number: PhoneNumber, draft: Draft, now: datetime) -> dict[str, Any]:
    """Return what `PUT` needs to add this text to the outbox."""
    return {f"text_{name}": getattr(draft, name) for name in _DRAFTED} | {
        "text_number_id": number.id,
        "text_sender": number.sender,
        "text_segments": count_segments(draft.body).segments,
        "text_created_at": now,
        "text_priority": PRIORITY[draft.kind],
        "text_due_at": (draft.due_at or now) + GAP_IN_TURN * (draft.place_in_turn or 0),
    }


def cancel_queued(
    session: Session, numbers: int | Collection[int], status: TextStatus, now: datetime, *, keep_approved: bool = False
) -> int:
    """Take everything queued for a number, or for several, out of the outbox, with the status that says why.

    Returns how many.

    With `keep_approved` the words that people approved for a held number stay.
    """
    kept = Text.exempt_from_opt_out | Text.despite_hold if keep_approved else Text.exempt_from_opt_out
    theirs = Text.number_id == numbers if isinstance(numbers, int) else Text.number_id.in_(numbers)
    queued = _queued(theirs, ~kept).values(status=status, final_at=now)
    return len(session.execute(queued.returning(Text.id)).all())


def cancel_conversation_texts(session: Session, conversation_id: int, now: datetime) -> None:
    """Take what a conversation still has queued out of the outbox: its turn is over."""
    theirs = _queued(Text.conversation_id == conversation_id)
    session.execute(theirs.values(status=TextStatus.CANCELED, final_at=now))


def cancel_campaign_texts(session: Session, campaign_id: int, now: datetime) -> None:
    """Take a cancelled campaign's first texts and nudges out of the outbox; answers to members stay."""
    its = _queued(Text.campaign_id == campaign_id, Text.kind == Kind.BULK)
    session.execute(its.values(status=TextStatus.CANCELED, final_at=now))


def _queued(*which: ColumnElement[bool]) -> Update:
    """Return an update of queued texts, taken in the order of their ids, as by everybody who takes several."""
    rows = select(Text.id).where(Text.status == TextStatus.QUEUED, *which).order_by(Text.id)
    return update(Text).where(Text.id.in_(rows.with_for_update(key_share=True)))


def sender_for(session: Session, number: PhoneNumber, senders: tuple[str, ...]) -> str:
    """Return the sender that this number always hears from, chosen once and kept while it is in the pool."""
    if number.sender not in senders:
        number.sender = senders[number.id % len(senders)]
        session.flush()
    return number.sender


def has_due_texts(session: Session, now: datetime) -> bool:
    """Tell whether any text is due."""
    due = select(Text.id).where(Text.status == TextStatus.QUEUED, Text.due_at <= now).limit(1)
    return session.scalar(due) is not None


def next_due(session: Session, senders: tuple[str, ...], now: datetime) -> dict[str, datetime]:
    """Return when the next text that could leave from each sender is due.

    Texts behind a closed gate do not count, nor a campaign's while its sender has none left of a day's cap.
    """
    if session.scalar(select(Gate.closed_at).where(Gate.name == ALL)):
        return {}
    closed = exists().where(Gate.name == Text.gate, Gate.closed_at.is_not(None))
    rests = exists().where(SenderPace.sender == Text.sender, SenderPace.campaigns_rest_until > now)
    free = (~closed, (Text.kind != Kind.BULK) | ~rests)
    waiting = select(Text.due_at).where(Text.status == TextStatus.QUEUED, *free).order_by(Text.due_at).limit(1)
    found = {sender: session.scalar(waiting.where(Text.sender == sender)) for sender in senders}
    return {sender: due for sender, due in found.items() if due is not None}


def adopt_texts(session: Session, senders: tuple[str, ...]) -> int:
    """Give texts that wait for a sender which is not ours any more, or for none, to one that is; return how many."""
    place = Text.number_id % len(senders)
    theirs: ColumnElement[str] = case(*((place == rank, sender) for rank, sender in enumerate(senders)))
    stranded = Text.sender.is_(None) | Text.sender.not_in(senders)
    adopted = _queued(stranded).values(sender=theirs)
    return len(session.execute(adopted.returning(Text.id)).all())
