from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.models import (
    Membership,
    MembershipRecord,
    Person,
)
from tests.people.lists import NATIONAL, ROW, do_import, imported, textable, write_list


def test_what_spreadsheets_and_lists_do_to_facts_is_put_right(session: Session, tmp_path: Path) -> None:
    row = {**NATIONAL, "zip": "4282", "xdate": "2099-11-01", "join_date": "3/9/2020", "membership_status": "expired"}
    imported(session, tmp_path, row)
    assert session.scalars(select(Person.zip)).one() == "04282"
    record = session.scalars(select(MembershipRecord)).one()
    assert (record.standing, record.raw_word) == (Membership.LAPSED, "expired")
    assert (record.lifetime, record.joined_on, record.expires_on) == (True, date(2020, 3, 9), date(2099, 11, 1))


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({"membership_status": "Member in Good Standing"}, Membership.GOOD_STANDING),
        ({"membership_status": "M", "memb_status_letter": "M"}, Membership.MEMBER),
        ({"Memb_status": "M", "membership_status": "Lapsed"}, Membership.LAPSED),
        ({"xdate": "2026-12-01"}, Membership.GOOD_STANDING),
        ({"xdate": "2026-11-30"}, Membership.MEMBER),
        ({"xdate": "2025-12-01"}, Membership.LAPSED),
        ({"xdate": "2025-12-02"}, Membership.MEMBER),
        ({"join_date": "2020-01-01"}, Membership.UNKNOWN),
        ({"membership_status": "comrade"}, Membership.UNKNOWN),
    ],
)
def test_membership_is_what_the_list_says_else_its_dates(
    session: Session, tmp_path: Path, facts: dict[str, str], standing: Membership
) -> None:
    imported(session, tmp_path, {**ROW, **facts})
    assert session.scalars(select(MembershipRecord.standing)).one() == standing


def test_who_is_on_a_list_without_membership_is_a_contact(session: Session, tmp_path: Path) -> None:
    assert imported(session, tmp_path, {**ROW, "membership_status": ""}).belonging == "contact"
    assert session.scalar(select(func.count()).select_from(MembershipRecord)) == 0


def test_an_older_list_does_not_change_membership(session: Session, tmp_path: Path) -> None:
    def on(day: str, status: str) -> None:
        row = {**NATIONAL, "membership_status": status}
        do_import(session, write_list(tmp_path / f"list_{day}.csv", [row]))

    on("20260601", "Lapsed")
    on("20260501", "Member")
    assert session.scalars(select(MembershipRecord.standing)).one() == Membership.LAPSED
    on("20260701", "Member in Good Standing")
    assert session.scalars(select(MembershipRecord.standing)).one() == Membership.GOOD_STANDING


def test_sensitive_columns_are_left_out_but_under_18_is_kept(session: Session, tmp_path: Path) -> None:
    row = {
        **ROW,
        "race": "r",
        "employer": "e",
        "address1": "a",
        "union_name": "u",
        "birthdate": "",
        "dob": "2012-01-01",
    }
    report = do_import(session, write_list(tmp_path / "members.csv", [row]), consent="joined")
    assert report.ignored_columns == ["race", "employer", "address1", "union_name", "birthdate", "dob"]
    assert session.scalars(select(Person.under_18)).one() is True
    assert textable(session) == 0


def test_a_list_that_shows_an_adult_does_not_lift_under_18(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {**ROW, "age": "16"})
    assert imported(session, tmp_path, {**ROW, "age": "61"}).reach == "under_18"


def test_a_kept_column_is_kept_by_its_name(session: Session, tmp_path: Path) -> None:
    row = {**ROW, "Union Name": "Local 1", "Shoe size": ""}
    report = do_import(session, write_list(tmp_path / "members.csv", [row]), keep=("union_name", "Shoe size"))
    assert session.scalars(select(Person.kept)).one() == {"union_name": "Local 1"}
    assert report.ignored_columns == []


def test_what_people_told_us_themselves_is_filled_never_replaced(session: Session, tmp_path: Path) -> None:
    told = {"preferred_name": "Anita", "pronouns": "she/her", "language": "Spanish"}
    imported(session, tmp_path, {**ROW, **told})
    imported(session, tmp_path, {**ROW, "preferred_name": "A.", "pronouns": "they", "language": "English"})
    person = session.scalars(select(Person)).one()
    assert (person.preferred_name, person.pronouns, person.language) == ("Anita", "she/her", "es")


def test_an_empty_cell_erases_nothing(session: Session, tmp_path: Path) -> None:
    imported(
        session, tmp_path, {**NATIONAL, "zip": "90033", "branch": "Central", "tags": "a;b", "committees": "Housing"}
    )
    imported(session, tmp_path, {**NATIONAL, "email": "", "zip": "", "branch": "", "tags": "c", "committees": ""})
    person = session.scalars(select(Person)).one()
    assert (person.email, person.zip, person.branch) == ("ana@example.org", "90033", "Central")
    assert (sorted(person.tags), person.committees) == (["a", "b", "c"], ["Housing"])


def test_where_a_number_came_from_is_kept_from_the_first_list(session: Session, tmp_path: Path) -> None:
    imported(session, tmp_path, {**ROW, "source": "Tabling at Echo Park", "created_at": "2026-03-04 10:00:00"})
    imported(session, tmp_path, ROW, source="Another list")
    person = session.scalars(select(Person)).one()
    assert (person.source, person.source_since) == ("Tabling at Echo Park", date(2026, 3, 4))
