from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from outreach.people.models import NumberKind, NumberStatus, Reach, Standing
from outreach.people.standings import postponed_standings, refresh_standings
from tests.laws import laws
from tests.people.factories import TODAY, make_number, make_person

# Every way in which a fact behind a standing may change; `:i` picks whose.
CHANGES = (
    "UPDATE people SET under_18 = true WHERE id % 3 = :i",
    "UPDATE people SET held_because = 'gone' WHERE id % 3 = :i",
    "UPDATE people SET deceased = true WHERE id % 3 = :i",
    "UPDATE people SET snoozed_until = DATE '2026-12-01' WHERE id % 3 = :i",
    "UPDATE people SET merged_into_id = (SELECT max(id) FROM people) WHERE id % 3 = :i",
    "UPDATE people SET merged_into_id = NULL WHERE id % 3 = :i",
    "DELETE FROM people WHERE id % 3 = :i",
    "UPDATE phone_numbers SET texts_opted_out_at = created_at WHERE id % 3 = :i",
    "UPDATE phone_numbers SET calls_opted_out_at = created_at WHERE id % 3 = :i",
    "UPDATE phone_numbers SET automation_held_at = created_at WHERE id % 3 = :i",
    "UPDATE phone_numbers SET consented_at = NULL WHERE id % 3 = :i",
    "UPDATE phone_numbers SET status = 'bad' WHERE id % 3 = :i",
    "UPDATE phone_numbers SET kind = 'mobile' WHERE id % 3 = :i",
    "UPDATE person_numbers SET retired_at = TIMESTAMPTZ '2026-12-01' WHERE person_id % 3 = :i",
    "UPDATE person_numbers SET rank = -5 WHERE person_id % 3 = :i",
    "DELETE FROM person_numbers WHERE number_id % 3 = :i",
    "UPDATE memberships SET standing = 'lapsed' WHERE person_id % 3 = :i",
    "DELETE FROM memberships WHERE person_id % 3 = :i",
    "UPDATE activities SET last_active_on = NULL WHERE person_id % 3 = :i",
    "DELETE FROM activities WHERE person_id % 3 = :i",
)


def standings(session: Session) -> list[tuple[object, ...]]:
    return [tuple(row) for row in session.execute(select(Standing.__table__).order_by(Standing.person_id))]


def make_crowd(session: Session) -> None:
    numbers = [make_number(session), make_number(session), make_number(session, kind=NumberKind.UNKNOWN)]
    for mine in (numbers[:1], numbers[:2], numbers[1:], numbers[2:], []):
        make_person(session, numbers=mine, last_active_on=TODAY)


@laws(60)
@given(changes=st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 2)), max_size=6))
def test_standings_follow_every_change(session: Session, changes: list[tuple[str, int]]) -> None:
    with session.begin_nested() as attempt:
        make_crowd(session)
        for change, whose in changes:
            session.execute(text(change), {"i": whose})
        kept = standings(session)
        session.execute(text("DELETE FROM standings"))
        refresh_standings(session)
        assert standings(session) == kept
        attempt.rollback()


def test_postponed_standings_are_made_at_the_end(session: Session) -> None:
    with postponed_standings(session):
        person = make_person(session)
        assert standings(session) == []
        refresh_standings(session, [person.id])
    assert len(standings(session)) == 1
    make_person(session)
    assert len(standings(session)) == 2


def test_a_number_that_takes_no_texts_may_still_be_called(session: Session) -> None:
    reached = {
        status: session.execute(
            select(Standing.reach, Standing.callable).where(
                Standing.person_id == make_person(session, numbers=[make_number(session, status=status)]).id
            )
        ).one()
        for status in (NumberStatus.BAD, NumberStatus.INVALID)
    }
    assert {status: tuple(row) for status, row in reached.items()} == {
        NumberStatus.BAD: (Reach.NO_MOBILE, True),
        NumberStatus.INVALID: (Reach.WRONG_NUMBER, False),
    }
