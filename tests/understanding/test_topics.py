import pytest

from outreach.understanding import read
from tests.understanding.week import NOW

ASKED = {
    "how much": "cost",
    "mandeme la direccion porfa": "where",
    "me pasa la direccion y la hora?": "when",
    "Where should I leave the car": "parking",
    "what's the last stop on the L now": "transit",
    "con una hora basta?": "duration",
    "habra quien entretenga a los chiquitos?": "childcare",
    "Bring my dog or nah": "guest",
    "is there a link": "remote",
    "do you feed people": "food",
    "is the room ventilated, like are windows open": "access",
    "los maestros hablan mixteco o nomas español": "language",
    "fyi I'm 16, is that ok?": "membership",
    "do I have to read anything beforehand": "agenda",
    "Done it. Whats next?": "advanced",
    "Are they gonna cancel if it rains": "status",
    "do you lock the doors after it starts": "late",
    "hay bronca si caigo tarde?": "late",
    "will slides be sent out after": "recording",
    "can others see my phone number in this": "privacy",
    "is this a real person": "bot",
    "are you with the dems?": "about",
    "are cops going to be there": "safety",
    "piden papeles para entrar?": "immigration",
    "nos fuimos a san diego, hay grupo por alla?": "transfer",
}


@pytest.mark.parametrize(("text", "topic"), ASKED.items())
def test_what_is_asked_about_is_found(text: str, topic: str) -> None:
    assert topic in read(text, context="inv", now=NOW).question_topics


@pytest.mark.parametrize(
    "text", ["yes I'll be there", "gracias por la comida", "see you at the library", "no puedo ese dia"]
)
def test_what_asks_nothing_has_no_topic(text: str) -> None:
    assert read(text, context="inv", now=NOW).question_topics == ()


@pytest.mark.parametrize("text", ["is it safe with all the ICE stuff", "piden papeles para entrar?"])
def test_a_person_answers_where_somebody_may_come_to_harm(text: str) -> None:
    assert read(text, context="inv", now=NOW).human_review
