"""Claiming due texts: the last look at opt-outs, hours, expiry, gates and pace before anything leaves."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Select, String, bindparam, exists, func, select, update
from sqlalchemy.orm import Session, object_session
from sqlalchemy.orm.attributes import set_committed_value

from outreach.people.models import NumberStatus, Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.gates import ALL
from outreach.texting.hours import REPLY_WINDOW, Hours, Window, closing, next_open
from outreach.texting.models import Gate, Kind, SenderPace, Text, TextStatus
from outreach.texting.outbox import GAP_IN_TURN
from outreach.texting.pace import CLAIM_SECONDS, lock_paces
from outreach.texting.spending import note_spent, segments_left
from outreach.texting.whereabouts import Occasion, Whereabouts, windows_of

CLAIM_AT_MOST = 500
# Nobody is texted less than this before their hours close: the carrier needs some seconds too.
WALL_MARGIN = timedelta(seconds=60)
LONGEST_VALIDITY = timedelta(hours=10)
# A text that costs more than is left of the month's budget waits so long before it is looked at again.
TOO_DEAR = timedelta(minutes=10)

_ROW = Text.__table__.c
_MADE = (
    func.unnest(bindparam("ids", type_=ARRAY(BigInteger)), bindparam("keys", type_=ARRAY(String)))
    .table_valued("id", "key")
    .render_derived()
)
_CLAIM = (
    update(Text.__table__)  # type: ignore[arg-type] # a mapped class's table is one
    .where(_ROW.id == _MADE.c.id)
    .values(
        status=TextStatus.SENDING,
        claim=_MADE.c.key,
        claimed_at=bindparam("at", type_=_ROW.claimed_at.type),
        attempts=_ROW.attempts + 1,
    )
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One text that is ours to hand to Twilio, until it is recorded or found out."""

    id: int
    number_id: int
    phone: str
    sender: str
    body: str
    gate: str | None
    campaign_id: int | None
    key: str
    attempt: int
    due_at: datetime
    claimed_at: datetime
    valid_seconds: int
    automated: bool
    exempt_from_opt_out: bool
    segments: int = 1


def hours_of(settings: Settings) -> Hours:
    """Return the chapter's text hours."""
    return Hours(settings.text_hours, settings.text_hours_sunday, settings.org_timezone)


def claim_due(session: Session, settings: Settings, now: datetime) -> list[Claim]:
    """Claim what is due and allowed, at most some seconds of pace; what is not allowed any more is ended.

    Texts whose hours are closed are put off to when they open. The caller commits before it calls Twilio.
    """
    if session.scalar(select(Gate.closed_at).where(Gate.name == ALL)):
        return []
    paces = lock_paces(session, settings.senders, settings.sender_rate, now)
    affordable = segments_left(session, settings, now)
    if not paces or affordable == 0:
        return []
    limit = min(CLAIM_AT_MOST, max(1, int(settings.sender_rate * CLAIM_SECONDS * len(paces))))
    rows = session.execute(_due(now, paces, limit)).all()
    claiming = _Claiming(paces, hours_of(settings), affordable, _just_called(session, now) if rows else set(), now)
    claims = [claim for text, number, zone, zip_code in rows if (claim := claiming.take(text, number, zone, zip_code))]
    if claims:
        _write_down(session, claims, now)
    note_spent(session, settings, sum(claim.segments for claim in claims), now)
    return claims


def _due(
    now: datetime, paces: Mapping[str, SenderPace], limit: int
) -> Select[Text, PhoneNumber, str | None, str | None]:
    closed = exists().where(Gate.name == Text.gate, Gate.closed_at.is_not(None))
    due = (
        select(Text, PhoneNumber, Person.timezone, Person.zip)
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .outerjoin(Person, Person.id == Text.person_id)
        .where(Text.status == TextStatus.QUEUED, Text.due_at <= now, Text.sender.in_(paces), ~closed)
        .order_by(Text.priority, Text.due_at, Text.id)
        .limit(limit)
        .with_for_update(key_share=True, of=Text, skip_locked=True)
    )
    resting = [sender for sender, pace in paces.items() if (pace.campaigns_rest_until or now) > now]
    return due.where(~(Text.sender.in_(resting) & (Text.kind == Kind.BULK))) if resting else due


