"""Values to count texts with: a plain one, one with accents everywhere, and the longest that we must reckon with."""

from collections.abc import Mapping, Sequence
from typing import Literal

from outreach.conversations.gathering import DOORS, who_writes, whom_to_ask
from outreach.trainings.labels import TOMORROW

Sample = Literal["plain", "hard", "longest"]
SAMPLES: tuple[Sample, ...] = ("plain", "hard", "longest")
ORG = "DSA-LA"
# An accented name makes an English text UCS-2 as well; "sáb" does so with a Spanish one.
NAMES: Mapping[Sample, str] = {"plain": "Ana", "hard": "María", "longest": "Christopher"}
SENDERS: Mapping[Sample, str] = {"plain": "Luz", "hard": "Luz", "longest": "Guadalupe"}
PLACES: Mapping[Sample, Sequence[str]] = {
    "plain": ("Boyle Heights", "Zoom", "Zoom"),
    "hard": ("Boyle Heights", "Zoom", "Zoom"),
    "longest": ("Huntington Park", "Huntington Park", "Huntington Park"),
}
STREETS: Mapping[Sample, str] = {
    "plain": "1200 E Example St, room 4, Boyle Heights",
    "hard": "1200 E Example St, room 4, Boyle Heights",
    "longest": "12000 Santa Monica Blvd, room 14, Huntington Park",
}
HOURS: Mapping[Sample, str] = {"plain": "6:30pm", "hard": "10am", "longest": "10:30am"}
DAYS: Mapping[tuple[str, Sample], Sequence[str]] = {
    ("en", "plain"): ("Wed Dec 9 6:30pm", "Sun Dec 13 1pm", "Tue Dec 15 7pm"),
    ("en", "hard"): ("Sat Dec 12 10am", "Sat Dec 19 10am", "Sat Dec 26 10am"),
    ("en", "longest"): ("Sat Dec 12 10:30am", "Sat Dec 19 10:30am", "Sat Dec 26 10:30am"),
    ("es", "plain"): ("mié 9 dic 6:30pm", "dom 13 dic 1pm", "mar 15 dic 7pm"),
    ("es", "hard"): ("sáb 12 dic 10am", "sáb 19 dic 10am", "sáb 26 dic 10am"),
    ("es", "longest"): ("sáb 12 dic 10:30am", "sáb 19 dic 10:30am", "sáb 26 dic 10:30am"),
}


# The longest titles of the catalogue.
TITLES: Mapping[str, Sequence[str]] = {
    "en": ("Meeting facilitation & participation", "Direct action: plan & take part", "Canvassing"),
    "es": ("Acciones directas: planear y participar", "Facilitar y participar en reuniones", "Tocar puertas"),
}


def sample_values(
    language: str, sample: Sample, *, sessions: int = 2, options: str = "", fields: Sequence[str] = ()
) -> dict[str, str]:
    """Return a value for every placeholder: a menu of so many sessions, a question's options, a campaign's words."""
    days, places, sender = DAYS[language, sample], PLACES[sample], SENDERS[sample]
    offered = [f"{day} {place}" for day, place in zip(days, places, strict=True)]
    return {
        **dict.fromkeys(fields, "phone bank on Thu Dec 17, 6:30pm"),
        "first_name": NAMES[sample],
        "sender": sender,
        "who": who_writes(sender, ORG, language),
        "org": ORG,
        "contact": "hi@example.org, 213-555-0134",
        "menu": offered[0] if sessions == 1 else _numbered(offered[:sessions]),
        "options": options,
        "session": days[0],
        "about": days[0],
        "titles": TITLES[language][0] if sessions == 1 else _numbered(TITLES[language][:sessions]),
        "place": places[0],
        "position": "12",
        "other_session": days[1],
        "deadline": days[0],
        "since": "2019",
        "until": days[0],
        "time": HOURS[sample],
        "day": TOMORROW[language],
        "where": STREETS[sample],
        "doors": DOORS[language],
        "lost": whom_to_ask("213-555-0134", language, online=False),
    }


def _numbered(entries: Sequence[str]) -> str:
    return " ".join(f"{number}) {each}" for number, each in enumerate(entries, 1))
