from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.models import Membership, NumberKind, NumberStatus, Person
from outreach.people.segments import (
    PARTITION,
    SEGMENTS,
    Segment,
    SegmentLimits,
    count_textable,
    partition_counts,
    textable_people,
    why_left_out,
)
from tests.laws import laws
from tests.people.factories import TODAY, make_number, make_person

LIMITS = SegmentLimits(attendance_since=date(2026, 1, 1))


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def segment_in(session: Session, limits: SegmentLimits = LIMITS) -> Segment:
    counts = partition_counts(session, limits, TODAY)
    (only,) = [segment for segment, count in counts.items() if count]
    return only


@pytest.mark.parametrize(
    ("facts", "segment"),
    [
        ({"standing": None}, Segment.CONTACT),
        ({"standing": Membership.CONTACT}, Segment.CONTACT),
        ({"standing": Membership.UNKNOWN, "joined_on": None}, Segment.CONTACT),
        ({"standing": Membership.UNKNOWN, "joined_on": days_ago(5)}, Segment.NEW),
        ({"standing": Membership.LAPSED}, Segment.LAPSED),
        ({"standing": Membership.MEMBER}, Segment.EXPIRED),
        ({"joined_on": days_ago(90)}, Segment.NEW),
        ({"joined_on": days_ago(91), "last_active_on": days_ago(90)}, Segment.ACTIVE),
        ({"last_active_on": days_ago(91)}, Segment.COOLING),
        ({"last_active_on": days_ago(180)}, Segment.COOLING),
        ({"last_active_on": days_ago(181)}, Segment.INACTIVE),
        ({"joined_on": days_ago(91)}, Segment.NEVER_ACTIVE),
        ({"joined_on": None}, Segment.NEVER_ACTIVE),
        ({"under_18": True}, Segment.UNREACHABLE),
        ({"deceased": True}, Segment.UNREACHABLE),
        ({"held_because": "moved?"}, Segment.UNREACHABLE),
        ({"numbers": []}, Segment.UNREACHABLE),
    ],
)
def test_each_fact_leads_to_one_segment(session: Session, facts: dict[str, object], segment: Segment) -> None:
    make_person(session, **facts)  # type: ignore[arg-type]
    assert segment_in(session) is segment


@pytest.mark.parametrize("since", [None, days_ago(90), days_ago(10)])
def test_nobody_is_called_never_active_when_nobody_looked(session: Session, since: date | None) -> None:
    make_person(session)
    assert segment_in(session, SegmentLimits(attendance_since=since)) is Segment.UNKNOWN_ACTIVITY


@pytest.mark.parametrize(
    "number",
    [{"opted_out": True}, {"held": True}, {"status": NumberStatus.INVALID}],
)
def test_a_number_that_may_not_be_texted_makes_unreachable(session: Session, number: dict[str, object]) -> None:
    make_person(session, numbers=[make_number(session, **number)])  # type: ignore[arg-type]
    assert segment_in(session) is Segment.UNREACHABLE
    assert count_textable(session, Segment.EVERYONE, LIMITS, TODAY) == 0


@pytest.mark.parametrize(
    "number",
    [{"consented": False}, {"kind": NumberKind.UNKNOWN}, {"kind": NumberKind.HOME}, {"kind": NumberKind.WORK}],
)
def test_callable_people_keep_their_segment_but_get_no_text(session: Session, number: dict[str, object]) -> None:
    make_person(session, numbers=[make_number(session, **number)])  # type: ignore[arg-type]
    assert segment_in(session) is Segment.NEVER_ACTIVE
    assert count_textable(session, Segment.NEVER_ACTIVE, LIMITS, TODAY) == 0


def test_an_opt_out_on_one_number_keeps_texts_from_the_other(session: Session) -> None:
    make_person(session, numbers=[make_number(session), make_number(session, opted_out=True)])
    assert count_textable(session, Segment.EVERYONE, LIMITS, TODAY) == 0