def _just_called(session: Session, now: datetime) -> set[int]:
    """Return the numbers to which a text was claimed some seconds ago, whose call may still be under way."""
    # Not those of the due texts alone: then PostgreSQL looks through all that was ever written to each of them.
    lately = select(Text.number_id).where(Text.status == TextStatus.SENDING, Text.claimed_at > now - GAP_IN_TURN)
    return set(session.scalars(lately))


class _Claiming:
    """One look at due texts: what is left of pace and budget, whose hours were looked up, who was texted."""

    def __init__(
        self,
        paces: Mapping[str, SenderPace],
        hours: Hours,
        affordable: int | None,
        texted: set[int],
        now: datetime,
    ) -> None:
        self._paces, self._hours, self._affordable, self._now = paces, hours, affordable, now
        self._openings = dict[tuple[Window, ...], datetime | None]()
        self._texted = texted

    def take(self, text: Text, number: PhoneNumber, zone: str | None, zip_code: str | None) -> Claim | None:
        """Claim one text, or end it, or put it off."""
        now = self._now
        ended = refusal(text, number, now)
        if ended:
            text.status, text.final_at = ended, now
            return None
        where, occasion = Whereabouts(number.phone, zone, zip_code), occasion_of(text, now)
        windows = windows_of(where, self._hours, occasion)
        if occasion is Occasion.PERSONAL and self._opening(windows) != now:
            windows = windows_of(where, self._hours)  # by the time these open, it is no answer to just now any more
        opening = self._opening(windows)
        if opening != now and not is_free_of_hours(text, now):
            _put_off(text, opening, now)
            return None
        if number.id in self._texted or self._comes_before(text):
            # Calls overlap: two texts to one person would arrive in any order.
            text.due_at = now + GAP_IN_TURN
            return None
        pace = self._paces[text.sender or ""]
        if pace.tokens < 1:
            return None
        if self._affordable is not None and text.segments > self._affordable:
            text.due_at = now + TOO_DEAR
            return None
        self._spend(text, pace)
        wall = closing(now, windows) if opening == now else now
        return _claimed(text, number, _leave_by(text, wall, now), now)

    def _opening(self, windows: tuple[Window, ...]) -> datetime | None:
        if windows not in self._openings:
            self._openings[windows] = next_open(self._now, windows, WALL_MARGIN)
        return self._openings[windows]

    def _comes_before(self, text: Text) -> bool:
        """Tell whether an earlier text of the same turn has not left yet."""
        session = object_session(text)
        if not text.place_in_turn or session is None:
            return False
        earlier = select(Text.id).where(
            Text.conversation_id == text.conversation_id,
            Text.turn == text.turn,
            Text.place_in_turn < text.place_in_turn,
            Text.status.in_((TextStatus.QUEUED, TextStatus.SENDING)),
        )
        return session.scalar(earlier.limit(1)) is not None

    def _spend(self, text: Text, pace: SenderPace) -> None:
        pace.tokens -= text.segments
        self._texted.add(text.number_id)
        if self._affordable is not None:
            self._affordable -= text.segments


def occasion_of(text: Text, now: datetime) -> Occasion:
    """Return what a text is about, as far as its hours go."""
    if text.is_change:
        return Occasion.CHANGE
    return Occasion.PERSONAL if not text.automated and _answers_lately(text, now) else Occasion.USUAL


def _leave_by(text: Text, wall: datetime | None, now: datetime) -> datetime:
    """Return by when the carrier must have handed a text over: no carrier may do so at night for us."""
    latest = now + LONGEST_VALIDITY
    if wall is not None:
        answered_by = text.answers_at + REPLY_WINDOW + WALL_MARGIN if text.answers_at else wall
        latest = min(latest, max(wall - WALL_MARGIN, answered_by if is_free_of_hours(text, now) else now))
    return min(latest, text.expires_at or latest)


