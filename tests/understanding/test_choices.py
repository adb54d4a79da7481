from datetime import timedelta

import pytest

from outreach.understanding import MenuOption, read
from tests.understanding.week import NOW

SATURDAY = NOW.replace(day=21)
MENU = (
    MenuOption("1", "Sat 3/21 10am Boyle Heights", SATURDAY),
    MenuOption("2", "Tue 3/24 6:30pm Zoom", SATURDAY + timedelta(days=3, hours=8, minutes=30)),
)
PICKED = {
    "2": "2",
    "#1": "1",
    "1,2": "1,2",
    "1|2": "1,2",
    "latter": "2",
    "the earlier of the two": "1",
    "la de la compu": "2",
    "en persona mejor": "1",
    "boyle hts plz": "1",
    "el dos no, el uno si": "1",
    "sabado trabajo, pongame en el otro": "2",
    "not the zoom, the other": "1",
    "had enough of zoom honestly, doing the in person": "1",
    "el que no es en persona": "2",
    "I can't do the first so I guess the second": "2",
    "option 1 if there's still room, otherwise 2": "1|2",
    "2 for sure, 1 if I can get off work": "2",
    "1 but can I switch to 2 later if things change?": "1",
    "zoom, saturdays are for my grandkids": "2",
    "either works": "1|2",
    "voy a ambos": "1,2",
    "1 maybe": "1",
}


@pytest.mark.parametrize(("text", "choice"), PICKED.items())
def test_an_option_may_be_picked_by_number_place_kind_or_day(text: str, choice: str) -> None:
    assert read(text, context="invm", menu=MENU, now=NOW).choice == choice


@pytest.mark.parametrize("text", ["can't do 1 or 2", "neither", "my 2 kids are sick", "what time is it"])
def test_nothing_is_picked_by_chance(text: str) -> None:
    assert read(text, context="invm", menu=MENU, now=NOW).choice is None


@pytest.mark.parametrize(
    ("text", "rating"),
    [
        ("4 out of 5", 4),
        ("10/10", 5),
        ("10/5", 5),
        ("it was a 2 at first but by the end a solid 4", 4),
        ("couldn't stop thinking about it after. 5", 5),
        ("between 3 and 4", None),
    ],
)
def test_a_rating_is_the_last_word_on_it(text: str, rating: int | None) -> None:
    assert read(text, context="fb", now=NOW).rating == rating


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("yes, party of 4", 4),
        ("vamos a ir cinco", 5),
        ("me + 3 coworkers", 4),
        ("me anoto con mi hermano y mi cuñada", 3),
        ("just me, my roommate bailed", 1),
        ("For sure! Can I bring my roommate?", None),
        ("yes, llego despues de las 6", None),
        ("maybe, have to check with my husband", None),
    ],
)
def test_party_size_counts_the_writer_and_who_surely_comes_along(text: str, size: int | None) -> None:
    assert read(text, context="inv", now=NOW).party_size == size
