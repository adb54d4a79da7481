from sqlalchemy.orm import Session

from outreach.texting.provider_ids import owners_of, tie_sids


def test_an_id_belongs_to_who_had_it_first(session: Session) -> None:
    assert tie_sids(session, {"SM2": 2, "SM1": 1}) == {"SM1": 1, "SM2": 2}
    assert tie_sids(session, {"SM2": 7, "SM3": 3}) == {"SM2": 2, "SM3": 3}


def test_a_text_may_have_several_ids(session: Session) -> None:
    tie_sids(session, {"SM1": 1})
    assert tie_sids(session, {"SM2": 1}) == {"SM2": 1}
    assert owners_of(session, {"SM1", "SM2", "SM9"}) == {"SM1": 1, "SM2": 1}


def test_of_none_there_are_none(session: Session) -> None:
    assert tie_sids(session, {}) == {}
    assert owners_of(session, set()) == {}
