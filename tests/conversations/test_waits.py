from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.conversations.flow import End, Moment
from outreach.conversations.waits import moment_due, waits_at
from tests.conversations.factories import NOW, ZONE, make_facts, shipped

LA = ZoneInfo(ZONE)
INVITE = shipped("invite")
ASK = INVITE.steps["invite"]


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
    assert moment_due(Moment(after, None, at), {}, ZONE, now) == due


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(LA)),  # noqa: DTZ001 - given a zone here
    st.times(),
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
)
def test_a_rung_is_always_still_to_come(now: datetime, at: time, after: timedelta) -> None:
    due = moment_due(Moment(after, None, at), {}, ZONE, now)
    assert now < due <= now + after + timedelta(days=1, hours=2)


def test_the_conversation_ends_when_its_flow_expires() -> None:
    timers = {timer.name: timer.due_at for timer in waits_at(INVITE, ASK, 0, make_facts(), {}, NOW)}
    assert timers == {"silence:0": local(2026, 12, 6, 17, 30), "expired": NOW + timedelta(days=14)}


def test_a_wait_that_begins_after_the_end_ends_at_once() -> None:
    late = NOW + timedelta(days=30)
    assert {timer.name: timer.due_at for timer in waits_at(INVITE, ASK, None, make_facts(), {}, late)} == {
        "expired": late
    }


def test_after_the_last_rung_only_the_end_is_left() -> None:
    assert [timer.name for timer in waits_at(INVITE, ASK, 2, make_facts(), {}, NOW)] == ["expired"]
    assert ASK.silence[-1].then == End("no_answer")


SESSION_AT = local(2026, 12, 12, 10, 0)


@pytest.mark.parametrize(
    ("moment", "due"),
    [
        (Moment(timedelta(days=-4), "session", time(17, 30)), local(2026, 12, 8, 17, 30)),
        (Moment(timedelta(hours=1), "session"), local(2026, 12, 12, 11, 0)),
        # What has come and gone is due at once, and within its hours.
        (Moment(timedelta(days=-10), "session"), NOW),
        (Moment(timedelta(hours=1), "session", None, (time(11, 30), time(20))), local(2026, 12, 12, 11, 30)),
        (Moment(timedelta(hours=11), "session", None, (time(11), time(20))), local(2026, 12, 13, 11, 0)),
        # What never happened is counted from now.
        (Moment(timedelta(days=1), "rsvp"), NOW + timedelta(days=1)),
    ],
)
def test_a_moment_is_counted_from_what_it_names(moment: Moment, due: datetime) -> None:
    assert moment_due(moment, {"session": SESSION_AT}, ZONE, NOW) == due
