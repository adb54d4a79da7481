from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.people.importing.undo import undo_import
from outreach.people.models import Person, PhoneNumber
from outreach.people.segments import SegmentLimits, partition_counts
from tests.laws import laws
from tests.people.factories import KEY, NOW, TODAY
from tests.people.lists import do_import, write_list

# Small pools, so that rows meet: shared numbers and e-mails, two ids of one name, rows without any. One last name only:
# ids that lists give to different people are rejected as long as nothing else agrees (test_identity.py).
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "list": st.just("x"),
            "AK_ID": st.sampled_from(["", "", "1", "2"]),
            "DSA_ID": st.sampled_from(["", "1"]),
            "first_name": st.sampled_from(["", "Ana", "Beto"]),
            "last_name": st.sampled_from(["", "Prueba"]),
            "email": st.sampled_from(["", "a@example.org", "b@example.org"]),
            "mobile_phone": st.sampled_from(["", "213-555-0101", "213-555-0102", "5550101"]),
            "best_phone": st.sampled_from(["", "213-555-0102", "213-555-0103"]),
            "zip": st.sampled_from(["", "90001", "90002"]),
            "tags": st.sampled_from(["", "a", "b;a"]),
            "membership_status": st.sampled_from(["", "Member", "Lapsed"]),
            "p2ptext_optout": st.sampled_from(["", "", "", "TRUE"]),
        }
    ),
    min_size=1,
    max_size=6,
)
QUIET = laws(40)


def people(session: Session) -> list[dict[str, object]]:
    rows = session.execute(select(Person.__table__).order_by(Person.id)).mappings()
    return [{name: value for name, value in row.items() if name != "updated_at"} for row in rows]


@QUIET
@given(before=ROWS, rows=ROWS)
def test_any_list_twice_changes_nothing(
    session: Session, tmp_path: Path, before: list[dict[str, str]], rows: list[dict[str, str]]
) -> None:
    with session.begin_nested() as attempt:
        do_import(session, write_list(tmp_path / "before.csv", before))
        path = write_list(tmp_path / "list.csv", rows)
        first = do_import(session, path, consent="joined")
        assert min(first.counts().values()) >= 0
        known = people(session)
        second = do_import(session, path, consent="joined")
        assert (second.created, second.updated, people(session)) == (0, 0, known)
        assert sum(partition_counts(session, SegmentLimits(), TODAY).values()) == len(known)
        attempt.rollback()


@QUIET
@given(before=ROWS, rows=ROWS)
def test_any_import_can_be_taken_back_but_for_its_opt_outs(
    session: Session, tmp_path: Path, before: list[dict[str, str]], rows: list[dict[str, str]]
) -> None:
    with session.begin_nested() as attempt:
        do_import(session, write_list(tmp_path / "before.csv", before))
        known = people(session)
        report = do_import(session, write_list(tmp_path / "list.csv", rows), consent="joined")
        undo_import(session, report.import_id, now=NOW, by="tester", key=KEY)
        assert people(session) == known
        assert session.scalar(select(func.count(PhoneNumber.consented_at))) == 0
        attempt.rollback()
