from sqlalchemy.orm import Session

from outreach.people.holds import hold_person, mark_deceased, mark_minor, release_person, snooze_person
from outreach.people.models import Standing
from tests.people.factories import NOW, TODAY, make_person


def reach(session: Session, person_id: int) -> str:
    session.expire_all()
    return str(session.get_one(Standing, person_id).reach)


def test_a_hold_stands_with_its_first_reason_until_somebody_has_looked(session: Session) -> None:
    person = make_person(session)
    hold_person(session, person.id, "moved?", NOW)
    hold_person(session, person.id, "wrong name?", NOW)
    assert (person.held_because, reach(session, person.id)) == ("moved?", "held")
    release_person(session, person.id, NOW)
    assert reach(session, person.id) == "textable"


def test_minors_and_the_dead_are_left_alone(session: Session) -> None:
    person = make_person(session)
    mark_minor(session, person.id, NOW)
    assert reach(session, person.id) == "under_18"
    mark_deceased(session, person.id, NOW)
    assert reach(session, person.id) == "deceased"
    assert not session.get_one(Standing, person.id).callable


def test_a_snooze_ends(session: Session) -> None:
    person = make_person(session)
    snooze_person(session, person.id, TODAY, NOW)
    session.expire_all()
    assert session.get_one(Standing, person.id).snoozed_until == TODAY
    snooze_person(session, person.id, None, NOW)
    session.expire_all()
    assert session.get_one(Standing, person.id).snoozed_until is None
