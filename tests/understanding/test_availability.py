import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreach.understanding import read
from outreach.understanding.reading import CELLS
from tests.understanding.week import NOW, cells, said, short, when

WRITTEN = Path(__file__).parent.parent / "data" / "replies_written.jsonl"

CAN = {
    "weeknights after 6": "mon,tue,wed,thu,fri:e",
    "mon - thurs 5:30 onward": "mon,tue,wed,thu:e",
    "Sun-Tues": "mon,tue,sun:mae",
    "tues 7": "tue:e",
    "8 in the morning": "all:m",
    "seven pm sharp": "all:e",
    "10 - 2 on fridays": "fri:ma",
    "half past five onwards, mon to thurs": "mon,tue,wed,thu:e",
    "lunes y jueves, siete y media de la noche": "mon,thu:e",
    "sábados de 9 a mediodía": "sat:m",
    "domingos entre las 10 y la 1": "sun:ma",
    "not before 10 and not after 3, any weekday": "mon,tue,wed,thu,fri:ma",
    "sundays, not before 1, not past 5": "sun:a",
    "sat 2pm or later, sun 2pm or earlier": "sat:ae sun:ma",
    "best time is before 8am or after 9pm": "all:me",
    "evenings mon to wed, mornings thu and fri": "mon,tue,wed:e thu,fri:m",
    "all day tuesday, thursday mornings": "tue:mae thu:m",
    "evenings during the week, all day on sunday": "mon,tue,wed,thu,fri:e sun:mae",
    "M-F after 6, weekends whenever": "mon,tue,wed,thu,fri:e sat,sun:mae",
    "nights, weekends": "mon,tue,wed,thu,fri:e sat,sun:mae",
    "Only after 6 on Tuesday or Wednesday": "tue,wed:e",
    "afternoons, any day": "all:a",
    "lun y mar por la mañana": "mon,tue:m",
    "fines cuando sea, entre semana ya despues de las 7": "mon,tue,wed,thu,fri:e sat,sun:mae",
    "descanso los lunes": "mon:mae",
    "I don't work fridays": "fri:mae",
    "los lunes im free after 5": "mon:e",
    "salgo del jale a las 4 de lunes a viernes": "mon,tue,wed,thu,fri:ae",
    "I have a hard stop at 8 on weeknights, free from 6": "mon,tue,wed,thu,fri:e",
    "kids in bed by 8 so after that": "all:e",
    "weekdays 9 to 2 while the kids are at school": "mon,tue,wed,thu,fri:ma",
    "literally whenever, im retired": "all:mae",
    "a la hora que me digan": "all:mae",
    "I'm flexible. mornings are best": "all:m",
    "any evening except thursday": "mon,tue,wed,fri,sat,sun:e",
    "7-9pm any night but tuesday": "mon,wed,thu,fri,sat,sun:e",
    "saturday isn't bad": "sat:mae",
    "wednesdays if my sister can watch the kids": "wed:mae",
    "lunes y miércoles, but only mornings": "mon,wed:m",
    "trabajo de 8 a 5 pero los fines estoy libre": "sat,sun:mae",
    "my avail: M 4-9, W off, Sa 12-5": "mon:ae wed:mae sat:a",
    "weeknights but gotta be done by 8": "mon,tue,wed,thu,fri:e",
    "mornings before 8 only, teacher life. mon-fri": "mon,tue,wed,thu,fri:m",
    "clients until 6:45 monday through thursday, so 7:30 onward those nights": "mon,tue,wed,thu:e",
    "mornings are best, before i open the shop at 11": "all:m",
    "tues and thurs after 6:30 when I close the shop": "tue,thu:e",
    "between drop off at 8:30 and pickup at 2:30 any weekday": "mon,tue,wed,thu,fri:ma",
    "ya no trabajo los lunes": "mon:mae",
    "me da igual el día pero que sea en la noche": "all:e",
    "los domingos despues de misa, como a la 1": "sun:ae",
    "trabajo de lunes a viernes hasta las 5, despues estoy libre": "mon,tue,wed,thu,fri:e",
    "studio mwf til 6. after that or tues thurs whenever": "mon,wed,fri:e tue,thu:mae",
    "T/Th mornings, W evening": "tue,thu:m wed:e",
    "mornings, when the kids are in school": "mon,tue,wed,thu,fri:m",
    "cuando mi hija esta en la escuela": "mon,tue,wed,thu,fri:ma",
    "thursdays after lunch but i gotta bounce by 7": "thu:ae",
    "free friday night thru sunday afternoon": "fri:e sat:mae sun:ma",
    "sabados temprano, a mediodia me voy a trabajar": "sat:m",
    "4am to 9am is work. everything after is fair game": "all:mae",
    "any evening, wed is best": "all:e",
    "I stop work at 4 so any time after": "all:ae",
    "los viernes salgo temprano del trabajo, después de las 2": "fri:ae",
    "weekend mornings, late morning on sundays": "sat,sun:m",
    "los domingos nomas en la tarde": "sun:a",
    "no later than 8": "all:mae",
    "gone til the 25th then any evening": "all:e",
    "per diem nurse, schedule drops weekly. ask me sundays": "all:",
    "6 or after": "all:e",
    "mornings before my shift at 1": "all:m",
    "after 7 once I've eaten": "all:e",
    "either before 9am or after 6pm on weekdays": "mon,tue,wed,thu,fri:me",
    "weekdays 6+ weekends 10+": "mon,tue,wed,thu,fri:e sat,sun:mae",
    "weeknights, but home by 9": "mon,tue,wed,thu,fri:e",
    "en la tarde como a las 8": "all:e",
    "no llego a casa hasta las 7": "all:e",
    "fridays i get out early, like 1": "fri:ae",
    "whatever day just not super early": "all:mae",
    "mi fin de semana es martes y miercoles": "tue,wed:mae",
    "work til 9 weekdays, sundays off": "mon,tue,wed,thu,fri:e sun:mae",
    "do you have any on sundays?": "all:",
    "tengo como dos horas los miercoles en la noche": "wed:e",
    "I have about 2 hrs on wednesday nights": "wed:e",
    "cant start before 7": "all:e",
    "tuesday no wait wednesday after 6": "wed:e",
    "martes, quise decir miercoles": "wed:mae",
    "shop hours are 10-6, after that im good": "all:e",
    "early in the week": "mon,tue:mae",
    "wednesdays my mom has the kids so im free then": "wed:mae",
    "bus stops running at 9 so i gotta be done by 8:30": "all:mae",
    "el ultimo camion pasa a las 9": "all:mae",
    "doy clases hasta las 2, despues libre": "all:ae",
    "mass at 9 on sundays so after 11": "sun:mae",
    "Weekdays I'm on west coast hours so 5:30+": "mon,tue,wed,thu,fri:e",
    "i teach til 3:15 so 4ish on weekdays": "mon,tue,wed,thu,fri:a",
    "anything on a weeknight? thats when i can": "mon,tue,wed,thu,fri:e",
    "tuesdays r clutch": "tue:mae",
    "im at work til 5, call after": "all:e",
    "fri eve/sat morn": "fri:e sat:m",
    "6 o 7 de la tarde": "all:e",
    "los viernes nomas trabajo hasta mediodia": "fri:ae",
    "sundays we have dinner w my parents at 5 so before 3": "sun:ma",
    "theres a gap tuesdays 4-5:30": "tue:a",
}
CANNOT = {
    "not weekends": "sat,sun:mae",
    "can't do tuesdays or thursdays": "tue,thu:mae",
    "mornings are out": "all:m",
    "no puedo los miercoles ni los sabados": "wed,sat:mae",
    "los viernes ni loca": "fri:mae",
    "los lunes ni pío": "mon:mae",
    "ni lunes ni martes": "mon,tue:mae",
    "mornings are too early": "all:m",
    "fridays? hard pass": "fri:mae",
    "tengo que llevar a mi mamá a diálisis los sábados": "sat:mae",
    "los sabados en la mañana llevo a mis hijos al futbol": "sat:m",
    "saturdays are for my grandkids": "sat:mae",
    "I work every weekend": "sat,sun:mae",
    "my wife works weekends": "sat,sun:mae",
    "I have my daughter wed-sun": "wed,thu,fri,sat,sun:mae",
    "Saturdays I'm at the swap meet selling till 5": "sat:ma",
    "i do night shifts wed-sat": "wed,thu,fri,sat:e",
    "sundays i nap": "sun:mae",
    "la bronca es lunes y viernes": "mon,fri:mae",
    "don't call before noon": "all:m",
    "neither saturday nor sunday": "sat,sun:mae",
    "no manejo de noche": "all:e",
    "i work overnights so dont hit me before 3pm": "all:m",
    "fri afternoon thru saturday night is shabbat": "fri:ae sat:mae",
    "I work tuesdays. thursdays too": "tue,thu:mae",
    "ni lunes ni miércoles, tengo escuela de noche": "mon,wed:mae",
    "I have night school tuesdays and thursdays": "tue,thu:e",
    "tenant union meets tuesday nights so not then": "tue:e",
    "los domingos comemos en casa de mi mama": "sun:mae",
    "no ride on weekends": "sat,sun:mae",
    "kids are with me mon-wed": "mon,tue,wed:mae",
    "los miercoles salgo tarde": "wed:mae",
    "los viernes se llena la tienda": "fri:mae",
    "rent strike meetings are tuesdays": "tue:mae",
    "ningun lunes": "mon:mae",
    "not after dark, i walk home": "all:e",
}
BOTH = {
    "domingos no, es día del señor. sabado si": ("sat:mae", "sun:mae"),
    "weekday mornings dont work, everything else does": (
        "mon,tue,wed,thu,fri:ae sat,sun:mae",
        "mon,tue,wed,thu,fri:m",
    ),
    "weekends nomas": ("sat,sun:mae", "mon,tue,wed,thu,fri:mae"),
    "wed is my only free night": ("wed:e", "mon,tue,thu,fri,sat,sun:mae"),
    "weekends but not sunday mornings": ("sat:mae sun:ae", "sun:m"),
    "got class tues/thurs, other nights are open": ("mon,wed,fri,sat,sun:e", "tue,thu:mae"),
    "yo descanso los martes pero llevo a mi mama al doctor en la mañana": ("tue:ae", "tue:m"),
    "jueves esta bien, fin de semana ni lo piense": ("thu:mae", "sat,sun:mae"),
    "can't do weekdays, only fridays": ("fri:mae", "mon,tue,wed,thu,sat,sun:mae"),
    "mañana y tarde, noche no": ("all:ma", "all:e"),
    "nada mas los martes en la noche porque vendo tamales los demas dias": ("tue:e", "mon,wed,thu,fri,sat,sun:mae"),
    "los martes mi hijo tiene terapia, jueves tambien, fuera de esos dias me acomodo": (
        "mon,wed,fri,sat,sun:mae",
        "tue,thu:mae",
    ),
    "saturdays yes but only til 12, sundays not at all": ("sat:m", "sun:mae"),
    "solo fines de semana y nomas en la mañana": ("sat,sun:m", "mon,tue,wed,thu,fri:mae"),
    "off tuesdays and wednesdays, rest I'm at the hospital": ("tue,wed:mae", "mon,thu,fri,sat,sun:mae"),
    "wed nights I have band practice, other weeknights ok": ("mon,tue,thu,fri:e", "wed:e"),
    "el martes, los sabados no puedo nunca": ("tue:mae", "sat:mae"),
    "weekday afternoons, my evenings are for the kids": ("mon,tue,wed,thu,fri:a", "mon,tue,wed,thu,fri:e"),
    "saturday evening works. morning no": ("sat:e", "sat:m"),
    "Tengo carro nomas los martes": ("tue:mae", "mon,wed,thu,fri,sat,sun:mae"),
    "gigs fri/sat, so sun-thurs": ("mon,tue,wed,thu,sun:mae", "fri,sat:mae"),
    "treatment days are tues, i need wed to recover, otherwise ok": ("mon,thu,fri,sat,sun:mae", "tue,wed:mae"),
    "weekdays are booked, weekends arent": ("sat,sun:mae", "mon,tue,wed,thu,fri:mae"),
    "used to be mondays but now wednesdays": ("wed:mae", "mon:mae"),
}
NOTHING = [
    "buenas tardes",
    "good morning!",
    "have a great weekend",
    "that took six days",
    "whenever my boss posts the schedule",
    "tienen clases?",
    "in like 3 weeks or so",
    "i called you guys at 5 and nobody picked up",
    "me levanto a las 4 asi que no muy noche",
    "i came last saturday",
]


