"""The inbox: what waits for a person, urgent things first, then the longest waiting; and the thread of a number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.people.phones import mask_phone
from outreach.people.short_names import short_name
from outreach.texting.models import Direction, Text, TextStatus
from outreach.understanding import Intent

PAGE = 25
LONGEST_THREAD = 60
# A machine must not answer these, and nobody should wait for a person: read before everything else.
URGENT = (Intent.SENSITIVE, Intent.DECEASED)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in the inbox: the key by which the next page is found."""

    calm: bool
    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{int(self.calm)}-{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def parse(cls, written: str) -> "Place | None":
        """Read what `str` wrote; None for anything else."""
        parts = written.split("-")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in parts):
            return None
        calm, micros, text_id = map(int, parts)
        try:
            return cls(bool(calm), EPOCH + timedelta(microseconds=micros), text_id)
        except OverflowError:
            return None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One number that waits for a person, by the text that has waited longest (or is urgent)."""

    text: Text
    number: PhoneNumber
    urgent: bool
    names: tuple[str, ...]

    @property
    def place(self) -> Place:
        """Return where it stands in the inbox."""
        return Place(not self.urgent, self.text.created_at, self.text.id)


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of the inbox and where the next one begins (None: this is the last)."""

    waiting: tuple[Waiting, ...]
    next: Place | None


def inbox_page(session: Session, after: Place | None = None, limit: int = PAGE) -> InboxPage:
    """Return what waits for a person after a place, each number once; never counts what there is."""
    rows: list[tuple[Text, PhoneNumber, bool]] = []
    for urgent in (True, False):
        if after is None or after.calm <= (not urgent):
            beyond = after if after is not None and after.calm is (not urgent) else None
            found = session.execute(_waiting(urgent=urgent, after=beyond).limit(limit + 1 - len(rows)))
            rows += [(text, number, urgent) for text, number in found]
    names = names_on(session, {number.id for _, number, _ in rows})
    shown = tuple(
        Waiting(text, number, urgent, names.get(number.id) or (mask_phone(number.phone),))
        for text, number, urgent in rows[:limit]
    )
    return InboxPage(shown, shown[-1].place if len(rows) > limit else None)


def count_waiting(session: Session, limit: int) -> int:
    """Count the texts that wait for a person, up to a limit."""
    waiting = select(Text.id).where(Text.status == TextStatus.NEEDS_PERSON).limit(limit)
    return session.scalar(select(func.count()).select_from(waiting.subquery())) or 0


def has_urgent(session: Session) -> bool:
    """Tell whether an urgent text waits."""
    return session.scalar(select(Text.id).where(_needs_person(Text), _is_urgent(Text)).limit(1)) is not None


def is_urgent(text: Text) -> bool:
    """Tell whether a text is one that must not wait."""
    return (text.reading or {}).get("intent") in URGENT


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


def thread_of(session: Session, number_id: int, limit: int = LONGEST_THREAD) -> Sequence[Text]:
    """Return the newest texts of a number, in and out, oldest first."""
    newest = select(Text).where(Text.number_id == number_id).order_by(Text.id.desc()).limit(limit)
    return list(reversed(session.scalars(newest).all()))


def newest_inbound(thread: Sequence[Text]) -> Text | None:
    """Return the last text of a thread that came in."""
    return next((text for text in reversed(thread) if text.direction == Direction.IN), None)


def _waiting(*, urgent: bool, after: Place | None) -> Select[Text, PhoneNumber]:
    """Select the longest waiting text of each number: of its urgent ones, or of numbers that have none."""
    other = aliased(Text)
    same = exists().where(other.number_id == Text.number_id, _needs_person(other))
    earlier = other.id < Text.id
    if urgent:
        mine = and_(_is_urgent(Text), ~same.where(_is_urgent(other), earlier))
    else:
        mine = ~same.where(or_(earlier, _is_urgent(other)))
    wanted = select(Text, PhoneNumber).join(PhoneNumber, PhoneNumber.id == Text.number_id)
    if after is not None:
        wanted = wanted.where(tuple_(Text.created_at, Text.id) > tuple_(after.at, after.id))
    return wanted.where(_needs_person(Text), mine).order_by(Text.created_at, Text.id)


def _needs_person(text: type[Text]) -> ColumnElement[bool]:
    return text.status == TextStatus.NEEDS_PERSON


def _is_urgent(text: type[Text]) -> ColumnElement[bool]:
    return func.coalesce(text.reading["intent"].astext.in_(URGENT), False)
