"""The days of a transcript: what the program does by itself as they pass, and what came of it for Ana."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from itertools import starmap
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Row, func, literal, null, select, union_all, update

from outreach.conversations.flow import Begin
from outreach.conversations.flow_files import shipped_flows
from outreach.conversations.models import Conversation, Enrolment, Task, Timer
from outreach.conversations.reminder_times import plan_time, reminder_times
from outreach.conversations.seats import tell_promoted
from outreach.conversations.telling_fits import enrol_who_wished, enrol_whom_fits
from outreach.conversations.waits import counted_from
from outreach.conversations.welcoming import welcome_new_members
from outreach.database import transaction
from outreach.people.models import Person, PersonNumber, PhoneNumber
from outreach.settings import Settings
from outreach.texting.claims import hours_of
from outreach.texting.models import Direction, Text, TextStatus
from outreach.trainings.labels import when_label
from outreach.trainings.models import Attendance, Need, Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.seats import fill_free_seats
from tests.conversations.talk import Talk
from tests.factories import make_settings

LA = ZoneInfo("America/Los_Angeles")
PHONE = "+12135550101"
HOURS = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00"}

_NUMBER = select(PhoneNumber.id).where(PhoneNumber.phone == PHONE).scalar_subquery()
_ANA = select(PersonNumber.person_id).where(PersonNumber.number_id == _NUMBER)
_NOTHING = literal("")
# All that may have come of a line, in one question to the database.
_CAME = union_all(
    select(literal("<").label("mark"), Text.id, Text.due_at.label("at"), Text.body.label("words"),
           null().label("owner"), _NOTHING.label("kind"))
    .where(Text.number_id == _NUMBER, Text.status == TextStatus.QUEUED),
    select(literal("task"), Task.id, Task.due_at, Task.because, Task.owner, Task.kind)
    .where(Task.person_id.in_(_ANA) | (Task.number_id == _NUMBER)),
    select(literal("need"), Need.id, Need.due_at, Need.kind, Need.owner, _NOTHING).where(Need.person_id.in_(_ANA)),
    select(literal("rest"), Person.id, null(), func.to_char(Person.snoozed_until, "Dy Mon FMDD"), null(), _NOTHING)
    .where(Person.id.in_(_ANA), Person.snoozed_until.is_not(None)),
    select(literal("="), Conversation.id, Conversation.ended_at, Conversation.outcome, null(), _NOTHING)
    .where(Conversation.number_id == _NUMBER, Conversation.outcome.is_not(None)),
    select(literal("person"), Text.id, Text.created_at, _NOTHING, null(), _NOTHING)
    .where(Text.number_id == _NUMBER, Text.direction == Direction.IN, Text.status == TextStatus.NEEDS_PERSON),
)  # fmt: skip
ORDER = ("<", "task", "need", "rest", "=", "person")
_COMES = (
    select(Rsvp.id).where(Rsvp.session_id == TrainingSession.id, Rsvp.status == RsvpStatus.YES).exists()
    | select(Attendance.person_id).where(Attendance.session_id == TrainingSession.id).exists()
)
Came = Row[tuple[str, int, datetime, str, str | None, str]]
Seen = frozenset[tuple[str, int, str]]


class Waiting(NamedTuple):
    """A kind of work that is due at a moment."""

    kind: str
    due_at: datetime


@cache
def _settings() -> Settings:
    return make_settings(**HOURS)


@cache
def _begins() -> tuple[Begin, ...]:
    return tuple(begin for file in shipped_flows().values() for begin in file.flow.begins)


class Days(Talk):
    """Ana's phone, and the program that wakes at every moment at which something may be due."""

    def __init__(self) -> None:
        super().__init__(_settings())
        self.seen: Seen = frozenset()
        self._came: list[str] = []

    def chores(self) -> None:
        """Do what cron does once a minute, after somebody of ours did something; then what the workers find."""
        with transaction() as session:
            tell_promoted(session, self.settings, fill_free_seats(session, self.now), self.now)
            welcome_new_members(session, self.settings, self.now)
            enrol_whom_fits(session, self.now)
            enrol_who_wished(session, self.now)
        self.work()

    def work(self) -> None:
        super().work()
        self._look()

    def wait(self, **time: float) -> None:
        """Let time pass: at every moment at which something is due the workers look, each for its own kind of work."""
        until = self.now + timedelta(**time)
        while self.now < until:
            waiting = [one for one in self._waiting() if one.due_at <= until]
            self.now = min([one.due_at for one in waiting if one.due_at > self.now] + [until])
            self._do({one.kind for one in waiting if one.due_at <= self.now})

    def _do(self, kinds: set[str]) -> None:
        if "timer" in kinds:
            self.fire_timers()
        if "begin" in kinds:
            self.enrol()
        if {"begin", "enrolment"} & kinds:
            self.begin()
        if "reminder" in kinds:
            self.remind()
        if kinds:
            self._look()

    def _waiting(self) -> Iterator[Waiting]:
        """Yield what may be due by itself: timers, enrolments, and what counts from a session that has guests."""
        timers = select(literal("timer"), Timer.due_at).where(Timer.done_at.is_(None))
        enrolled = select(literal("enrolment"), Enrolment.due_at).where(Enrolment.done_at.is_(None))
        with transaction() as session:
            yield from starmap(Waiting, session.execute(timers.union_all(enrolled)))
            for gathering in session.scalars(select(TrainingSession).where(_COMES)):
                yield from (one for one in self._from_session(gathering) if one.due_at > self.now)

    def _from_session(self, gathering: TrainingSession) -> Iterator[Waiting]:
        zone = gathering.timezone
        windows = hours_of(self.settings).at(zone)
        for each in (
            plan_time(gathering.starts_at, zone, windows),
            *reminder_times(gathering.starts_at, zone, windows),
        ):
            yield Waiting("reminder", each.due_at)
        ends_at = gathering.starts_at + timedelta(minutes=gathering.minutes)
        for begin in _begins():
            at = gathering.sign_in_closed_at if begin.moment.anchor == "absence" else ends_at
            if at is not None:
                yield Waiting("begin", counted_from(begin.moment, at, zone))

    def came(self) -> list[str]:
        """Return what was said to Ana and what came of it since the last look, as lines of a transcript."""
        self._look()
        came, self._came = self._came, []
        return came

    def _look(self) -> None:
        """Take what has come by now: a text that is queued leaves, before anything that comes later."""
        with transaction() as session:
            new = [row for row in session.execute(_CAME) if _named(row) not in self.seen]
            sent = [row.id for row in new if row.mark == "<"]
            if sent:
                left = update(Text).where(Text.id.in_(sent))
                session.execute(left.values(status=TextStatus.DELIVERED, sent_at=self.now))
        self.seen |= {_named(row) for row in new}
        self._came += [_line(row) for row in sorted(new, key=_place)]


def _named(row: Came) -> tuple[str, int, str]:
    return row.mark, row.id, row.words


def _place(row: Came) -> tuple[int, int, int]:
    due = row.at if row.mark == "<" else None
    return ORDER.index(row.mark), int(due.timestamp()) if due else 0, row.id


def _line(row: Came) -> str:
    """Word one thing that came of a line."""
    if row.mark in "<=":
        return f"{row.mark} {row.words}"
    if row.mark == "rest":
        return f"* asked nothing before {row.words}"
    if row.mark == "person":
        return "= person"
    owner = (row.owner or "nobody").partition("@")[0]
    what = {"need": f"{row.words} is needed", "task": f"{row.kind}: {row.words}"}[row.mark]
    return f"* {owner}, by {when_label(row.at, LA, 'en')}: {what}"
