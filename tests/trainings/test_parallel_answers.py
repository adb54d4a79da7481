"""Many people answering at once, each on a connection of their own that commits for real."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from outreach.database import make_engine
from outreach.trainings.models import Rsvp, RsvpStatus, TrainingSession
from outreach.trainings.plans import SessionChange
from outreach.trainings.rsvps import RsvpResult, answer
from outreach.trainings.sessions import move_session
from tests.trainings.factories import NOW, make_people, make_session

AT_ONCE = 25


@pytest.fixture
def own_engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url, pool_size=AT_ONCE)
    yield engine
    engine.dispose()


def prepare(engine: Engine, people: int, capacity: int) -> tuple[int, list[int]]:
    with Session(engine) as session, session.begin():
        return make_session(session, capacity=capacity).id, make_people(session, people)


def all_at_once(act: Callable[[int], RsvpResult], people: Iterable[int]) -> list[RsvpResult]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(act, people))


def answering(engine: Engine, gathering: int, status: RsvpStatus) -> Callable[[int], RsvpResult]:
    def act(person: int) -> RsvpResult:
        with Session(engine) as session, session.begin():
            return answer(session, person, gathering, status, now=NOW + timedelta(seconds=person))

    return act


def test_fifty_parallel_yeses_to_twenty_seats_book_twenty_and_waitlist_thirty(own_engine: Engine) -> None:
    gathering, people = prepare(own_engine, people=50, capacity=20)
    results = all_at_once(answering(own_engine, gathering, RsvpStatus.YES), people)
    assert Counter(result.kind for result in results) == {"booked": 20, "waitlisted": 30}
    assert counts(own_engine, gathering) == (20, {"yes": 20, "waitlisted": 30})


def test_a_cancellation_moves_exactly_one_up_and_two_in_parallel_one_each(own_engine: Engine) -> None:
    gathering, people = prepare(own_engine, people=30, capacity=20)
    for person in people:
        answering(own_engine, gathering, RsvpStatus.YES)(person)
    cancel = answering(own_engine, gathering, RsvpStatus.NO)
    assert len(cancel(people[0]).promoted) == 1
    promoted = [result.promoted for result in all_at_once(cancel, people[1:3])]
    assert [len(moved) for moved in promoted] == [1, 1]
    assert promoted[0] != promoted[1]
    assert counts(own_engine, gathering) == (20, {"yes": 20, "waitlisted": 7, "cancelled": 3})


def test_the_same_person_answering_twice_at_once_takes_one_seat(own_engine: Engine) -> None:
    gathering, people = prepare(own_engine, people=1, capacity=20)
    all_at_once(answering(own_engine, gathering, RsvpStatus.YES), people * 10)
    assert counts(own_engine, gathering) == (1, {"yes": 1})


@pytest.mark.parametrize("status", [RsvpStatus.YES, RsvpStatus.MAYBE])
def test_who_answers_while_a_session_moves_answers_to_it_as_it_now_is(own_engine: Engine, status: RsvpStatus) -> None:
    gathering, (person,) = prepare(own_engine, people=1, capacity=20)
    with Session(own_engine) as session, session.begin():
        offered = session.get_one(TrainingSession, gathering)
        moved_to = offered.starts_at + timedelta(days=1)
        with Session(own_engine) as elsewhere, elsewhere.begin():
            move_session(elsewhere, gathering, SessionChange(starts_at=moved_to), NOW)
        answer(session, person, gathering, status, now=NOW)
        assert offered.starts_at == moved_to
        assert session.scalars(select(Rsvp.told_sequence)).one() == 1


def counts(engine: Engine, gathering: int) -> tuple[int, dict[str, int]]:
    with Session(engine) as session:
        taken = session.scalars(select(TrainingSession.taken).where(TrainingSession.id == gathering)).one()
        return taken, dict(Counter(session.scalars(select(Rsvp.status).where(Rsvp.session_id == gathering))))
