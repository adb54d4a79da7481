"""Whoever named times, or was promised the next dates, hears of a class once it is planned."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.telling_fits import enrol_who_wished, enrol_whom_fits
from outreach.trainings.availability import note_availability
from outreach.trainings.models import DateWish, Rsvp, RsvpStatus, SessionState, TrainingSession
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed
from tests.trainings.factories import make_training

ANA, BEN = "+12135550101", "+12135550102"


def test_a_new_class_is_told_to_whom_it_fits_and_to_nobody_else_and_once(session: Session) -> None:
    seed(session)
    ana, ben = make_person(session, phone=ANA), make_person(session, "Ben Prueba", phone=BEN, language="es")
    note_availability(session, ana.id, {"available": ["sat_morning"]}, "saturdays", NOW - timedelta(days=9))
    note_availability(session, ben.id, {"available": ["tue_evening"]}, "martes", NOW - timedelta(days=9))
    planned = make_session(session)  # a Saturday at 10
    talk = Talk(now=NOW + timedelta(minutes=1))
    assert enrol_whom_fits(session, talk.now) == 1
    assert enrol_whom_fits(session, talk.now) == 0
    talk.work()
    assert talk.heard(BEN) == []
    [text] = talk.heard(ANA)
    assert text.startswith(
        "Hi Ana, this is DSA-LA. A class fits your times: Sat Dec 12 10am, Boyle Heights. 1 = I'm in"
    )
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: Sat Dec 12 10am")
    assert session.scalars(select(Rsvp.session_id)).all() == [planned.id]


def a_new_date(session: Session, cancelled: TrainingSession, at: datetime, **facts: object) -> TrainingSession:
    planned = make_session(session, training=cancelled.training, starts_at=at + timedelta(days=14), **facts)
    planned.created_at = at
    session.flush()
    return planned


def test_who_was_promised_the_next_dates_is_told_of_the_first_that_is_planned_of_that_training(
    session: Session,
) -> None:
    seed(session)
    ana, ben = make_person(session, phone=ANA), make_person(session, "Ben Prueba", phone=BEN, language="es")
    cancelled = make_session(session)
    other = make_session(session, training=make_training(session, "Canvassing"))
    for person in (ana, ben):
        answer(session, person.id, cancelled.id, RsvpStatus.YES, now=NOW)
    cancel_session(session, cancelled.id, NOW)
    talk = Talk(now=NOW + timedelta(minutes=1))
    talk.work()
    assert "I'll text you when there is a new date" in talk.heard(ANA)[0]
    assert "Le aviso cuando haya nueva fecha" in talk.heard(BEN)[0]
    talk.now += timedelta(days=5)
    assert enrol_who_wished(session, talk.now) == 0  # nothing new of this training, and `other` is another one
    assert other.state == SessionState.SCHEDULED
    planned = a_new_date(session, cancelled, talk.now)
    session.add(Rsvp(person_id=ben.id, session_id=planned.id, status=RsvpStatus.YES, party_size=1, answered_at=NOW))
    session.flush()
    assert enrol_who_wished(session, talk.now) == 1
    talk.work()
    assert talk.heard(BEN) == []  # he has found it himself
    [text] = talk.heard(ANA)
    assert text.startswith("Hi Ana, this is DSA-LA. As promised, a new date: ")
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in: ")
    a_new_date(session, cancelled, talk.now)
    assert enrol_who_wished(session, talk.now + timedelta(days=1)) == 1  # Ben's: Ana's promise is kept
    assert {wish.person_id for wish in session.scalars(select(DateWish)) if wish.told_at} == {ana.id, ben.id}


def test_who_was_asked_something_yesterday_is_told_of_the_date_once_the_gap_is_over(session: Session) -> None:
    seed(session)
    ana = make_person(session, phone=ANA)
    first = make_session(session)
    talk = Talk(now=NOW)
    talk.invite(make_session(session, training=make_training(session, "Canvassing")).id)
    talk.heard(ANA)
    session.add(DateWish(person_id=ana.id, training_id=first.training_id, wished_at=NOW))
    planned = a_new_date(session, first, NOW + timedelta(hours=1))
    talk.now += timedelta(hours=2)
    assert enrol_who_wished(session, talk.now) == 1
    talk.work()
    assert talk.heard(ANA) == []
    talk.wait(days=3, hours=1)
    assert [text for text in talk.heard(ANA) if "As promised, a new date" in text]
    assert talk.conversation(ANA).offer["sessions"] == [planned.id]
