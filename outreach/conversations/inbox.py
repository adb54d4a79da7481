"""The inbox: what waits for a person, in the order in which it must be looked at; and the thread of a number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session

from outreach.conversations.seeing import Viewer, hidden_numbers, readable, readable_texts
from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.people.phones import mask_phone
from outreach.people.short_names import short_name
from outreach.texting.models import Direction, Text, TextStatus
from outreach.trainings.models import Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.understanding import Intent

PAGE = 25
LONGEST_THREAD = 60
# A machine must not answer these, and nobody should wait for a person: read before everything else.
URGENT = (Intent.SENSITIVE, Intent.DECEASED)
URGENT_FACTS = ("sensitive", "under_18")
COMING = (RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.WAITLISTED)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Rank(IntEnum):
    """Why something stands where it stands in the inbox."""

    URGENT = 0
    TODAY = 1
    OPT_OUT = 2
    MINE = 3
    OTHER = 4


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody's look into the inbox: who, when, and in which zone today is."""

    viewer: Viewer
    now: datetime
    zone: ZoneInfo


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the inbox: the key by which the next page is found."""

    rank: int
    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{self.rank}-{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def parse(cls, written: str) -> "Place | None":
        """Read what `str` wrote; None for anything else."""
        parts = written.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            return None
        rank, micros, number_id = map(int, parts)
        try:
            return cls(rank, EPOCH + timedelta(microseconds=micros), number_id) if rank <= max(Rank) else None
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One number that waits for a person, by the text that has waited longest (or is urgent)."""

    text: Text
    number: PhoneNumber
    rank: Rank
    names: tuple[str, ...]

    @property
    def urgent(self) -> bool:
        """Tell whether it must not wait."""
        return self.rank is Rank.URGENT

    @property
    def place(self) -> Place:
        """Return where it stands in the inbox."""
        return Place(self.rank, self.text.created_at, self.number.id)


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of the inbox and where the next one begins (None: this is the last)."""

    waiting: tuple[Waiting, ...]
    next: Place | None


def inbox_page(session: Session, look: Look, after: Place | None = None, limit: int = PAGE) -> InboxPage:
    """Return what waits for a person after a place, each number once; never counts what there is."""
    ranked = _ranked(look)
    wanted = select(Text, PhoneNumber, ranked.c.rank)
    wanted = wanted.join(ranked, ranked.c.text_id == Text.id).join(PhoneNumber, PhoneNumber.id == ranked.c.number_id)
    if after is not None:
        wanted = wanted.where(
            tuple_(ranked.c.rank, ranked.c.at, ranked.c.number_id) > tuple_(after.rank, after.at, after.id)
        )
    found = session.execute(wanted.order_by(ranked.c.rank, ranked.c.at, ranked.c.number_id).limit(limit + 1)).all()
    names = names_on(session, {number.id for _, number, _ in found})
    shown = tuple(
        Waiting(text, number, Rank(rank), names.get(number.id) or (mask_phone(number.phone),))
        for text, number, rank in found[:limit]
    )
    return InboxPage(shown, shown[-1].place if len(found) > limit else None)


def count_waiting(session: Session, viewer: Viewer, limit: int) -> int:
    """Count the texts that wait for a person, up to a limit."""
    waiting = select(Text.id).where(_needs_person(viewer)).limit(limit)
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def has_urgent(session: Session, viewer: Viewer) -> bool:
    """Tell whether an urgent text waits."""
    urgent = select(Text.id).where(_needs_person(viewer), _is_urgent())
    return session.scalar(urgent.limit(1)) is not None


def is_urgent(text: Text) -> bool:
    """Tell whether a text is one that must not wait."""
    reading = text.reading or {}
    facts = reading.get("facts") or {}
    return reading.get("intent") in URGENT or any(facts.get(name) for name in URGENT_FACTS)


def names_on(session: Session, number_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Return the short names of who is reached at each number: first name and initial."""
    ids = list(number_ids)
    if not ids:
        return {}
    rows = session.execute(
        select(PersonNumber.number_id, Person)
        .join(Person, Person.id == PersonNumber.person_id)
        .where(PersonNumber.number_id.in_(ids), PersonNumber.retired_at.is_(None), Person.merged_into_id.is_(None))
        .order_by(Person.id)
    )
    names: dict[int, tuple[str, ...]] = {}
    for number_id, person in rows:
        names[number_id] = (*names.get(number_id, ()), short_name(person))
    return names


