"""Two records of one person made one, and taken apart again."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from outreach.errors import OutreachError
from outreach.people.models import Activity, MembershipRecord, Person, PersonNumber
from outreach.people.numbers import lock_numbers_of

# What the kept record takes over where it has nothing itself.
_FILLED = ("preferred_name", "pronouns", "email", "language", "written_language", "timezone", "zip", "branch")


def merge_people(session: Session, kept_id: int, other_id: int, now: datetime) -> Person:
    """Make `other` part of `kept`: its numbers, facts and holds count for the kept record from now on.

    The other record stays, out of every segment and search, so that lists that know it find the kept one and the
    merge can be taken back. Raises OutreachError for a record that is merged already, or with itself.
    """
    lock_numbers_of(session, (kept_id, other_id))
    kept, other = _both(session, kept_id, other_id)
    session.execute(update(Person).where(Person.merged_into_id == other_id).values(merged_into_id=kept_id))
    other.merged_into_id, other.updated_at, kept.updated_at = kept_id, now, now
    _take_facts(kept, other)
    session.flush()
    _take_numbers(session, kept_id, other_id)
    _take_membership(session, kept_id, other_id)
    _take_activity(session, kept_id, other_id)
    session.expire_all()
    return kept


def split_person(session: Session, person_id: int, now: datetime) -> Person:
    """Take a merged record apart again: it stands for itself, with its own numbers, membership and activity.

    What the kept record took over stays with it, numbers too: whoever splits them retires what is not theirs.
    """
    person = session.get_one(Person, person_id)
    if person.merged_into_id is None:
        raise OutreachError(f"person {person_id} is not merged")
    person.merged_into_id, person.updated_at = None, now
    session.flush()
    return person


def _both(session: Session, kept_id: int, other_id: int) -> tuple[Person, Person]:
    if kept_id == other_id:
        raise OutreachError("a person cannot be merged with themselves: give two ids")
    found = {
        person.id: person
        for person in session.scalars(
            select(Person).where(Person.id.in_([kept_id, other_id])).order_by(Person.id).with_for_update(key_share=True)
        )
    }
    for person_id in (kept_id, other_id):
        if person_id not in found:
            raise OutreachError(f"there is no person {person_id}")
        if found[person_id].merged_into_id is not None:
            raise OutreachError(f"person {person_id} is merged into {found[person_id].merged_into_id} already")
    return found[kept_id], found[other_id]


def _take_facts(kept: Person, other: Person) -> None:
    for name in _FILLED:
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(other, name))
    kept.committees = list(dict.fromkeys([*kept.committees, *other.committees]))
    kept.tags = list(dict.fromkeys([*kept.tags, *other.tags]))
    kept.under_18 = kept.under_18 or other.under_18
    kept.deceased = kept.deceased or other.deceased
    kept.held_because = kept.held_because or other.held_because
    if other.snoozed_until is not None:
        kept.snoozed_until = max(kept.snoozed_until or other.snoozed_until, other.snoozed_until)


def _take_numbers(session: Session, kept_id: int, other_id: int) -> None:
    for link in session.scalars(select(PersonNumber).where(PersonNumber.person_id == other_id)):
        facts = {
            "person_id": kept_id,
            "number_id": link.number_id,
            "kind": link.kind,
            "rank": link.rank + 1,
            "retired_at": link.retired_at,
            "retired_because": link.retired_because,
        }
        session.execute(insert(PersonNumber).values(facts).on_conflict_do_nothing())


def _take_membership(session: Session, kept_id: int, other_id: int) -> None:
    """Let the newer list speak."""
    mine, theirs = session.get(MembershipRecord, kept_id), session.get(MembershipRecord, other_id)
    if theirs is None or (mine is not None and not _newer(theirs, mine)):
        return
    facts = {
        column.key: getattr(theirs, column.key)
        for column in MembershipRecord.__table__.columns
        if column.key != "person_id"
    }
    statement = insert(MembershipRecord).values(person_id=kept_id, **facts)
    session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=facts))


def _newer(one: MembershipRecord, other: MembershipRecord) -> bool:
    return one.listed_on is not None and (other.listed_on is None or one.listed_on > other.listed_on)


def _take_activity(session: Session, kept_id: int, other_id: int) -> None:
    theirs = session.get(Activity, other_id)
    if theirs is None:
        return
    mine = session.get(Activity, kept_id)
    if mine is None:
        mine = Activity(person_id=kept_id, attended_count=0)
        session.add(mine)
    days = [day for day in (mine.last_active_on, theirs.last_active_on) if day is not None]
    mine.last_active_on = max(days, default=None)
    mine.attended_count += theirs.attended_count
    mine.trained_level = mine.trained_level or theirs.trained_level
    session.flush()
