from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from outreach.texting.leases import give_back_lease, take_lease
from outreach.texting.models import Lease
from tests.texting.factories import NOW, SECOND

LENGTH = 6 * SECOND


def test_one_holder_has_it_until_it_runs_out(session: Session) -> None:
    assert take_lease(session, "drain", "a", LENGTH, NOW)
    assert not take_lease(session, "drain", "b", LENGTH, NOW + LENGTH)
    assert take_lease(session, "drain", "b", LENGTH, NOW + LENGTH + SECOND)
    assert not take_lease(session, "drain", "a", LENGTH, NOW + LENGTH + SECOND)


def test_its_holder_renews_it(session: Session) -> None:
    for seconds in range(20):
        assert take_lease(session, "drain", "a", LENGTH, NOW + seconds * SECOND)
    assert not take_lease(session, "drain", "b", LENGTH, NOW + 20 * SECOND)


def test_what_was_given_back_is_anothers(session: Session) -> None:
    take_lease(session, "drain", "a", LENGTH, NOW)
    give_back_lease(session, "drain", "a", NOW)
    assert take_lease(session, "drain", "b", LENGTH, NOW + SECOND)


def test_nobody_gives_back_what_another_has(session: Session) -> None:
    take_lease(session, "drain", "a", LENGTH, NOW)
    give_back_lease(session, "drain", "b", NOW)
    give_back_lease(session, "other", "b", NOW)
    assert not take_lease(session, "drain", "b", LENGTH, NOW + SECOND)


def test_its_token_rises_at_every_take(session: Session) -> None:
    tokens = []
    for place in range(3):
        take_lease(session, "drain", f"holder {place}", LENGTH, NOW + place * 10 * SECOND)
        tokens.append(session.scalars(select(Lease.token).where(Lease.name == "drain")).one())
    assert tokens == [1, 2, 3]


def test_leases_of_two_names_are_two(session: Session) -> None:
    assert take_lease(session, "drain", "a", LENGTH, NOW)
    assert take_lease(session, "settle", "b", LENGTH, NOW)


def test_of_many_at_once_one_takes_it(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"), pool_size=8)

    def take(place: int) -> bool:
        with Session(engine) as session, session.begin():
            return take_lease(session, "drain", f"holder {place}", LENGTH, NOW)

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(8))) == 1
    engine.dispose()
