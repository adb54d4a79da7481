"""What is said of the one session that we invited to: its hours, and the days counted from it."""

from datetime import datetime

import pytest

from outreach.understanding import read
from outreach.understanding.reading import MenuOption
from tests.understanding.week import NOW, cells, short

SESSION = (MenuOption("1", "Sat 3/21 10am Boyle Heights", datetime.fromisoformat("2026-03-21T10:00:00-07:00")),)

HOURS = {
    "coming but only til 12": "2026-03-21 morning -12:00",
    "yes to the 21st but i have to bounce by 11:30": "2026-03-21 morning -11:30",
    "yes but ill be there around 10:30": "2026-03-21 10:30-",
    "coming but can only get there at 11": "2026-03-21 11:00-",
    "voy pero hasta las 12 porque entro a trabajar a la 1": "2026-03-21 morning -12:00",
    "si voy pero llego como a las 11": "2026-03-21 11:00-",
    "could do it after 2pm that day": "2026-03-21 14:00-",
    "ahi estare pero me voy a las 12": "2026-03-21 morning -12:00",
}
LATER = {
    "cant that saturday but the one after im free": ["2026-03-28"],
    "can't, how about the following saturday": ["2026-03-28"],
    "ese finde no, el que sigue si": ["2026-03-28", "2026-03-29"],
    "el sabado siguiente si puedo": ["2026-03-28"],
    "ese sabado no, cuando es el que sigue?": [],
}


@pytest.mark.parametrize(("text", "hours"), HOURS.items())
def test_hours_of_the_session_are_kept_with_its_day(text: str, hours: str) -> None:
    found = read(text, context="inv", menu=SESSION, now=NOW).availability
    assert found is not None
    (day,) = found.dates
    assert " ".join(filter(None, (day.date, day.part, f"{day.start or ''}-{day.end or ''}"))) == hours


@pytest.mark.parametrize(("text", "days"), LATER.items())
def test_the_one_after_is_counted_from_the_session(text: str, days: list[str]) -> None:
    found = read(text, context="inv", menu=SESSION, now=NOW).availability
    assert [day.date for day in found.dates] == days if found else not days


def test_other_days_may_be_ruled_out_beside_the_hours() -> None:
    found = read("saturday yes but only til 12, sunday not at all", context="inv", menu=SESSION, now=NOW).availability
    assert found is not None
    assert [day.end for day in found.dates] == ["12:00"]
    assert short(found.unavailable) == short(cells("sun:mae"))