@pytest.mark.parametrize(("text", "available"), CAN.items())
def test_what_is_possible_becomes_cells(text: str, available: str) -> None:
    assert short(when(text).available) == short(cells(available))


@pytest.mark.parametrize(("text", "unavailable"), CANNOT.items())
def test_what_is_ruled_out_makes_no_cell_possible(text: str, unavailable: str) -> None:
    found = when(text)
    assert (short(found.available), short(found.unavailable)) == ("", short(cells(unavailable)))


@pytest.mark.parametrize(("text", "sides"), BOTH.items())
def test_one_text_may_say_both(text: str, sides: tuple[str, str]) -> None:
    found = when(text)
    assert (short(found.available), short(found.unavailable)) == tuple(short(cells(side)) for side in sides)


@pytest.mark.parametrize("text", NOTHING)
def test_greetings_and_counts_are_no_availability(text: str) -> None:
    assert short(when(text).available) == ""


def test_a_wish_is_kept_beside_what_is_possible() -> None:
    found = when("cualquier noche entre semana, de preferencia el miercoles")
    assert short(found.available) == short(cells("mon,tue,wed,thu,fri:e"))
    assert short(found.prefer) == short(cells("wed:e"))


@pytest.mark.parametrize("text", ["8 to 10", "tuesdays 8 to 10", "mañana"])
def test_what_may_mean_two_things_is_asked_back_and_never_guessed(text: str) -> None:
    reading = read(text, context="av", now=NOW)
    assert reading.human_review
    assert reading.asked_back
    assert not (reading.availability and reading.availability.available)


