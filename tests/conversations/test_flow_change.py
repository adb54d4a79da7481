"""A session that is moved or cancelled: everybody is told at once, and offered what there is instead."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.conversations.models import Conversation
from outreach.texting.models import Direction, Kind
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.plans import SessionChange
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session, move_session
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, make_settings, seed

LA = ZoneInfo("America/Los_Angeles")
ANA, BEN = "+12135550101", "+12135550102"


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 12, day, hour, tzinfo=LA)


class Coming:
    """Ana said yes to a session; others of the same training may follow."""

    def __init__(self, session: Session, *later: int, status: RsvpStatus = RsvpStatus.YES, **facts: Any) -> None:
        seed(session)
        self.session, self.talk = session, Talk(make_settings())
        self.gathering: TrainingSession = make_session(session, starts_at=at(12, 10), **facts)
        self.later = [make_session(session, training=self.gathering.training, starts_at=at(day, 10)) for day in later]
        self.ana = make_person(session, phone=ANA)
        answer(session, self.ana.id, self.gathering.id, status, now=NOW)
        session.flush()

    def cancel(self) -> list[str]:
        cancel_session(self.session, self.gathering.id, NOW)
        return self._told()

    def move(self) -> list[str]:
        move_session(self.session, self.gathering.id, SessionChange(starts_at=at(13, 13)), NOW)
        return self._told()

    def _told(self) -> list[str]:
        self.session.flush()
        self.talk.work()
        return self.talk.heard(ANA)

    def statuses(self) -> dict[int, str]:
        return {rsvp.session_id: str(rsvp.status) for rsvp in self.session.scalars(select(Rsvp))}


def test_who_would_have_come_to_a_cancelled_session_chooses_another_date(session: Session) -> None:
    coming = Coming(session, 19, 26)
    assert coming.cancel() == [
        (
            "The DSA-LA class on Sat Dec 12 10am is cancelled. Sorry! "
            "New dates: 1) Sat Dec 19 10am Boyle Heights 2) Sat Dec 26 10am Boyle Heights. Which works for you?"
        )
    ]
    text = coming.talk.newest(ANA, Direction.OUT)
    assert (text.kind, text.is_change, text.expires_at) == (Kind.TRANSACTIONAL, True, at(12, 10))
    coming.talk.write(ANA, "2")
    assert coming.talk.heard(ANA)[0].startswith("You're in: Sat Dec 26 10am, Boyle Heights.")
    coming.talk.write(ANA, "0")
    assert coming.statuses() == {coming.gathering.id: "yes", coming.later[1].id: "yes"}


def test_one_new_date_is_a_question_of_one_and_its_no_is_taken(session: Session) -> None:
    coming = Coming(session, 19)
    assert coming.cancel()[0].endswith("The new date: Sat Dec 19 10am Boyle Heights. 1 = I'm in, 2 = I can't then")
    coming.talk.write(ANA, "2")
    assert coming.talk.heard(ANA) == ["All right, thank you. I'll text you the next dates."]
    assert coming.talk.conversation(ANA).outcome == "cannot"


def test_who_comes_to_a_moved_session_all_the_same_keeps_the_seat(session: Session) -> None:
    coming = Coming(session)
    assert coming.move()[0].startswith("Please note: the DSA-LA class is now Sun Dec 13 1pm, Boyle Heights. 1 = I'm in")
    coming.talk.write(ANA, "1")
    assert coming.talk.heard(ANA) == ["Good, thank you. See you there!"]
    assert coming.statuses() == {coming.gathering.id: "yes"}


def test_who_cannot_come_then_frees_the_seat_and_hears_of_other_dates(session: Session) -> None:
    coming = Coming(session, 19)
    coming.move()
    coming.talk.write(ANA, "2")
    assert coming.talk.heard(ANA) == [
        "Thanks for telling me. The next date is Sat Dec 19 10am Boyle Heights. 1 = I'm in, 2 = not now"
    ]
    coming.talk.write(ANA, "1")
    assert coming.talk.heard(ANA)[0].startswith("You're in: Sat Dec 19 10am")
    assert coming.statuses() == {coming.gathering.id: "cancelled", coming.later[0].id: "yes"}


def test_a_maybe_whom_the_new_hour_suits_is_booked(session: Session) -> None:
    coming = Coming(session, status=RsvpStatus.MAYBE)
    coming.move()
    coming.talk.write(ANA, "1")
    assert coming.talk.heard(ANA)[0].startswith("You're in: Sun Dec 13 1pm")
    assert coming.statuses() == {coming.gathering.id: "yes"}


def test_who_waits_for_a_seat_hears_of_the_move_and_waits_on(session: Session) -> None:
    coming = Coming(session, capacity=1)
    ben = make_person(session, "Ben Prueba", phone=BEN)
    answer(session, ben.id, coming.gathering.id, RsvpStatus.YES, now=NOW)
    coming.move()
    assert coming.talk.heard(BEN)[0].startswith("The DSA-LA class you're waiting for is now Sun Dec 13 1pm")


def test_who_talks_with_a_person_is_told_without_a_question(session: Session) -> None:
    coming = Coming(session, 19)
    coming.talk.invite(make_session(session, starts_at=at(20, 10)).id)
    session.execute(update(Conversation).values(owner="luz@example.org"))
    coming.talk.heard(ANA)
    assert coming.cancel() == [
        "The DSA-LA class on Sat Dec 12 10am is cancelled. Sorry! I'll text you when there is a new date."
    ]
