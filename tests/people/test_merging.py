from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.merging import merge_people, split_person
from outreach.people.models import Activity, Membership, MembershipRecord, Person, PersonNumber, Standing
from outreach.people.numbers import people_on
from outreach.people.segments import Segment, SegmentLimits, count_textable, partition_counts
from tests.people.factories import NOW, TODAY, make_number, make_person


def test_the_kept_record_takes_over_numbers_facts_and_holds(session: Session) -> None:
    number, other_number = make_number(session), make_number(session)
    kept = make_person(session, numbers=[number], tags=["tenant"], zip="90033", last_active_on=date(2026, 1, 1))
    other = make_person(
        session, "Ana P", numbers=[other_number], tags=["tenant", "nurse"], committees=["Housing"], zip="90001",
        language="es", last_active_on=date(2026, 5, 1), held_because="moved?", snoozed_until=TODAY,
    )  # fmt: skip
    merge_people(session, kept.id, other.id, NOW)
    assert (kept.zip, kept.language, kept.tags, kept.committees) == ("90033", "es", ["tenant", "nurse"], ["Housing"])
    assert (kept.held_because, kept.snoozed_until) == ("moved?", TODAY)
    activity = session.get_one(Activity, kept.id)
    assert (activity.last_active_on, activity.attended_count) == (date(2026, 5, 1), 2)
    assert [person.id for person in people_on(session, other_number.id)] == [kept.id]
    assert session.get(Standing, other.id) is None


def test_two_records_of_one_person_get_one_text(session: Session) -> None:
    number = make_number(session)
    kept, other = make_person(session, numbers=[number]), make_person(session, "Ana P", numbers=[number])
    merge_people(session, kept.id, other.id, NOW)
    assert count_textable(session, Segment.EVERYONE, SegmentLimits(), TODAY) == 1
    assert sum(partition_counts(session, SegmentLimits(), TODAY).values()) == 1
    assert not session.get_one(Standing, kept.id).shared


@pytest.mark.parametrize(("newer", "standing"), [(True, Membership.LAPSED), (False, Membership.GOOD_STANDING)])
def test_the_newer_list_speaks_of_membership(session: Session, *, newer: bool, standing: Membership) -> None:
    kept, other = make_person(session), make_person(session, "Ana P", standing=Membership.LAPSED)
    session.get_one(MembershipRecord, kept.id).listed_on = date(2026, 6, 1)
    session.get_one(MembershipRecord, other.id).listed_on = date(2026, 7 if newer else 5, 1)
    merge_people(session, kept.id, other.id, NOW)
    assert session.get_one(MembershipRecord, kept.id).standing == standing


def test_a_merge_of_merges_ends_at_one(session: Session) -> None:
    first, second, third = (make_person(session, name) for name in ("Ana A", "Ana B", "Ana C"))
    merge_people(session, second.id, third.id, NOW)
    merge_people(session, first.id, second.id, NOW)
    assert set(session.scalars(select(Person.merged_into_id))) == {None, first.id}


def test_a_split_record_stands_for_itself(session: Session) -> None:
    kept, other = make_person(session), make_person(session, "Ana P")
    merge_people(session, kept.id, other.id, NOW)
    split_person(session, other.id, NOW)
    assert session.get_one(Standing, other.id).shared
    assert session.scalar(select(PersonNumber.number_id).where(PersonNumber.person_id == other.id))
    with pytest.raises(OutreachError, match="not merged"):
        split_person(session, other.id, NOW)


def test_what_cannot_be_merged_is_refused(session: Session) -> None:
    kept, other = make_person(session), make_person(session, "Ana P")
    with pytest.raises(OutreachError, match="two ids"):
        merge_people(session, kept.id, kept.id, NOW)
    with pytest.raises(OutreachError, match="there is no person"):
        merge_people(session, kept.id, other.id + 1, NOW)
    merge_people(session, kept.id, other.id, NOW)
    with pytest.raises(OutreachError, match="already"):
        merge_people(session, kept.id, other.id, NOW)