def test_a_roster_that_changes_every_week_goes_to_a_person() -> None:
    reading = read("me cambian el horario cada semana, no sabria decirle", context="av", now=NOW)
    assert reading.human_review
    assert not (reading.availability and reading.availability.available)


def test_a_day_said_once_answers_a_menu_and_is_no_habit() -> None:
    found = said("Saturday. weeknights I work")
    assert found.habits is not None
    assert found.habits.available == ()


def test_the_hours_themselves_are_kept_as_windows() -> None:
    (window,) = when("tuesdays at 6:30").windows
    assert (window.days, window.start, window.end) == (("tue",), "18:30", None)


def _labelled() -> list[dict[str, object]]:
    """Give the lines that the grammar of times was written by first."""
    rows = [json.loads(line) for line in WRITTEN.read_text(encoding="utf-8").splitlines()]
    return [row for row in rows if row["availability"] and row["context"] == "av" and row["id"] < "w5579"]


def test_written_replies_keep_their_cells() -> None:
    """The floor: what was once learnt is not lost."""
    right = wrong = 0
    for row in _labelled():
        label = row["availability"]
        assert isinstance(label, dict)
        optional = set(label["optional"] or [])
        found = read(str(row["text"]), context="av", now=NOW).availability
        got, wanted = set(found.available if found else ()) - optional, set(label["available"]) - optional
        right += 2 * len(got & wanted)
        wrong += len(got ^ wanted)
    assert right / (right + wrong) > 0.97


