import pytest

from outreach.conversations.reading_words import INTENTS, describe_reading
from outreach.understanding import Intent


def test_every_intent_has_words() -> None:
    assert set(INTENTS) == set(Intent)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ({"intent": "yes", "also": ["question"], "question_topics": ["parking"]}, "Yes · Question: parking"),
        ({"intent": "choice", "choice": "2", "party_size": 3}, "Chose from the menu: number 2, 3 people"),
        ({"intent": "need", "needs": ["childcare", "ride_offer"]}, "Needs something to come: childcare, ride offer"),
        (
            {"intent": "availability", "availability": {"available": ["sat_morning"], "unavailable": ["mon_evening"]}},
            "When they can come: sat morning, not mon evening",
        ),
        ({"intent": "snooze", "suppress": "until:2027-01-10"}, "Not now, later: not before 2027-01-10"),
        (
            {"intent": "sensitive", "suppress": "hold"},
            "Sensitive: automation stops until a person decides",
        ),
        (
            {"intent": "need", "needs": ["childcare"], "question_topics": ["childcare"]},
            "Needs something to come: childcare",
        ),
        ({"intent": "feedback", "rating": 4}, "Feedback: 4 of 5"),
        ({}, "Not read: an error came in between"),
        (None, "Not read: an error came in between"),
    ],
)
def test_a_reading_is_worded_for_organizers(reading: dict[str, object] | None, words: str) -> None:
    assert describe_reading(reading) == words
