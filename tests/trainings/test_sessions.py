from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from outreach.trainings.models import RsvpStatus, SessionState
from outreach.trainings.plans import SessionChange
from outreach.trainings.refusals import RefusedError
from outreach.trainings.rsvps import answer
from outreach.trainings.sessions import (
    cancel_session,
    change_capacity,
    find_session,
    list_sessions,
    move_session,
    open_sessions,
)
from tests.trainings.factories import NOW, ZONE, make_people, make_session, make_training


@pytest.mark.parametrize(
    ("facts", "complaint"),
    [
        ({"starts_at": NOW}, "is past"),
        ({"starts_at": NOW - timedelta(days=1)}, "is past. Give a start"),
        ({"starts_at": NOW + timedelta(days=20 * 365)}, "Is the year right"),
        ({"minutes": 0}, "ends before it starts"),
        ({"minutes": -60}, "ends before it starts"),
        ({"minutes": 10**12}, "longer than two weeks"),
        ({"capacity": 0}, "at least 1"),
        ({"capacity": -1}, "at least 1"),
        ({"capacity": 10**20}, "at least 1"),
        ({"timezone": "Mars/Olympus"}, "There is no time zone 'Mars/Olympus'. Name one"),
        ({"timezone": "America"}, "There is no time zone"),
        ({"timezone": "../etc"}, "There is no time zone"),
        ({"timezone": ""}, "There is no time zone"),
        ({"place": " "}, "Give a place or a link"),
        ({"sensitive": True}, "Name the host"),
        ({"training_id": 987_654}, "There is no training 987654"),
    ],
)
def test_what_no_session_can_be_is_refused_with_the_mend(
    session: Session, facts: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(RefusedError, match=complaint):
        make_session(session, **facts)


def test_facts_are_worded_in_both_languages_and_count_the_seats_left(session: Session) -> None:
    training = make_training(session, "Canvassing", title_es="Tocar puertas")
    gathering = make_session(session, training, capacity=20, neighbourhood="Boyle Heights", address="1200 E Example St")
    answer(session, make_people(session, 1)[0], gathering.id, RsvpStatus.YES, party_size=2, now=NOW)
    facts = find_session(session, gathering.id)
    assert facts is not None
    assert (facts.label_en, facts.label_es) == ("Sat Dec 12 10am", "sáb 12 dic 10am")
    assert (facts.day_en, facts.day_es, facts.time) == ("Sat Dec 12", "sáb 12 dic", "10am")
    assert (facts.title_en, facts.title_es) == ("Canvassing", "Tocar puertas")
    assert (facts.place, facts.address, facts.seats_left) == ("Boyle Heights", "1200 E Example St", 18)
    assert (facts.starts_at.isoformat(), facts.ends_at.hour) == ("2026-12-12T10:00:00-08:00", 13)


def test_without_a_neighbourhood_the_place_is_public_and_without_a_bound_there_is_no_last_seat(
    session: Session,
) -> None:
    facts = find_session(session, make_session(session, place="Example Hall").id)
    assert facts is not None
    assert (facts.place, facts.address, facts.seats_left) == ("Example Hall", "Example Hall", None)
    assert facts.title_es == facts.title_en


def test_a_session_online_is_on_zoom_until_somebody_names_another_place(session: Session) -> None:
    facts = find_session(session, make_session(session, place="", link="https://meet.example.org/1").id)
    assert facts is not None
    assert facts.place == "Zoom"


def test_a_sensitive_session_tells_neither_place_nor_address_nor_link(session: Session) -> None:
    gathering = make_session(
        session, sensitive=True, host="host@example.org", address="1200 E Example St", link="https://x.example"
    )
    facts = find_session(session, gathering.id)
    assert facts is not None
    assert (facts.place, facts.address, facts.link) == ("", "", "")


def test_open_sessions_come_soonest_first_without_those_past_cancelled_or_sensitive(session: Session) -> None:
    training = make_training(session)
    later, sooner = make_session(session, training), make_session(session, training, starts_at=NOW + timedelta(days=1))
    sensitive = make_session(session, training, sensitive=True, host="host@example.org")
    cancelled = make_session(session, training)
    cancel_session(session, cancelled.id, NOW)
    assert [facts.id for facts in open_sessions(session, None, NOW)] == [sooner.id, later.id]
    assert [facts.id for facts in open_sessions(session, None, sooner.starts_at)] == [later.id]
    chosen = open_sessions(session, [sensitive.id, sooner.id, cancelled.id], NOW)
    assert [facts.id for facts in chosen] == [sooner.id, sensitive.id]
    assert open_sessions(session, [], NOW) == []
    assert cancelled in list_sessions(session, None)
    assert list_sessions(session, NOW) == [sooner, later, sensitive]


def test_a_move_counts_up_so_that_people_can_be_told_and_saying_it_again_does_not(session: Session) -> None:
    gathering = make_session(session)
    change = SessionChange(starts_at=gathering.starts_at + timedelta(days=7), place="Another Hall")
    for _ in range(2):
        moved = move_session(session, gathering.id, change, NOW)
        assert (moved.sequence, moved.place, moved.starts_at) == (1, "Another Hall", change.starts_at)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"starts_at": NOW - timedelta(hours=1)}, "is past"),
        ({"minutes": 0}, "ends before it starts"),
        ({"timezone": "Nowhere"}, "There is no time zone"),
    ],
)
def test_a_move_to_what_no_session_can_be_is_refused(session: Session, change: dict[str, Any], complaint: str) -> None:
    gathering = make_session(session)
    with pytest.raises(RefusedError, match=complaint):
        move_session(session, gathering.id, SessionChange(**change), NOW)


def test_a_cancelled_session_stays_cancelled_and_keeps_its_answers(session: Session) -> None:
    gathering, (person,) = make_session(session, capacity=3), make_people(session, 1)
    answer(session, person, gathering.id, RsvpStatus.YES, now=NOW)
    for _ in range(2):
        assert cancel_session(session, gathering.id, NOW).state == SessionState.CANCELLED
    assert (gathering.sequence, gathering.taken) == (1, 1)
    with pytest.raises(RefusedError, match="Add a new one"):
        move_session(session, gathering.id, SessionChange(minutes=60), NOW)


def test_a_session_that_has_begun_or_is_none_can_neither_move_nor_be_cancelled(session: Session) -> None:
    gathering = make_session(session)
    with pytest.raises(RefusedError, match="has begun"):
        cancel_session(session, gathering.id, gathering.starts_at)
    with pytest.raises(RefusedError, match="There is no session 987654"):
        move_session(session, 987_654, SessionChange(minutes=60), NOW)


def test_there_are_never_fewer_seats_than_are_taken(session: Session) -> None:
    gathering, people = make_session(session, capacity=3), make_people(session, 2)
    for person in people:
        answer(session, person, gathering.id, RsvpStatus.YES, now=NOW)
    with pytest.raises(RefusedError, match="2 seats are taken already"):
        change_capacity(session, gathering.id, 1, NOW)
    assert change_capacity(session, gathering.id, 2, NOW) == ()


def test_a_session_over_a_clock_change_lasts_its_minutes(session: Session) -> None:
    night = (NOW + timedelta(days=110)).replace(month=3, day=14, year=2027, hour=9, minute=0)  # 1am in Los Angeles
    facts = find_session(session, make_session(session, starts_at=night, minutes=120, timezone=ZONE).id)
    assert facts is not None
    assert (facts.time, facts.ends_at.hour) == ("1am", 4)