def test_two_people_on_one_number_get_one_text(session: Session) -> None:
    number = make_number(session)
    first = make_person(session, numbers=[number])
    make_person(session, "Beto Prueba", numbers=[number])
    assert session.execute(textable_people(Segment.EVERYONE, LIMITS, TODAY)).all() == [(first.id, number.id)]
    assert why_left_out(session, Segment.EVERYONE, LIMITS, TODAY) == {"shared_number": 1}


def test_a_shared_number_speaks_for_whoever_is_in_the_segment(session: Session) -> None:
    number = make_number(session)
    make_person(session, numbers=[number], standing=Membership.LAPSED)
    second = make_person(session, "Beto Prueba", numbers=[number])
    assert session.execute(textable_people(Segment.EVERYONE, LIMITS, TODAY)).all() == [(second.id, number.id)]
    assert count_textable(session, Segment.LAPSED, LIMITS, TODAY) == 1


def test_the_snoozed_wake_on_their_day(session: Session) -> None:
    make_person(session, snoozed_until=TODAY)
    assert count_textable(session, Segment.EVERYONE, LIMITS, TODAY) == 1
    assert count_textable(session, Segment.EVERYONE, LIMITS, TODAY - timedelta(days=1)) == 0
    assert why_left_out(session, Segment.EVERYONE, LIMITS, days_ago(1)) == {"snoozed": 1}


def test_everyone_leaves_out_the_lapsed_alone(session: Session) -> None:
    for standing in Membership:
        make_person(session, standing=standing)
    counts = {segment: count_textable(session, segment, LIMITS, TODAY) for segment in SEGMENTS}
    assert counts.pop(Segment.EVERYONE) == 4
    assert counts.pop(Segment.LAPSED) == 1
    assert sum(counts.values()) == 4


def test_the_merged_are_nowhere(session: Session) -> None:
    kept = make_person(session)
    make_person(session, "Ana P", merged_into_id=kept.id)
    assert sum(partition_counts(session, LIMITS, TODAY).values()) == 1


PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "standing": st.sampled_from([None, *Membership]),
            "joined_on": st.none() | st.dates(days_ago(400), TODAY),
            "last_active_on": st.none() | st.dates(days_ago(400), TODAY),
            "under_18": st.booleans(),
            "held_because": st.none() | st.just("gone"),
            "snoozed_until": st.none() | st.dates(days_ago(5), days_ago(-5)),
        }
    ),
    max_size=8,
)
NUMBERS = st.lists(
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(NumberKind),
            "status": st.sampled_from(NumberStatus),
            "consented": st.booleans(),
            "opted_out": st.booleans(),
            "held": st.booleans(),
        }
    ),
    min_size=1,
    max_size=4,
)


@laws(60)
@given(people=PEOPLE, numbers=NUMBERS, since=st.none() | st.dates(days_ago(300), TODAY), data=st.data())
def test_segments_of_any_list_sum_to_its_size(
    session: Session,
    people: list[dict[str, object]],
    numbers: list[dict[str, object]],
    since: date | None,
    data: st.DataObject,
) -> None:
    limits = SegmentLimits(attendance_since=since)
    with session.begin_nested() as attempt:
        known = [make_number(session, **facts) for facts in numbers]  # type: ignore[arg-type]
        for facts in people:
            mine = data.draw(st.lists(st.sampled_from(known), unique_by=id, max_size=3))
            make_person(session, numbers=mine, **facts)  # type: ignore[arg-type]
        parts = partition_counts(session, limits, TODAY)
        assert sum(parts.values()) == len(people) == session.scalar(select(func.count()).select_from(Person))
        for segment in SEGMENTS:
            chosen = session.execute(textable_people(segment, limits, TODAY)).all()
            assert len({number for _, number in chosen}) == len(chosen)
            assert len(chosen) == count_textable(session, segment, limits, TODAY)
            if segment in PARTITION:
                assert len(chosen) <= parts[segment]
        attempt.rollback()
