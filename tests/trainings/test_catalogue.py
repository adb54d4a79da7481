from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.texting.segments import count_segments
from outreach.trainings.catalogue import add_training, agreements, agreements_text, list_trainings, same_title
from outreach.trainings.levels import LEVEL_ORDER, is_ready_for
from outreach.trainings.models import Agreement, Level, Material, Training
from outreach.trainings.seed import seed_catalogue
from tests.trainings.factories import NOW

# The nine areas that the programme's resolution proposes, and what it names besides.
NINE_AREAS = {
    "facilitation",
    "direct_action",
    "canvassing",
    "organizing_conversations",
    "internal_research",
    "power_mapping",
    "conflict_mediation",
    "de_escalation",
    "listening",
}
ADVANCED = {"power-mapping", "strategic-research", "coalition-building", "social-media"}
FUNDAMENTALS = {"facilitation", "direct-action", "canvassing"}
LONGEST_TITLE_IN_A_TEXT = 40


def seeded(session: Session) -> list[Training]:
    seed_catalogue(session, NOW)
    return list_trainings(session)


def test_the_catalogue_holds_every_training_and_area_that_the_programme_names(session: Session) -> None:
    catalogue = seeded(session)
    assert {training.area for training in catalogue} >= NINE_AREAS | {"know_your_rights"}
    assert {training.slug for training in catalogue if training.level == Level.ADVANCED} == ADVANCED
    assert {training.slug for training in catalogue if training.level == Level.FUNDAMENTALS} > FUNDAMENTALS


def test_every_blurb_is_one_segment_and_every_title_fits_in_a_text_in_both_languages(session: Session) -> None:
    for training in seeded(session):
        for blurb in (training.blurb, training.blurb_es):
            assert blurb
            assert count_segments(blurb).segments == 1, (training.slug, blurb)
        for title in (training.title, training.title_es):
            counted = count_segments(title)
            assert (counted.encoding, 0 < counted.units <= LONGEST_TITLE_IN_A_TEXT) == ("GSM-7", True), title


def test_the_list_begins_with_fundamentals(session: Session) -> None:
    places = [LEVEL_ORDER.index(Level(training.level)) for training in seeded(session)]
    assert places == sorted(places)
    assert places[0] == 0


def test_seeding_twice_changes_nothing_and_never_what_the_chapter_edited(session: Session) -> None:
    first = seeded(session)[0]
    first.title = "How to organize"
    session.flush()
    before = counts(session)
    assert seeded(session)[0].title == "How to organize"
    assert counts(session) == before


def counts(session: Session) -> list[int | None]:
    return [session.scalar(select(func.count()).select_from(table)) for table in (Training, Material, Agreement)]


def test_every_material_names_its_version_and_language(session: Session) -> None:
    seeded(session)
    materials = list(session.scalars(select(Material)))
    assert materials
    assert all(material.version and material.language in {"en", "es"} and material.link for material in materials)


def test_the_agreements_are_one_segment_beside_a_confirmation_in_both_languages(session: Session) -> None:
    assert agreements_text(session, "en") == ""
    seeded(session)
    assert len(agreements(session, "es")) == len(agreements(session, "en"))
    for language in ("en", "es"):
        assert count_segments(agreements_text(session, language)).segments == 1


def test_a_training_of_the_same_title_is_added_beside_the_first(session: Session) -> None:
    assert same_title(session, "Meeting  facilitation") is None
    first = add_training(session, "Meeting facilitation", Level.FUNDAMENTALS, NOW)
    second = add_training(session, " meeting facilitation ", Level.FUNDAMENTALS, NOW)
    assert (first.slug, second.slug) == ("meeting-facilitation", "meeting-facilitation-2")
    assert same_title(session, "MEETING facilitation") == first.id


def test_fundamentals_are_open_to_everybody_and_the_rest_to_who_had_some_training() -> None:
    assert is_ready_for(Level.FUNDAMENTALS, None)
    assert not is_ready_for(Level.ADVANCED, None)
    assert is_ready_for(Level.ADVANCED, "fundamentals")
