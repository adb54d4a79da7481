from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from outreach.texting.models import SenderPace
from outreach.texting.pace import CLAIM_SECONDS, lock_paces, seconds_until_ready, slow_down
from tests.laws import laws
from tests.texting.factories import NOW, OTHER_SENDER, SECOND, SENDER

LARGEST_TEXT = 11  # segments


def spend(session: Session, rate: float, segments: int, now: datetime) -> bool:
    """Send one text if the pace allows, as a claim does."""
    row = lock_paces(session, (SENDER,), rate, now).get(SENDER)
    if row is None:
        return False
    row.tokens -= segments
    session.flush()
    return True


@laws(40)
@given(
    rate=st.sampled_from([0.2, 1.0, 3.75, 50.0]),
    steps=st.lists(st.tuples(st.floats(0, 20, allow_nan=False), st.integers(1, LARGEST_TEXT)), min_size=1, max_size=25),
)
def test_no_span_sends_more_than_its_pace(session: Session, rate: float, steps: list[tuple[float, int]]) -> None:
    session.execute(delete(SenderPace))
    now, sent = NOW, list[tuple[datetime, int]]()
    for gap, segments in steps:
        now += timedelta(seconds=gap)
        if spend(session, rate, segments, now):
            sent.append((now, segments))
    burst = max(1.0, rate * CLAIM_SECONDS) + LARGEST_TEXT
    for place, (start, _) in enumerate(sent):
        for end, _ in sent[place:]:
            within = sum(segments for at, segments in sent if start <= at <= end)
            assert within <= rate * (end - start).total_seconds() + burst + 1e-6


@laws(30)
@given(rate=st.sampled_from([0.2, 1.0, 50.0]), segments=st.integers(1, LARGEST_TEXT))
def test_it_is_ready_when_it_says_so_and_not_sooner(session: Session, rate: float, segments: int) -> None:
    session.execute(delete(SenderPace))
    while spend(session, rate, segments, NOW):
        pass
    wait = seconds_until_ready(session, (SENDER,), rate, NOW)[SENDER]
    assert wait > 0
    assert lock_paces(session, (SENDER,), rate, NOW + timedelta(seconds=wait * 0.98)) == {}
    assert SENDER in lock_paces(session, (SENDER,), rate, NOW + timedelta(seconds=wait + 0.001))


def test_a_sender_is_ready_at_first(session: Session) -> None:
    assert seconds_until_ready(session, (SENDER,), 1.0, NOW) == {SENDER: 0.0}
    assert lock_paces(session, (SENDER,), 1.0, NOW)[SENDER].tokens == 1.0


def test_an_idle_night_saves_up_two_seconds_of_pace_and_no_more(session: Session) -> None:
    lock_paces(session, (SENDER,), 50.0, NOW)
    later = lock_paces(session, (SENDER,), 50.0, NOW + timedelta(hours=10))
    assert later[SENDER].tokens == 100.0


def test_a_clock_that_goes_back_gives_nothing_and_takes_nothing(session: Session) -> None:
    lock_paces(session, (SENDER,), 50.0, NOW)
    assert lock_paces(session, (SENDER,), 50.0, NOW - timedelta(hours=1))[SENDER].tokens == 50.0


def test_senders_have_a_pace_each(session: Session) -> None:
    both = lock_paces(session, (SENDER, OTHER_SENDER), 1.0, NOW)
    both[SENDER].tokens = 0
    session.flush()
    assert set(lock_paces(session, (SENDER, OTHER_SENDER), 1.0, NOW)) == {OTHER_SENDER}
    assert seconds_until_ready(session, (SENDER, OTHER_SENDER), 1.0, NOW) == pytest.approx(
        {SENDER: 1.0, OTHER_SENDER: 0.0}
    )


def test_a_slowed_sender_rests_and_comes_back(session: Session) -> None:
    lock_paces(session, (SENDER,), 1.0, NOW)
    slow_down(session, SENDER, timedelta(minutes=2), NOW)
    assert lock_paces(session, (SENDER,), 1.0, NOW + 119 * SECOND) == {}
    assert SENDER in lock_paces(session, (SENDER,), 1.0, NOW + 121 * SECOND)


def test_a_shorter_rest_does_not_end_a_longer_one(session: Session) -> None:
    lock_paces(session, (SENDER,), 1.0, NOW)
    slow_down(session, SENDER, timedelta(minutes=2), NOW)
    slow_down(session, SENDER, timedelta(seconds=1), NOW)
    assert session.scalars(select(SenderPace.slow_until)).one() == NOW + timedelta(minutes=2)
