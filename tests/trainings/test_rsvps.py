from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.people.models import Person
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.rsvps import RsvpKind, RsvpResult, answer
from outreach.trainings.seats import fill_free_seats
from outreach.trainings.sessions import cancel_session, change_capacity
from tests.laws import laws
from tests.trainings.factories import NOW, make_people, make_session

YES, MAYBE, NO, CANCELLED = RsvpStatus.YES, RsvpStatus.MAYBE, RsvpStatus.NO, RsvpStatus.CANCELLED


def status_of(session: Session, person_id: int) -> RsvpStatus:
    return RsvpStatus(session.scalars(select(Rsvp.status).where(Rsvp.person_id == person_id)).one())


def rsvp_of(session: Session, person_id: int) -> int:
    return session.scalars(select(Rsvp.id).where(Rsvp.person_id == person_id)).one()


def full_session(session: Session, waiting: int = 2) -> tuple[int, list[int]]:
    """A session of one seat that the first person has, and others who wait in order."""
    gathering = make_session(session, capacity=1).id
    people = make_people(session, waiting + 1)
    for minute, person in enumerate(people):
        answer(session, person, gathering, YES, now=NOW + timedelta(minutes=minute))
    return gathering, people


def test_a_yes_takes_a_seat_and_saying_it_again_takes_no_other(session: Session) -> None:
    gathering, (person,) = make_session(session, capacity=2), make_people(session, 1)
    for _ in range(3):
        assert answer(session, person, gathering.id, YES, now=NOW) == RsvpResult(RsvpKind.BOOKED)
    assert gathering.taken == 1


def test_a_yes_to_a_full_session_waits_in_line_and_keeps_its_place(session: Session) -> None:
    gathering, (_, second, third) = full_session(session)
    later = NOW + timedelta(hours=1)
    assert answer(session, second, gathering, YES, now=later).position == 1
    assert answer(session, third, gathering, YES, now=later) == RsvpResult(RsvpKind.WAITLISTED, position=2)


@pytest.mark.parametrize("status", [NO, MAYBE, CANCELLED])
def test_who_gives_up_a_seat_moves_exactly_the_next_one_up(session: Session, status: RsvpStatus) -> None:
    gathering, (first, second, third) = full_session(session)
    result = answer(session, first, gathering, status, now=NOW)
    assert result == RsvpResult(RsvpKind.NOTED, promoted=(rsvp_of(session, second),))
    assert (status_of(session, second), status_of(session, third)) == (YES, RsvpStatus.WAITLISTED)
    assert answer(session, first, gathering, status, now=NOW).promoted == ()


def test_who_leaves_the_waitlist_moves_nobody(session: Session) -> None:
    gathering, (_, second, third) = full_session(session)
    assert answer(session, second, gathering, NO, now=NOW) == RsvpResult(RsvpKind.NOTED)
    assert answer(session, third, gathering, YES, now=NOW).position == 1


def test_a_no_of_who_was_coming_is_a_cancellation_and_of_others_a_no(session: Session) -> None:
    gathering, (booked, waiting) = full_session(session, waiting=1)
    (stranger,) = make_people(session, 1)
    for person in (booked, waiting, booked, stranger):
        answer(session, person, gathering, NO, now=NOW)
    assert [status_of(session, person) for person in (booked, waiting, stranger)] == [CANCELLED, CANCELLED, NO]


def test_a_maybe_holds_no_seat(session: Session) -> None:
    gathering, (person,) = make_session(session, capacity=1), make_people(session, 1)
    assert answer(session, person, gathering.id, MAYBE, now=NOW).kind == RsvpKind.NOTED
    assert gathering.taken == 0


def test_a_party_takes_as_many_seats_as_it_has_people_and_may_change(session: Session) -> None:
    gathering, (person,) = make_session(session, capacity=4), make_people(session, 1)
    for size, taken in ((3, 3), (None, 3), (4, 4), (2, 2)):
        answer(session, person, gathering.id, YES, party_size=size, now=NOW)
        assert gathering.taken == taken


def test_a_party_that_grows_too_large_keeps_the_seats_it_has(session: Session) -> None:
    gathering, (person,) = make_session(session, capacity=2), make_people(session, 1)
    answer(session, person, gathering.id, YES, party_size=2, now=NOW)
    result = answer(session, person, gathering.id, YES, party_size=3, now=NOW)
    assert (result.kind, result.party_size, gathering.taken) == (RsvpKind.BOOKED, 2, 2)