WORDS = (
    *(
        "mon",
        "tuesdays",
        "weekend",
        "los",
        "sabados",
        "weeknights",
        "any",
        "day",
        "morning",
        "en",
        "la",
        "noche",
        "tarde",
    ),
    *(
        "after",
        "before",
        "until",
        "hasta",
        "6",
        "8",
        "10",
        "pm",
        "am",
        "7:30",
        "-",
        "to",
        "a",
        "las",
        "y",
        "and",
        "or",
        ",",
    ),
    *(
        "not",
        "no",
        "puedo",
        "can't",
        "i",
        "work",
        "off",
        "free",
        "only",
        "nomas",
        "except",
        "menos",
        "but",
        "pero",
        "if",
    ),
    *("the", "28th", "4/4", "april", "de", "marzo", "next", "week", "this", "tomorrow", "mañana", "first", "2nd", "of"),
    *(
        "every",
        "other",
        "prefer",
        "best",
        "maybe",
        "so",
        "because",
        ".",
        "?",
        "everything",
        "else",
        "work",
        "kids",
        "in",
    ),
    *(
        "leave",
        "at",
        "get",
        "salgo",
        "entro",
        "while",
        "school",
        "whenever",
        "retired",
        "late",
        "last",
        "weeks",
        "between",
    ),
)


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=60))
def test_no_text_raises_and_no_cell_is_both_possible_and_ruled_out(text: str) -> None:
    found = when(text)
    assert {*found.available, *found.unavailable, *found.optional, *found.prefer} <= {*CELLS}
    assert not {*found.available} & {*found.unavailable}
    assert not {*found.optional} & {*found.unavailable}
    for window in found.windows:
        assert window.days
    for day in found.dates:
        assert day.date >= NOW.date().isoformat()
