"""A member's phone and the program behind it, on the real database, at any moment."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from outreach.campaigns.feeding import feed_slice, fix_recipients
from outreach.conversations import turn
from outreach.conversations.beginning import begin_enrolment, due_enrolments
from outreach.conversations.begins import enrol_who_is_due
from outreach.conversations.firing import fire_timer
from outreach.conversations.models import Conversation, Enrolment, Task, Timer
from outreach.conversations.reminder_times import reminder_times
from outreach.conversations.reminding import people_to_remind, remind
from outreach.conversations.telling import tell_change
from outreach.conversations.timers import due_timer_ids
from outreach.database import transaction
from outreach.people.models import PhoneNumber
from outreach.settings import Settings
from outreach.texting.claims import hours_of
from outreach.texting.models import Direction, Text, TextStatus
from outreach.trainings.changes import people_to_tell
from outreach.trainings.models import TrainingSession
from outreach.understanding import Reading
from tests.factories import NOW, make_campaign, make_settings

_sids = itertools.count(1)


def a_sid() -> str:
    return f"SM{next(_sids):032x}"


class Talk:
    """What members write and hear. Everything queued counts as sent once it was heard."""

    def __init__(self, settings: Settings | None = None, now: datetime = NOW) -> None:
        self.settings = settings or make_settings()
        self.now = now

    def write(self, phone: str, body: str, meaning: Reading | None = None, **form: Any) -> Text:
        """Let a text come in and return it as it was stored; `meaning` stands in for what the reader would say."""
        sid = form.pop("MessageSid", a_sid())
        fields = {"MessageSid": sid, "From": phone, "To": self.settings.senders[0], "Body": body, **form}
        with reading_it_as(meaning):
            turn.receive_text(self.settings, fields, self.now)
        return self.newest(phone, Direction.IN)

    def newest(self, phone: str, direction: Direction) -> Text:
        with transaction() as session:
            texts = select(Text).join(PhoneNumber, PhoneNumber.id == Text.number_id)
            mine = texts.where(PhoneNumber.phone == phone, Text.direction == direction)
            return session.scalars(mine.order_by(Text.id.desc()).limit(1)).one()

    def heard(self, phone: str) -> list[str]:
        """Return what was sent to a phone since the last look."""
        with transaction() as session:
            waiting = select(Text).join(PhoneNumber, PhoneNumber.id == Text.number_id)
            mine = waiting.where(PhoneNumber.phone == phone, Text.status == TextStatus.QUEUED)
            texts = session.scalars(mine.order_by(Text.due_at, Text.id).with_for_update(of=Text)).all()
            for text in texts:
                text.status, text.sent_at = TextStatus.DELIVERED, self.now
            return [text.body for text in texts]

    def invite(self, *sessions: int, segment: str = "everyone") -> int:
        """Launch the invitation to these sessions, feed it whole, and return the campaign's id."""
        with transaction() as session:
            campaign_id = make_campaign(session, segment=segment, sessions=sessions, now=self.now).id
        self.feed(campaign_id)
        return campaign_id

    def feed(self, campaign_id: int) -> None:
        with transaction() as session:
            fix_recipients(session, self.settings, campaign_id, self.now)
            while feed_slice(session, self.settings, campaign_id, self.now):
                pass

    def wait(self, **time: float) -> None:
        """Let time pass: timers fire, reminders leave, changes are told."""
        until = self.now + timedelta(**time)
        while self.now < until:
            self.now = min([moment for moment in self._moments() if self.now < moment < until] + [until])
            self.work()

    def _moments(self) -> Iterator[datetime]:
        """Yield when something may be due by itself: timers, and reminders of sessions."""
        with transaction() as session:
            yield from session.scalars(select(Timer.due_at).where(Timer.done_at.is_(None)))
            yield from session.scalars(select(Enrolment.due_at).where(Enrolment.done_at.is_(None)))
            for starts_at, zone in session.execute(select(TrainingSession.starts_at, TrainingSession.timezone)):
                yield from (each.due_at for each in reminder_times(starts_at, zone, hours_of(self.settings).at(zone)))

    def work(self) -> None:
        """Do what the workers would find to do now."""
        self.fire_timers()
        self.enrol()
        self.begin()
        self.remind()
        self.tell_changes()

    def fire_timers(self) -> None:
        with transaction() as session:
            timers = due_timer_ids(session, self.now, 1000)
        for timer_id in timers:
            fire_timer(self.settings, timer_id, self.now)

    def enrol(self) -> None:
        with transaction() as session:
            enrol_who_is_due(session, self.settings, self.now)

    def begin(self) -> None:
        with transaction() as session:
            enrolments = session.scalars(due_enrolments(self.now)).all()
        for enrolment_id in enrolments:
            begin_enrolment(self.settings, enrolment_id, self.now)

    def remind(self) -> None:
        with transaction() as session:
            reminders = people_to_remind(session, self.settings, self.now)
        for due in reminders:
            remind(self.settings, due, self.now)

    def tell_changes(self) -> None:
        with transaction() as session:
            changes = people_to_tell(session, self.now)
        for untold in changes:
            tell_change(self.settings, untold, self.now)

    def conversations(self, phone: str) -> list[Conversation]:
        with transaction() as session:
            mine = select(Conversation).join(PhoneNumber, PhoneNumber.id == Conversation.number_id)
            return list(session.scalars(mine.where(PhoneNumber.phone == phone).order_by(Conversation.id)))

    def conversation(self, phone: str) -> Conversation:
        return self.conversations(phone)[-1]

    def number(self, phone: str) -> PhoneNumber:
        with transaction() as session:
            return session.scalars(select(PhoneNumber).where(PhoneNumber.phone == phone)).one()

    def timers(self, phone: str) -> set[str]:
        """Return the names of the timers that still run for a phone's newest conversation."""
        with transaction() as session:
            running = select(Timer.name).where(
                Timer.conversation_id == self.conversation(phone).id, Timer.done_at.is_(None)
            )
            return set(session.scalars(running))

    def tasks(self) -> list[Task]:
        with transaction() as session:
            return list(session.scalars(select(Task).order_by(Task.id)))


@contextmanager
def reading_it_as(meaning: Reading | None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if meaning is not None:
            patch.setattr(turn, "read", lambda *_args, **_more: meaning)
        yield
