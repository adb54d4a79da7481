import pytest

from outreach.understanding import read
from tests.understanding.week import NOW

NEEDED = {
    "I need childcare for 2": {"childcare"},
    "is somebody watching kids there? Mine are 4 and 7": {"childcare"},
    "hay babysitting? tengo dos toddlers": {"childcare"},
    "the babysitter flaked on me": {"childcare"},
    "ride fell through, anyone near Koreatown coming?": {"ride"},
    "no manejo, alguien que vaya de Maywood?": {"ride"},
    "my license got suspended so I'd need a lift": {"ride"},
    "traigo van grande por si ocupan raite": {"ride_offer"},
    "coming from Whittier w an empty back seat if somebody needs it": {"ride_offer"},
    "does the building have an elevator? my knee is shot": {"wheelchair"},
    "ando con andadera": {"wheelchair"},
    "mi esposo es sordo, necesita interprete de lenguaje de señas": {"asl"},
    "no oigo bien, se puede con subtitulos?": {"captions", "hearing"},
    "do you have someone who can translate to Spanish for my mom?": {"interpretation"},
    "necesito que me lo traduzcan": {"interpretation"},
    "can't leave my dad alone but I could zoom in": {"remote"},
    "pero que sea por zoom": {"remote"},
    "tengo las defensas bajas, ojala usen cubrebocas": {"masks"},
    "strong scents set off my asthma": {"fragrance_free"},
    "no como carne ni lacteos": {"food"},
    "Ground floor + captions + ride from Echo Park would make it possible for me": {"wheelchair", "captions", "ride"},
}


@pytest.mark.parametrize(("text", "needs"), NEEDED.items())
def test_what_somebody_needs_is_heard(text: str, needs: set[str]) -> None:
    assert set(read(text, context="inv", now=NOW).needs) == needs


@pytest.mark.parametrize(
    "text",
    [
        "is there childcare?",
        "va a haber interprete de señas?",
        "please cancel the ride, my sister is driving me",
        "ya no ocupo raite",
        "no hablo ingles",
        "get me off this thing",
    ],
)
def test_a_bare_question_or_what_is_given_up_is_no_need(text: str) -> None:
    assert read(text, context="inv", now=NOW).needs == ()