def thread_of(session: Session, number_id: int, viewer: Viewer, limit: int = LONGEST_THREAD) -> Sequence[Text]:
    """Return the newest texts of a number that somebody may read, in and out, oldest first."""
    mine = select(Text).where(Text.number_id == number_id, readable(session, number_id, viewer))
    return list(reversed(session.scalars(mine.order_by(Text.id.desc()).limit(limit)).all()))


def newest_inbound(thread: Sequence[Text]) -> Text | None:
    """Return the last text of a thread that came in."""
    return next((text for text in reversed(thread) if text.direction == Direction.IN), None)


def hosts_today(number_id: int, now: datetime, zone: ZoneInfo) -> Select[str | None]:
    """Select the e-mails of the hosts of sessions of this day at which somebody on a number is expected."""
    theirs = comes_today(now, zone).where(PersonNumber.number_id == number_id, TrainingSession.host.is_not(None))
    return theirs.with_only_columns(TrainingSession.host).distinct()


def comes_today(now: datetime, zone: ZoneInfo) -> Select[int]:
    """Select the numbers of people who are expected at a session of this day."""
    local = now.astimezone(zone).date()
    begin = datetime.combine(local, time(), zone)
    end = datetime.combine(local + timedelta(days=1), time(), zone)
    return (
        select(PersonNumber.number_id)
        .join(Rsvp, Rsvp.person_id == PersonNumber.person_id)
        .join(TrainingSession, TrainingSession.id == Rsvp.session_id)
        .where(
            PersonNumber.retired_at.is_(None),
            Rsvp.status.in_(COMING),
            TrainingSession.state == SessionState.SCHEDULED,
            TrainingSession.starts_at >= begin,
            TrainingSession.starts_at < end,
        )
    )


def _ranked(look: Look) -> Subquery:
    """Select each number that waits once, with its rank and the text that it stands there by."""
    urgent, per = _is_urgent(), Text.number_id
    waiting = (
        select(
            per.label("number_id"),
            func.bool_or(urgent).label("urgent"),
            func.bool_or(func.coalesce(Text.reading["suppress"].astext == "hold", False)).label("opt_out"),
            func.coalesce(func.min(Text.created_at).filter(urgent), func.min(Text.created_at)).label("at"),
            func.coalesce(func.min(Text.id).filter(urgent), func.min(Text.id)).label("text_id"),
        )
        .where(_needs_person(look.viewer))
        .group_by(per)
        .subquery()
    )
    rank = case(
        (waiting.c.urgent, Rank.URGENT.value),
        (waiting.c.number_id.in_(comes_today(look.now, look.zone)), Rank.TODAY.value),
        (waiting.c.opt_out, Rank.OPT_OUT.value),
        (PhoneNumber.owner == look.viewer.email, Rank.MINE.value),
        else_=Rank.OTHER.value,
    )
    awake = or_(waiting.c.urgent, PhoneNumber.snoozed_until.is_(None), PhoneNumber.snoozed_until <= look.now)
    return (
        select(waiting.c.number_id, waiting.c.at, waiting.c.text_id, rank.label("rank"))
        .join(PhoneNumber, PhoneNumber.id == waiting.c.number_id)
        .where(awake)
        .subquery()
    )


def _needs_person(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition on texts that wait for a person, of threads that this one may see."""
    seen = Text.number_id.not_in(hidden_numbers(viewer))
    return and_(Text.status == TextStatus.NEEDS_PERSON, seen, readable_texts(viewer))


def _is_urgent() -> ColumnElement[bool]:
    facts = [Text.reading["facts"].has_key(name) for name in URGENT_FACTS]
    return func.coalesce(or_(Text.reading["intent"].astext.in_(URGENT), *facts), False)
