import io
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.trainings.attendance import sign_in
from outreach.trainings.models import Attendance, Need, Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.needs import note_need
from outreach.trainings.refusals import RefusedError
from outreach.trainings.roster import roster, write_roster
from outreach.trainings.rsvps import answer
from outreach.trainings.sensitive import confirm_person, day_of_address, purge_sensitive
from tests.trainings.factories import NOW, make_person, make_session

HOST = "host@example.org"
ADDRESS = "1200 E Example St"


def sensitive_yes(session: Session) -> tuple[TrainingSession, Rsvp]:
    gathering = make_session(session, sensitive=True, host=HOST, address=ADDRESS)
    answer(session, make_person(session).id, gathering.id, RsvpStatus.YES, now=NOW)
    return gathering, session.scalars(select(Rsvp)).one()


def test_the_address_is_told_on_the_day_and_to_who_the_host_confirmed(session: Session) -> None:
    gathering, rsvp = sensitive_yes(session)
    morning = gathering.starts_at - timedelta(hours=2)
    assert day_of_address(session, gathering.id, rsvp.person_id, morning) is None
    confirm_person(session, rsvp.id, HOST, NOW)
    assert day_of_address(session, gathering.id, rsvp.person_id, morning - timedelta(days=1)) is None
    assert day_of_address(session, gathering.id, rsvp.person_id, morning) == ADDRESS


def test_the_address_of_any_other_session_is_told_to_every_yes_and_to_nobody_else(session: Session) -> None:
    gathering, person = make_session(session, address=ADDRESS), make_person(session)
    assert day_of_address(session, gathering.id, person.id, NOW) is None
    answer(session, person.id, gathering.id, RsvpStatus.MAYBE, now=NOW)
    assert day_of_address(session, gathering.id, person.id, NOW) is None
    answer(session, person.id, gathering.id, RsvpStatus.YES, now=NOW)
    assert day_of_address(session, gathering.id, person.id, NOW) == ADDRESS


def test_only_the_host_confirms_and_sees_the_roster(session: Session) -> None:
    gathering, rsvp = sensitive_yes(session)
    with pytest.raises(RefusedError, match="Only the host"):
        confirm_person(session, rsvp.id, "admin@example.org", NOW)
    with pytest.raises(RefusedError, match="Only the host"):
        write_roster(session, gathering.id, "admin@example.org", io.StringIO())
    assert [line.first_name for line in roster(session, gathering.id, HOST.upper())] == ["Ana"]


def test_thirty_days_after_it_ended_nobody_can_tell_who_came_or_where(session: Session) -> None:
    gathering, rsvp = sensitive_yes(session)
    note_need(session, rsvp.person_id, gathering.id, "ride", "", NOW)
    sign_in(session, gathering.id, rsvp.person_id, gathering.starts_at)
    thirty_days_after = gathering.starts_at + timedelta(minutes=gathering.minutes, days=30)
    assert purge_sensitive(session, thirty_days_after) == 0
    assert purge_sensitive(session, thirty_days_after + timedelta(seconds=1)) == 1
    assert purge_sensitive(session, thirty_days_after + timedelta(seconds=1)) == 0
    session.expire_all()
    assert [session.scalar(select(table).limit(1)) for table in (Rsvp, Need, Attendance)] == [None, None, None]
    assert (gathering.address, gathering.place, gathering.taken) == ("", "", 0)


def test_other_sessions_are_never_purged(session: Session) -> None:
    gathering, person = make_session(session), make_person(session)
    answer(session, person.id, gathering.id, RsvpStatus.YES, now=NOW)
    assert purge_sensitive(session, NOW + timedelta(days=1000)) == 0
    assert session.scalar(select(Rsvp.id)) is not None
