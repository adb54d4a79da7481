"""Whom a campaign would ask, and whom it would leave out: counts, reasons, samples by first name and initial."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, case, exists, func, select
from sqlalchemy.orm import Session

from outreach.campaigns.feeding import limits_of
from outreach.conversations.flow import LANGUAGES
from outreach.conversations.gaps import NEVER_LEFT
from outreach.conversations.gathering import DEFAULT_LANGUAGE
from outreach.conversations.models import BOT, Conversation, ConversationState
from outreach.people.models import Person, Standing
from outreach.people.segments import Segment, count_textable, textable_people, why_left_out
from outreach.settings import Settings
from outreach.texting.models import Kind, Text
from outreach.trainings.models import Rsvp, RsvpStatus

SAMPLES = 5
# Each text of the first so many people is worded to know what the campaign costs.
WORDED = 400
# Beyond this many, who was asked lately is found when their turn comes, and not before.
LOOKED_UP = 20_000

ASKED_RECENTLY = "asked_recently"
WITH_A_PERSON = "with_a_person"
ALREADY_ANSWERED = "already_answered"


class Member(NamedTuple):
    """One person of an audience, as far as the form shows and words it. `shared`: several people on their number."""

    first_name: str
    initial: str
    language: str
    shared: bool

    @property
    def shown_as(self) -> str:
        """Return first name and initial, or that there is no name."""
        return " ".join(part for part in (self.first_name, self.initial) if part) or "no name"

    @property
    def greeted_as(self) -> str:
        """Return the name that a text greets them by: none on a number that several people share."""
        return "" if self.shared else self.first_name


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a campaign would ask: `people` will get a text, `by_language` parts them; `left_out` counts by reason."""

    people: int
    by_language: dict[str, int]
    left_out: dict[str, int]
    members: tuple[Member, ...]
    complete: bool

    @property
    def samples(self) -> tuple[Member, ...]:
        """Return a few of them, to look at."""
        return self.members[:SAMPLES]


def describe_audience(
    session: Session, settings: Settings, segment: Segment, sessions: Sequence[int], at: datetime
) -> Audience:
    """Count whom a campaign to the segment would ask if it began `at` a moment, and whom it would leave out."""
    today, limits = at.astimezone(settings.zone).date(), limits_of(settings)
    people = textable_people(segment, limits, today).subquery("people_to_ask")
    left_out = why_left_out(session, segment, limits, today)
    complete = count_textable(session, segment, limits, today) <= LOOKED_UP
    reason = _reason_at_their_turn(people, settings, sessions, at) if complete else None
    by_language, skipped = _count(session, people, reason)
    return Audience(
        people=sum(by_language.values()),
        by_language=by_language,
        left_out={**left_out, **skipped},
        members=_members(session, people, reason),
        complete=complete,
    )


def _reason_at_their_turn(
    people: Subquery, settings: Settings, sessions: Sequence[int], at: datetime
) -> ColumnElement[str]:
    """Return why somebody of the audience would be passed over when their turn comes; an empty word when not."""
    asked = exists().where(
        Text.number_id == people.c.number_id,
        Text.kind == Kind.BULK,
        Text.status.not_in(NEVER_LEFT),
        Text.created_at > at - timedelta(hours=settings.ask_gap_hours),
    )
    taken_over = exists().where(
        Conversation.number_id == people.c.number_id,
        Conversation.state == ConversationState.LIVE,
        Conversation.owner != BOT,
    )
    answers = select(func.count()).where(
        Rsvp.person_id == people.c.person_id, Rsvp.session_id.in_(sessions), Rsvp.status != RsvpStatus.MAYBE
    )
    answered = [(answers.scalar_subquery() >= len(sessions), ALREADY_ANSWERED)] if sessions else []
    return case((taken_over, WITH_A_PERSON), (asked, ASKED_RECENTLY), *answered, else_="")


def _language() -> ColumnElement[str]:
    spoken = func.coalesce(Person.language, Person.written_language)
    return case((spoken.in_(LANGUAGES), spoken), else_=DEFAULT_LANGUAGE)


def _count(
    session: Session, people: Subquery, reason: ColumnElement[str] | None
) -> tuple[dict[str, int], dict[str, int]]:
    language = _language().label("language")
    why = (reason if reason is not None else case((Person.id.is_(None), ""), else_="")).label("why")
    rows = select(language, why, func.count()).join(people, people.c.person_id == Person.id).group_by(language, why)
    by_language, skipped = dict[str, int](), dict[str, int]()
    for spoken, because, count in session.execute(rows):
        if because:
            skipped[because] = skipped.get(because, 0) + count
        else:
            by_language[spoken] = count
    return {one: by_language.get(one, 0) for one in LANGUAGES}, skipped


def _members(session: Session, people: Subquery, reason: ColumnElement[str] | None) -> tuple[Member, ...]:
    name = func.coalesce(func.nullif(Person.preferred_name, ""), Person.first_name)
    rows = (
        select(name, func.left(Person.last_name, 1), _language(), Standing.shared)
        .join(people, people.c.person_id == Person.id)
        .join(Standing, Standing.person_id == Person.id)
        .order_by(Person.id)
        .limit(WORDED)
    )
    if reason is not None:
        rows = rows.where(reason == "")
    return tuple(
        Member(first, f"{initial}." if initial else "", language, shared)
        for first, initial, language, shared in session.execute(rows)
    )
