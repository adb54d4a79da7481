from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from outreach.people.models import Activity
from outreach.trainings.attendance import Turnout, close_sign_in, open_sign_ins, sign_in, turnout, undo_sign_in
from outreach.trainings.models import Level, RsvpStatus, SessionKind, TrainingSession
from outreach.trainings.refusals import RefusedError
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import cancel_session
from tests.trainings.factories import NOW, make_people, make_session, make_training


def gathering_with_yes(session: Session, people: list[int]) -> TrainingSession:
    gathering = make_session(session)
    for person in people:
        answer(session, person, gathering.id, RsvpStatus.YES, now=NOW)
    return gathering


def test_nobody_is_absent_before_the_sign_in_is_closed(session: Session) -> None:
    came, missed = sorted(make_people(session, 2))
    gathering = gathering_with_yes(session, [came, missed])
    sign_in(session, gathering.id, came, gathering.starts_at)
    assert turnout(session, gathering.id) == Turnout((came,), ())
    assert close_sign_in(session, gathering.id, gathering.starts_at + timedelta(hours=3)) == Turnout((came,), (missed,))


def test_who_had_no_seat_is_a_walk_in_and_no_answer_is_made_up_for_them(session: Session) -> None:
    booked, waiting, stranger = make_people(session, 3)
    gathering = make_session(session, capacity=1)
    for person in (booked, waiting):
        answer(session, person, gathering.id, RsvpStatus.YES, now=NOW)
    walk_ins = [sign_in(session, gathering.id, who, gathering.starts_at).walk_in for who in (booked, waiting, stranger)]
    assert walk_ins == [False, True, True]
    assert gathering.taken == 1


def test_who_declined_ahead_is_no_no_show(session: Session) -> None:
    declined, _ = people = make_people(session, 2)
    gathering = gathering_with_yes(session, people)
    answer(session, declined, gathering.id, RsvpStatus.NO, now=NOW)
    assert declined not in close_sign_in(session, gathering.id, gathering.starts_at).no_shows


def test_signing_in_and_closing_twice_counts_once(session: Session) -> None:
    (person,) = make_people(session, 1)
    gathering = make_session(session, make_training(session, level=Level.INTERMEDIATE))
    for _ in range(2):
        sign_in(session, gathering.id, person, gathering.starts_at)
    for _ in range(2):
        close_sign_in(session, gathering.id, gathering.starts_at)
    activity = session.get_one(Activity, person, populate_existing=True)
    assert (activity.attended_count, activity.trained_level) == (1, "intermediate")
    assert activity.last_active_on == date(2026, 12, 12)


def test_activity_keeps_the_newest_day_and_the_highest_level(session: Session) -> None:
    (person,) = make_people(session, 1)
    session.add(Activity(person_id=person, last_active_on=date(2027, 1, 1), attended_count=4, trained_level="advanced"))
    gathering = make_session(session)
    sign_in(session, gathering.id, person, gathering.starts_at)
    close_sign_in(session, gathering.id, gathering.starts_at)
    activity = session.get_one(Activity, person, populate_existing=True)
    assert (activity.attended_count, activity.trained_level) == (5, "advanced")
    assert activity.last_active_on == date(2027, 1, 1)


def test_only_trainings_train(session: Session) -> None:
    (person,) = make_people(session, 1)
    gathering = make_session(session, kind=SessionKind.SOCIAL)
    sign_in(session, gathering.id, person, gathering.starts_at)
    close_sign_in(session, gathering.id, gathering.starts_at)
    assert session.get_one(Activity, person, populate_existing=True).trained_level is None


def test_whoever_the_sheet_missed_can_be_added_after_the_close_and_counts_at_once(session: Session) -> None:
    early, late = make_people(session, 2)
    gathering = gathering_with_yes(session, [early, late])
    sign_in(session, gathering.id, early, gathering.starts_at)
    assert late in close_sign_in(session, gathering.id, gathering.starts_at).no_shows
    sign_in(session, gathering.id, late, gathering.starts_at + timedelta(days=1))
    assert turnout(session, gathering.id) == Turnout(tuple(sorted((early, late))), ())
    assert session.get_one(Activity, late).attended_count == 1
    assert session.get_one(Activity, early).attended_count == 1


def test_a_slip_is_taken_back_until_the_close(session: Session) -> None:
    gathering, (person,) = make_session(session), make_people(session, 1)
    sign_in(session, gathering.id, person, gathering.starts_at)
    undo_sign_in(session, gathering.id, person)
    assert close_sign_in(session, gathering.id, gathering.starts_at) == Turnout((), ())
    with pytest.raises(RefusedError, match="cannot be taken back"):
        undo_sign_in(session, gathering.id, person)


def test_nobody_signs_in_days_before_nor_to_a_cancelled_session(session: Session) -> None:
    gathering, (person,) = make_session(session), make_people(session, 1)
    with pytest.raises(RefusedError, match="not today"):
        sign_in(session, gathering.id, person, NOW)
    with pytest.raises(RefusedError, match="has not begun"):
        close_sign_in(session, gathering.id, NOW)
    cancel_session(session, gathering.id, NOW)
    with pytest.raises(RefusedError, match="is cancelled"):
        sign_in(session, gathering.id, person, gathering.starts_at)


def test_hosts_are_reminded_of_sign_ins_that_nobody_closed(session: Session) -> None:
    gathering = make_session(session, minutes=60)
    over = gathering.starts_at + timedelta(minutes=61)
    assert open_sign_ins(session, gathering.starts_at + timedelta(minutes=59)) == []
    assert open_sign_ins(session, over) == [gathering.id]
    close_sign_in(session, gathering.id, over)
    assert open_sign_ins(session, over) == []