def test_a_party_that_does_not_fit_waits_while_a_smaller_one_goes_first(session: Session) -> None:
    gathering, (booked, couple, single) = make_session(session, capacity=1), make_people(session, 3)
    answer(session, booked, gathering.id, YES, now=NOW)
    answer(session, couple, gathering.id, YES, party_size=2, now=NOW)
    answer(session, single, gathering.id, YES, now=NOW)
    assert answer(session, booked, gathering.id, NO, now=NOW).promoted == (rsvp_of(session, single),)
    assert status_of(session, couple) == RsvpStatus.WAITLISTED
    assert answer(session, couple, gathering.id, YES, party_size=1, now=NOW).position == 1


def test_more_seats_let_the_waitlist_move_up_in_order(session: Session) -> None:
    gathering, (_, second, third) = full_session(session)
    assert change_capacity(session, gathering, 2, NOW) == (rsvp_of(session, second),)
    assert change_capacity(session, gathering, None, NOW) == (rsvp_of(session, third),)


def test_who_invited_them_first_is_remembered(session: Session) -> None:
    gathering, (person, first, second) = make_session(session), make_people(session, 3)
    for inviter in (None, first, second, None):
        answer(session, person, gathering.id, YES, invited_by_id=inviter, now=NOW)
    assert session.scalars(select(Rsvp.invited_by_id)).one() == first


def test_who_is_deleted_gives_the_seats_back_and_the_sweep_fills_them(session: Session) -> None:
    gathering, (booked, second, _) = full_session(session)
    session.delete(session.get_one(Person, booked))
    session.flush()
    assert fill_free_seats(session, NOW) == (rsvp_of(session, second),)
    assert fill_free_seats(session, NOW) == ()
    assert session.scalars(select(TrainingSession.taken).where(TrainingSession.id == gathering)).one() == 1


def test_a_cancelled_past_or_unknown_session_is_closed(session: Session) -> None:
    cancelled, begun = make_session(session), make_session(session)
    (person,) = make_people(session, 1)
    cancel_session(session, cancelled.id, NOW)
    for gathering, now in ((cancelled.id, NOW), (begun.id, begun.starts_at), (987_654, NOW)):
        assert answer(session, person, gathering, YES, now=now).kind == RsvpKind.CLOSED
    assert session.scalar(select(Rsvp.id)) is None


@pytest.mark.parametrize(("status", "size"), [(RsvpStatus.WAITLISTED, 1), (YES, 0), (YES, -2), (YES, 10**20)])
def test_what_nobody_can_answer_is_refused(session: Session, status: RsvpStatus, size: int) -> None:
    gathering, (person,) = make_session(session), make_people(session, 1)
    with pytest.raises(ValueError, match="answer yes"):
        answer(session, person, gathering.id, status, party_size=size, now=NOW)


ANSWERS = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from([YES, YES, YES, MAYBE, NO, CANCELLED]), st.integers(1, 3)), max_size=25
)


@laws(40)
@given(capacity=st.integers(1, 5), answers=ANSWERS)
def test_seats_and_waitlist_hold_whatever_is_answered(
    session: Session, capacity: int, answers: list[tuple[int, RsvpStatus, int]]
) -> None:
    people, gathering = make_people(session, 7), make_session(session, capacity=capacity)
    for minute, (who, status, size) in enumerate(answers):
        before = waitlist(session, gathering)
        now = NOW + timedelta(minutes=minute)
        result = answer(session, people[who], gathering.id, status, party_size=size, now=now)
        check_seats(session, gathering)
        check_order(before, waitlist(session, gathering), result)


def waitlist(session: Session, gathering: TrainingSession) -> list[int]:
    waiting = select(Rsvp.id).where(Rsvp.session_id == gathering.id, Rsvp.status == RsvpStatus.WAITLISTED)
    return list(session.scalars(waiting.order_by(Rsvp.waitlisted_at, Rsvp.id)))


def check_seats(session: Session, gathering: TrainingSession) -> None:
    session.expire_all()
    rsvps = list(session.scalars(select(Rsvp).where(Rsvp.session_id == gathering.id)))
    assert gathering.capacity is not None
    free = gathering.capacity - gathering.taken
    assert gathering.taken == sum(rsvp.party_size for rsvp in rsvps if rsvp.status == YES)
    assert free >= 0
    assert all(rsvp.party_size > free for rsvp in rsvps if rsvp.status == RsvpStatus.WAITLISTED)


def check_order(before: list[int], after: list[int], result: RsvpResult) -> None:
    assert [rsvp for rsvp in before if rsvp in after] == [rsvp for rsvp in after if rsvp in before]
    assert [rsvp for rsvp in before if rsvp in result.promoted] == list(result.promoted)
    if result.kind == RsvpKind.WAITLISTED:
        assert result.position is not None
        assert 1 <= result.position <= len(after)
