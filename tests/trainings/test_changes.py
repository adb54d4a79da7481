from datetime import timedelta

from sqlalchemy.orm import Session

from outreach.trainings.changes import mark_told, people_to_tell
from outreach.trainings.models import RsvpStatus, TrainingSession
from outreach.trainings.plans import SessionChange
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session, move_session
from tests.trainings.factories import NOW, make_people, make_session


def move(session: Session, gathering: TrainingSession) -> None:
    later = SessionChange(starts_at=gathering.starts_at + timedelta(days=1))
    move_session(session, gathering.id, later, NOW)


def test_everyone_coming_maybe_or_waiting_is_told_of_a_move_once_and_nobody_who_declined(session: Session) -> None:
    gathering, people = make_session(session, capacity=1), make_people(session, 4)
    for person, status in zip(people, (RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.YES, RsvpStatus.NO), strict=True):
        answer(session, person, gathering.id, status, now=NOW)
    assert people_to_tell(session, NOW) == []
    move(session, gathering)
    untold = people_to_tell(session, NOW)
    assert [(one.person_id, one.cancelled) for one in untold] == [(person, False) for person in people[:3]]
    assert [mark_told(session, one.rsvp_id, one.sequence) for one in untold] == [True, True, True]
    assert not mark_told(session, untold[0].rsvp_id, untold[0].sequence)
    assert people_to_tell(session, NOW) == []


def test_a_cancellation_is_told_until_the_session_would_have_begun(session: Session) -> None:
    gathering, people = make_session(session), make_people(session, 1)
    answer(session, people[0], gathering.id, RsvpStatus.YES, now=NOW)
    cancel_session(session, gathering.id, NOW)
    assert [one.cancelled for one in people_to_tell(session, NOW)] == [True]
    assert people_to_tell(session, gathering.starts_at) == []


def test_who_answers_after_a_move_knows_of_it_already(session: Session) -> None:
    gathering, (declined, new) = make_session(session), make_people(session, 2)
    answer(session, declined, gathering.id, RsvpStatus.NO, now=NOW)
    move(session, gathering)
    for person in (declined, new):
        answer(session, person, gathering.id, RsvpStatus.YES, now=NOW)
    assert people_to_tell(session, NOW) == []
