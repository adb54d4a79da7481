from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.conversations.flow import End, Rung
from outreach.conversations.waits import rung_due, waits_at
from tests.conversations.factories import NOW, ZONE, make_facts, shipped

LA = ZoneInfo(ZONE)
INVITE = shipped("invite")
ASK = INVITE.steps["invite"]


def nudge(after: timedelta, at: time | None) -> Rung:
    return Rung(after, at, {"en": "?", "es": "?"}, None)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=LA)  # type: ignore[misc,arg-type] # year, month, day, hour, minute


@pytest.mark.parametrize(
    ("now", "after", "at", "due"),
    [
        (local(2026, 12, 4, 10, 0), timedelta(days=2), time(17, 30), local(2026, 12, 6, 17, 30)),
        (local(2026, 12, 4, 23, 59), timedelta(days=2), time(17, 30), local(2026, 12, 6, 17, 30)),
        (local(2026, 12, 4, 18, 0), timedelta(minutes=30), time(17, 30), local(2026, 12, 5, 17, 30)),
        (local(2026, 12, 4, 10, 0), timedelta(days=1), None, local(2026, 12, 5, 10, 0)),
        # Over the change to winter time a day has 25 hours; half past five stays half past five.
        (local(2026, 10, 31, 10, 0), timedelta(days=1), time(17, 30), local(2026, 11, 1, 17, 30)),
        # Over the change to summer time an hour is skipped.
        (local(2027, 3, 13, 10, 0), timedelta(days=1), time(17, 30), local(2027, 3, 14, 17, 30)),
    ],
)
def test_a_rung_comes_so_long_after_at_its_hour(
    now: datetime, after: timedelta, at: time | None, due: datetime
) -> None:
    assert rung_due(nudge(after, at), ZONE, now) == due


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(LA)),  # noqa: DTZ001 - given a zone here
    st.times(),
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
)
def test_a_rung_is_always_still_to_come(now: datetime, at: time, after: timedelta) -> None:
    due = rung_due(nudge(after, at), ZONE, now)
    assert now < due <= now + after + timedelta(days=1, hours=2)


def test_the_conversation_ends_when_its_flow_expires() -> None:
    timers = {timer.name: timer.due_at for timer in waits_at(INVITE, ASK, 0, make_facts(), NOW)}
    assert timers == {"silence:0": local(2026, 12, 6, 17, 30), "expired": NOW + timedelta(days=14)}


def test_a_wait_that_begins_after_the_end_ends_at_once() -> None:
    late = NOW + timedelta(days=30)
    assert {timer.name: timer.due_at for timer in waits_at(INVITE, ASK, None, make_facts(), late)} == {"expired": late}


def test_after_the_last_rung_only_the_end_is_left() -> None:
    assert [timer.name for timer in waits_at(INVITE, ASK, 2, make_facts(), NOW)] == ["expired"]
    assert ASK.silence[-1].end == End("no_answer")
