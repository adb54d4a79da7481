from datetime import date

from sqlalchemy.orm import Session

from outreach.people.activity import note_activity
from outreach.people.models import Activity
from outreach.people.names import fold, split_name
from outreach.people.profile import add_to, how_we_know, note_written_language, remove_from, rename
from tests.people.factories import NOW, make_person


def test_where_a_number_came_from_has_a_true_answer(session: Session) -> None:
    person = make_person(session, source="DSA membership list", source_since=date(2025, 3, 1))
    known = how_we_know(person)
    assert (known.source, known.since) == ("DSA membership list", date(2025, 3, 1))
    assert how_we_know(make_person(session)).since == NOW.date()


def test_the_language_asked_for_goes_before_the_one_written(session: Session) -> None:
    person = make_person(session)
    note_written_language(session, person.id, "es", NOW)
    assert person.speaks == "es"
    person.language = "en"
    assert person.speaks == "en"


def test_tags_and_committees_are_held_once(session: Session) -> None:
    person = make_person(session)
    add_to(session, person.id, "committees", ["Housing", " Housing ", "Labor", ""], NOW)
    add_to(session, person.id, "committees", ["Labor"], NOW)
    remove_from(session, person.id, "committees", "Housing", NOW)
    remove_from(session, person.id, "committees", "nothing such", NOW)
    assert person.committees == ["Labor"]


def test_a_new_name_is_found_by_its_folded_form(session: Session) -> None:
    person = make_person(session)
    rename(session, person.id, "José", "O'Brien-Peña", NOW)
    assert person.folded_name == "jose obrien pena"


def test_names_fold_and_split() -> None:
    assert fold("  María   de la-Cruz ") == "maria de la cruz"
    assert fold("ŁUKASZ") == "łukasz"
    assert split_name("Ana María Prueba") == ("Ana María", "Prueba")
    assert split_name("Prueba, Ana") == ("Ana", "Prueba")
    assert split_name("Ana") == ("Ana", "")


def test_activity_only_moves_forward(session: Session) -> None:
    person = make_person(session)
    for day, attended in ((date(2026, 5, 1), 1), (date(2026, 4, 1), 1), (date(2026, 6, 1), 0)):
        note_activity(session, person.id, day, attended=attended)
    session.expire_all()
    activity = session.get_one(Activity, person.id)
    assert (activity.last_active_on, activity.attended_count) == (date(2026, 6, 1), 2)