def refusal(text: Text, number: PhoneNumber, now: datetime) -> TextStatus | None:
    """Return the status that ends a text which may not leave any more, or None when it may."""
    if text.expires_at is not None and text.expires_at <= now:
        return TextStatus.EXPIRED
    if text.exempt_from_opt_out:
        return None
    if number.texts_opted_out_at is not None or number.status != NumberStatus.OK:
        return TextStatus.SUPPRESSED
    if text.automated and not text.despite_hold and number.automation_held_at is not None:
        return TextStatus.SUPPRESSED
    if text.retry_of is not None and number.last_inbound_at is not None and number.last_inbound_at > text.created_at:
        return TextStatus.CANCELED  # they wrote meanwhile: what failed to reach them is over
    return None


def is_free_of_hours(text: Text, now: datetime) -> bool:
    """Tell whether a text may leave at any hour: it is the program's answer to what came in within the hour."""
    return text.automated and _answers_lately(text, now)


def _answers_lately(text: Text, now: datetime) -> bool:
    return text.answers_at is not None and now - text.answers_at <= REPLY_WINDOW


def _put_off(text: Text, opening: datetime | None, now: datetime) -> None:
    if opening is None or (text.expires_at is not None and text.expires_at <= opening):
        text.status, text.final_at = TextStatus.EXPIRED, now
        return
    text.due_at = opening + GAP_IN_TURN * (text.place_in_turn or 0)


def _claimed(text: Text, number: PhoneNumber, leave_by: datetime, now: datetime) -> Claim:
    """Make a claim of a text. `_write_down` does so for all of them at once, which the text here already knows."""
    key, attempt = secrets.token_hex(16), text.attempts + 1
    for name, value in (("status", TextStatus.SENDING), ("claim", key), ("claimed_at", now), ("attempts", attempt)):
        set_committed_value(text, name, value)
    return Claim(
        id=text.id,
        number_id=number.id,
        phone=number.phone,
        sender=text.sender or "",
        body=text.body,
        gate=text.gate,
        campaign_id=text.campaign_id,
        key=key,
        attempt=attempt,
        due_at=text.due_at or now,
        claimed_at=now,
        segments=text.segments,
        valid_seconds=max(1, int((leave_by - now).total_seconds())),
        automated=text.automated,
        exempt_from_opt_out=text.exempt_from_opt_out,
    )


def _write_down(session: Session, claims: Sequence[Claim], now: datetime) -> None:
    """Write claims down in one statement: the session would write each text by itself. Their rows are locked."""
    made = {"ids": [claim.id for claim in claims], "keys": [claim.key for claim in claims], "at": now}
    session.execute(_CLAIM, made)


def stopped_claims(session: Session, ids: Sequence[int]) -> dict[int, TextStatus]:
    """Return those of our claims that may not leave after all, with the status they get: the last check."""
    if session.scalar(select(Gate.closed_at).where(Gate.name == ALL)):
        return dict.fromkeys(ids, TextStatus.QUEUED)
    rows = session.execute(
        select(Text.id, Text.status, Gate.closed_at, PhoneNumber, Text)
        .join(PhoneNumber, PhoneNumber.id == Text.number_id)
        .outerjoin(Gate, Gate.name == Text.gate)
        .where(
            Text.id.in_(ids),
            (PhoneNumber.texts_opted_out_at.is_not(None))
            | (PhoneNumber.automation_held_at.is_not(None))
            | (PhoneNumber.status != NumberStatus.OK)
            | (Gate.closed_at.is_not(None)),
        )
    ).all()
    stopped = {}
    for text_id, _, closed_at, number, text in rows:
        ended = refusal(text, number, text.claimed_at or text.created_at)
        if ended or closed_at:
            stopped[text_id] = ended or TextStatus.QUEUED
    return stopped


def release(session: Session, claim: Claim, status: TextStatus, now: datetime) -> None:
    """Give back a claim that was never handed to Twilio: to the queue, or ended."""
    values: dict[str, Any] = {"status": status, "claim": None, "claimed_at": None, "attempts": Text.attempts - 1}
    if status != TextStatus.QUEUED:
        values["final_at"] = now
    session.execute(
        update(Text)
        .where(Text.id == claim.id, Text.claim == claim.key, Text.status == TextStatus.SENDING)
        .values(**values)
    )
