from datetime import date, timedelta

from sqlalchemy.orm import Session

from outreach.trainings.availability import merge, note_availability
from outreach.trainings.models import AvailabilityNote
from tests.trainings.factories import NOW, make_person

TODAY = date(2026, 11, 20)


def test_what_somebody_can_do_is_kept_as_said(session: Session) -> None:
    said = {"available": ["sat_morning"], "windows": [{"days": ["tue"], "start": "18:00"}], "not_before": "2027-01-10"}
    person = make_person(session).id
    note_availability(session, person, said, "saturdays from january", NOW)
    note = session.get_one(AvailabilityNote, person)
    assert note.cells["available"] == ["sat_morning"]
    assert note.cells["windows"] == said["windows"]
    assert (note.not_before, note.words, note.noted_at) == (date(2027, 1, 10), "saturdays from january", NOW)


def test_what_is_said_later_wins_and_the_rest_stays(session: Session) -> None:
    person = make_person(session).id
    note_availability(session, person, {"available": ["sat_morning", "tue_evening"], "freq": "weekly"}, "a", NOW)
    note_availability(session, person, {"unavailable": ["sat_morning"]}, "b", NOW + timedelta(days=1))
    later = session.get_one(AvailabilityNote, person)
    assert later.cells["available"] == ["tue_evening"]
    assert later.cells["unavailable"] == ["sat_morning"]
    assert (later.cells["freq"], later.words) == ("weekly", "b")


def test_dates_that_are_past_are_forgotten_and_a_date_said_anew_replaces_itself() -> None:
    before = {"dates": [{"date": "2026-11-19", "part": "evening"}, {"date": "2026-11-28", "part": "evening"}]}
    said = {"dates": [{"date": "2026-11-28", "part": "morning"}, {"date": "2026-11-21", "part": None}]}
    dates = merge(before, said, TODAY)["dates"]
    assert [(entry["date"], entry["part"]) for entry in dates] == [("2026-11-21", None), ("2026-11-28", "morning")]


def test_saying_the_same_twice_changes_nothing() -> None:
    said = {"available": ["sat_morning"], "dates": [{"date": "2026-11-28"}], "prefer": ["sat_morning"]}
    once = merge({}, said, TODAY)
    assert merge(once, said, TODAY) == once
