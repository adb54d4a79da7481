"""Whoever named times hears of a class at such a time, once it is planned."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.conversations.telling_fits import enrol_whom_fits
from outreach.trainings.availability import note_availability
from outreach.trainings.models import Rsvp
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session, seed

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
