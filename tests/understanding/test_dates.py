import pytest

from tests.understanding.week import said, when

DATES = {
    "4/4 or 4/11 in the morning": ["2026-04-04 morning", "2026-04-11 morning"],
    "el 28 si puedo": ["2026-03-28"],
    "18 o 25 de abril ya despues de comer": ["2026-04-18 afternoon", "2026-04-25 afternoon"],
    "the 14th, 15th or 22nd": ["2026-03-14", "2026-03-15", "2026-03-22"],
    "march 28-29": ["2026-03-28", "2026-03-29"],
    "this Saturday the 14th I have all day": ["2026-03-14"],
    "this fri or sat": ["2026-03-13", "2026-03-14"],
    "el viernes 20 a las 7 pm": ["2026-03-20 evening 19:00"],
    "domingo 22 a la 1": ["2026-03-22 afternoon 13:00"],
    "Sat the 28th 1-3pm or Sun the 29th 10-12": ["2026-03-28 afternoon 13:00-15:00", "2026-03-29 morning 10:00-12:00"],
    "tonight after 8": ["2026-03-10 evening 20:00"],
    "hoy mismo en la noche": ["2026-03-10 evening"],
    "pasado mañana": ["2026-03-12"],
    "mañana en la mañana": ["2026-03-11 morning"],
    "Next Tuesday at noon?": ["2026-03-17 afternoon 12:00"],
    "tuesday of next week": ["2026-03-17"],
    "a week from saturday": ["2026-03-21"],
    "este fin de semana ando libre": ["2026-03-14", "2026-03-15"],
    "first saturday of april": ["2026-04-04"],
    "last sunday in march": ["2026-03-29"],
    "cinco de mayo": ["2026-05-05"],
    "not the 21st, but the 28th yes": ["2026-03-28"],
    "el 21 estoy ocupado pero el sabado 4 de abril estoy libre": ["2026-04-04"],
    "can do 4/18 but not 4/25": ["2026-04-18"],
    "not today, try 3/15": ["2026-03-15"],
    "tomorrow works, before noon": ["2026-03-11 morning -12:00"],
    "april 7 8 or 9": ["2026-04-07", "2026-04-08", "2026-04-09"],
    "monday night the 23rd or the 30th": ["2026-03-23 evening", "2026-03-30 evening"],
    "tuesday morning next week": ["2026-03-17 morning"],
    "the twelfth of april": ["2026-04-12"],
    "mar 22 or mar 29, both sundays at 3": ["2026-03-22 afternoon 15:00", "2026-03-29 afternoon 15:00"],
    "last weekend of march": ["2026-03-28", "2026-03-29"],
    "next week monday wednesday or friday": ["2026-03-16", "2026-03-18", "2026-03-20"],
    "this weekend ok? like sunday": ["2026-03-15"],
    "last day of march or first of april": ["2026-03-31", "2026-04-01"],
    "este fin no, el otro fin si": ["2026-03-21", "2026-03-22"],
}
NOT_BEFORE = {
    "not till december": "2026-12-01",
    "no puedo hasta diciembre": "2026-12-01",
    "el próximo mes": "2026-04-01",
    "not before april 15 (taxes, I'm a bookkeeper)": "2026-04-15",
    "a partir del 23": "2026-03-23",
    "after the 20th": "2026-03-21",
    "después de semana santa": "2026-04-06",
    "not till ramadan is over": "2026-03-20",
    "summer": "2026-06-21",
    "la semana que entra ya puedo": "2026-03-16",
    "in two weeks": "2026-03-24",
    "mid-may": "2026-05-15",
    "out of town till sunday": "2026-03-15",
    "back on the 25th": "2026-03-25",
    "not until I'm back from vacation april 3": "2026-04-03",
    "no end in sight at work until april 6": "2026-04-06",
    "2nd week of april": "2026-04-08",
    "this week is crazy, try me next week": "2026-03-16",
    "despues de esta semana": "2026-03-16",
    "until my cast comes off mar 31 i'm not going anywhere": "2026-03-31",
    "back april 5": "2026-04-05",
    "este mes no": "2026-04-01",
    "after finals week, so may 18": "2026-05-18",
    "cuando regrese de mexico el 6 de abril": "2026-04-06",
    "out march 20-29": "2026-03-30",
    "after ramadan ends": "2026-03-20",
    "sometime after this week is over": "2026-03-16",
    "beginning of next week": "2026-03-16",
    "I'm away all of march": "2026-04-01",
    "todo marzo ando fuera": "2026-04-01",
}


def _written(text: str) -> list[str]:
    found = []
    for day in when(text).dates:
        hours = f"{day.start or ''}-{day.end}" if day.end else day.start
        found.append(" ".join(part for part in (day.date, day.part, hours) if part))
    return found


@pytest.mark.parametrize(("text", "dates"), DATES.items())
def test_a_named_day_becomes_a_date_with_its_hours(text: str, dates: list[str]) -> None:
    assert _written(text) == dates
    assert when(text).available == ()


@pytest.mark.parametrize(("text", "first"), NOT_BEFORE.items())
def test_a_bound_of_the_calendar_is_the_first_day(text: str, first: str) -> None:
    assert when(text).not_before == first


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("between the 24th and the 28th", ("2026-03-24", "2026-03-28")),
        ("del 23 al 27 de marzo puedo", ("2026-03-23", "2026-03-27")),
        ("only thru the end of march", (None, "2026-03-31")),
        ("antes del 20 nomas", (None, "2026-03-19")),
        ("de aqui al 10 de abril", (None, "2026-04-10")),
        ("until april 10 i'm free", (None, "2026-04-10")),
        ("weekends in april", ("2026-04-01", "2026-04-30")),
        ("the last week of march", ("2026-03-25", "2026-03-31")),
    ],
)
def test_a_stretch_has_a_first_and_a_last_day(text: str, bounds: tuple[str | None, str | None]) -> None:
    found = when(text)
    assert (found.not_before, found.not_after) == bounds
    assert found.dates == ()


@pytest.mark.parametrize(
    ("text", "freq"),
    [
        ("every other wednesday evening", "biweekly"),
        ("un domingo si y uno no, en la mañana", "biweekly"),
        ("2nd and 4th tuesday of the month", "monthly:2,4"),
        ("el primer y tercer jueves del mes", "monthly:1,3"),
        ("Last Friday of the month", "monthly:last"),
        ("one saturday a month", "monthly"),
    ],
)
def test_how_often_is_kept(text: str, freq: str) -> None:
    assert when(text).freq == freq


def test_a_weekday_alone_is_the_coming_date_when_a_call_is_arranged() -> None:
    found = said("thursday around 6pm", single_days_are_dates=True).availability
    assert found is not None
    assert [(day.date, day.start) for day in found.dates] == [("2026-03-12", "18:00")]
