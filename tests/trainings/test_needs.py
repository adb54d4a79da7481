from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from outreach.trainings.models import NeedState, RsvpStatus
from outreach.trainings.needs import deadline, move_need, name_need_owner, note_need, open_needs
from outreach.trainings.plans import SessionChange
from outreach.trainings.refusals import RefusedError
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import move_session
from tests.trainings.factories import NOW, make_people, make_person, make_session

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("starts_in", "due_in"),
    [(240, 168), (96, 24), (80, 24), (30, 24), (3, 3), (-2, 24), (None, 24)],
)
def test_a_need_is_due_three_days_before_or_in_a_day_but_not_after_the_start(
    starts_in: int | None, due_in: int
) -> None:
    starts_at = None if starts_in is None else NOW + starts_in * HOUR
    assert deadline(starts_at, NOW) == NOW + due_in * HOUR


@given(st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2028, 1, 1)))  # noqa: DTZ001 - Hypothesis' rule
def test_a_deadline_is_never_past_and_never_after_the_start(naive: datetime) -> None:
    starts_at = naive.replace(tzinfo=NOW.tzinfo)
    due = deadline(starts_at, NOW)
    assert due > NOW
    assert due <= starts_at or starts_at <= NOW


def test_a_need_is_a_task_with_words_owner_and_deadline(session: Session) -> None:
    name_need_owner(session, "any", "needs@example.org")
    name_need_owner(session, "childcare", "care@example.org")
    person, gathering = make_person(session), make_session(session)
    childcare = note_need(session, person.id, gathering.id, "childcare", "for two", NOW)
    ride = note_need(session, person.id, gathering.id, "ride", "", NOW)
    assert (childcare.owner, ride.owner) == ("care@example.org", "needs@example.org")
    assert (childcare.words, childcare.state, childcare.due_at) == (
        "for two",
        NeedState.ASKED,
        gathering.starts_at - 72 * HOUR,
    )


def test_the_same_need_said_again_is_one_task_with_all_that_was_said(session: Session) -> None:
    person = make_person(session)
    for words in ("two kids", "two kids", "", "ages 3 and 5"):
        need = note_need(session, person.id, None, "childcare", words, NOW)
    assert need.words == "two kids\nages 3 and 5"
    assert [other.id for other in open_needs(session)] == [need.id]


def test_a_need_without_an_owner_gets_one_when_one_is_named(session: Session) -> None:
    need = note_need(session, make_person(session).id, None, "ride", "", NOW)
    assert need.owner is None
    name_need_owner(session, "childcare", "care@example.org")
    name_need_owner(session, "ride", "rides@example.org")
    session.refresh(need)
    assert need.owner == "rides@example.org"


@pytest.mark.parametrize("found", [NeedState.ARRANGED, NeedState.CANNOT])
def test_a_need_is_settled_then_told_and_remembers_what_was_found(session: Session, found: NeedState) -> None:
    need = note_need(session, make_person(session).id, None, "ride", "", NOW)
    for state in (found, found, NeedState.TOLD):
        move_need(session, need.id, state, NOW + HOUR)
    assert (need.state, need.outcome, need.settled_at) == (NeedState.TOLD, found, NOW + HOUR)
    assert open_needs(session) == []


def test_nobody_is_told_before_a_need_is_settled_nor_is_it_asked_again(session: Session) -> None:
    need = note_need(session, make_person(session).id, None, "ride", "", NOW)
    with pytest.raises(RefusedError, match="First settle it"):
        move_need(session, need.id, NeedState.TOLD, NOW)
    move_need(session, need.id, NeedState.ARRANGED, NOW)
    with pytest.raises(RefusedError, match="cannot become asked"):
        move_need(session, need.id, NeedState.ASKED, NOW)


def test_a_ride_that_falls_through_is_told_anew(session: Session) -> None:
    need = note_need(session, make_person(session).id, None, "ride", "", NOW)
    for state in (NeedState.ARRANGED, NeedState.TOLD, NeedState.CANNOT):
        move_need(session, need.id, state, NOW)
    assert open_needs(session) == [need]


def test_needs_of_who_is_no_longer_coming_are_no_task(session: Session) -> None:
    gathering, (stays, leaves) = make_session(session), make_people(session, 2)
    for person in (stays, leaves):
        answer(session, person, gathering.id, RsvpStatus.YES, now=NOW)
        note_need(session, person, gathering.id, "ride", "", NOW)
    answer(session, leaves, gathering.id, RsvpStatus.NO, now=NOW)
    assert [need.person_id for need in open_needs(session)] == [stays]


def test_when_a_session_moves_the_deadlines_move_with_it(session: Session) -> None:
    gathering = make_session(session)
    need = note_need(session, make_person(session).id, gathering.id, "ride", "", NOW)
    later = gathering.starts_at + timedelta(days=7)
    move_session(session, gathering.id, SessionChange(starts_at=later), NOW)
    session.refresh(need)
    assert need.due_at == later - 72 * HOUR
