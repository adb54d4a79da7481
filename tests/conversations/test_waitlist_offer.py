"""A seat that opens is offered to the next in line, for two waking hours."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation, Enrolment
from outreach.conversations.seats import tell_promoted
from outreach.people.models import Person
from outreach.texting.models import Direction, Kind
from outreach.trainings.models import Need, Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.rsvps import answer
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, make_settings, seed

LA = ZoneInfo("America/Los_Angeles")
ANA, BEN, EVA, LEO = (f"+1213555010{n}" for n in range(1, 5))
HOURS = {"text_hours": "09:00-20:00", "text_hours_sunday": "12:00-20:00"}


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=LA)


class Queue:
    """One seat, taken by somebody, and people who wait for it in this order."""

    def __init__(self, session: Session, *phones: str, now: datetime = NOW, starts_at: datetime | None = None) -> None:
        seed(session)
        self.session, self.talk = session, Talk(make_settings(**HOURS), now)
        self.gathering: TrainingSession = make_session(session, capacity=1, starts_at=starts_at or at(19, 10))
        self.holder = make_person(session, "Holder Prueba")
        self.people: dict[str, Person] = {}
        answer(session, self.holder.id, self.gathering.id, RsvpStatus.YES, now=now)
        for place, phone in enumerate(phones):
            self.people[phone] = make_person(session, phone=phone)
            when = now + timedelta(seconds=place)
            answer(session, self.people[phone].id, self.gathering.id, RsvpStatus.YES, now=when)
        session.flush()

    def open_seat(self) -> None:
        freed = answer(self.session, self.holder.id, self.gathering.id, RsvpStatus.NO, now=self.talk.now)
        assert len(freed.promoted) == 1
        tell_promoted(self.session, self.talk.settings, freed.promoted, self.talk.now)
        self.session.flush()
        self.talk.work()

    def statuses(self) -> list[str]:
        rows = {rsvp.person_id: str(rsvp.status) for rsvp in self.session.scalars(select(Rsvp))}
        return [rows[person.id] for person in self.people.values()]


def test_a_seat_is_offered_with_a_deadline_and_taken(session: Session) -> None:
    queue = Queue(session, ANA, BEN)
    queue.open_seat()
    assert queue.talk.heard(ANA) == [
        (
            "A seat opened: Sat Dec 19 10am, Boyle Heights. It's kept for you until Fri Dec 4 12pm. "
            "1 = I'm in, 2 = give it to the next person. DSA-LA"
        )
    ]
    assert queue.talk.newest(ANA, Direction.OUT).kind == Kind.TRANSACTIONAL
    assert queue.talk.heard(BEN) == []
    queue.talk.write(ANA, "1")
    assert queue.talk.heard(ANA)[0].startswith("You're in: Sat Dec 19 10am, Boyle Heights.")
    queue.talk.write(ANA, "childcare for two")
    assert queue.talk.heard(ANA)[0].startswith("Got it. I'm asking our team")
    assert session.scalars(select(Need.kind)).one() == "childcare"
    queue.talk.wait(days=2)
    assert queue.statuses() == ["yes", "waitlisted"]
    assert queue.talk.heard(BEN) == []


def test_who_gives_it_back_lets_the_next_one_be_asked_at_once(session: Session) -> None:
    queue = Queue(session, ANA, BEN)
    queue.open_seat()
    queue.talk.heard(ANA)
    queue.talk.write(ANA, "2")
    queue.talk.work()
    assert queue.talk.heard(ANA) == [
        "Thanks for telling me. Someone else can have the seat. I'll text you the next dates."
    ]
    assert queue.talk.heard(BEN)[0].startswith("A seat opened")
    assert queue.statuses() == ["cancelled", "yes"]


def test_a_seat_that_nobody_answers_for_passes_on_once_to_each_and_then_stays(session: Session) -> None:
    queue = Queue(session, ANA, BEN)
    queue.open_seat()
    queue.talk.heard(ANA)
    queue.talk.wait(hours=1, minutes=59)
    assert queue.statuses() == ["yes", "waitlisted"]
    queue.talk.wait(minutes=2)
    assert queue.statuses() == ["waitlisted", "yes"]
    assert queue.talk.heard(ANA)[0].startswith("The seat on Sat Dec 19 10am went to the next person.")
    assert queue.talk.heard(BEN)[0].startswith("A seat opened")
    queue.talk.wait(hours=3)
    assert queue.talk.heard(BEN)[0].startswith("Nobody else is waiting, so the seat on Sat Dec 19 10am stays yours.")
    queue.talk.wait(days=1)
    assert queue.statuses() == ["waitlisted", "yes"]
    session.refresh(queue.gathering)
    assert queue.gathering.taken == 1
    assert queue.talk.heard(ANA) == []


@pytest.mark.parametrize(
    ("opened", "asked", "deadline"),
    [
        (at(8, 19), at(8, 19), "Wed Dec 9 11am"),
        (at(8, 23), at(9, 9), "Wed Dec 9 11am"),
        (at(12, 21), at(13, 12), "Sun Dec 13 2pm"),
    ],
)
def test_only_waking_hours_count(session: Session, opened: datetime, asked: datetime, deadline: str) -> None:
    queue = Queue(session, ANA, BEN, now=opened)
    queue.open_seat()
    queue.talk.wait(seconds=(asked - opened).total_seconds() + 1)
    assert f"until {deadline}" in queue.talk.heard(ANA)[0]
    queue.talk.wait(hours=1, minutes=58)
    assert queue.statuses() == ["yes", "waitlisted"]
    queue.talk.wait(hours=15)
    assert queue.statuses() == ["waitlisted", "yes"]


def test_a_seat_that_opens_late_is_kept_until_the_session(session: Session) -> None:
    queue = Queue(session, ANA, BEN, starts_at=NOW + timedelta(minutes=90))
    queue.open_seat()
    assert "until Fri Dec 4 11:30am" in queue.talk.heard(ANA)[0]
    queue.talk.wait(days=1)
    assert queue.statuses() == ["yes", "waitlisted"]
    assert queue.talk.heard(ANA) == []
    queue.talk.write(ANA, "2")
    assert queue.talk.heard(ANA)[0].startswith("Thank you for answering. That class can't take changes any more")
    assert queue.talk.conversation(ANA).outcome == "closed"


def test_who_answers_after_the_offer_lapsed_is_answered_and_may_leave_the_list(session: Session) -> None:
    queue = Queue(session, ANA, BEN, EVA)
    queue.open_seat()
    queue.talk.wait(hours=2, minutes=1)
    queue.talk.heard(ANA)
    queue.talk.write(ANA, "1")
    assert queue.talk.heard(ANA)[0].startswith("Thank you. That seat is taken by now; you're number 2")
    queue.talk.wait(hours=2, minutes=1)
    queue.talk.heard(BEN)
    queue.talk.write(BEN, "2")
    assert queue.talk.heard(BEN) == [
        "Thanks for telling me. You're off that waitlist, and I'll text you the next dates."
    ]
    assert queue.statuses() == ["waitlisted", "cancelled", "yes"]


def test_who_gives_a_seat_back_is_offered_the_next_date(session: Session) -> None:
    queue = Queue(session, ANA, BEN)
    after = make_session(session, training=queue.gathering.training, starts_at=at(26, 10))
    queue.open_seat()
    queue.talk.heard(ANA)
    queue.talk.write(ANA, "maybe")
    assert queue.talk.heard(ANA)[0].startswith(
        "No pressure. The seat on Sat Dec 19 10am is kept for you until Fri Dec 4"
    )
    queue.talk.write(ANA, "2")
    assert "The next date: Sat Dec 26 10am" in queue.talk.heard(ANA)[0]
    queue.talk.write(ANA, "1, I need childcare")
    assert queue.talk.heard(ANA)[0].startswith("Got it. I'm asking our team")
    assert session.scalars(select(Need.session_id)).all() == [after.id]


def test_whose_thread_a_person_has_is_called(session: Session) -> None:
    queue = Queue(session, ANA, BEN)
    queue.talk.invite(make_session(session).id)
    session.execute(update(Conversation).values(owner="luz@example.org"))
    queue.open_seat()
    (task,) = queue.talk.tasks()
    assert (task.person_id, task.because) == (
        queue.people[ANA].id,
        f"waitlist_offer of session {queue.gathering.id}: with_a_person",
    )
    assert session.scalars(select(Enrolment.because).where(Enrolment.flow == "waitlist_offer")).one() == "with_a_person"
