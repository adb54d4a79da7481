"""Where we asked for a story, a mere guess at something grave is the story."""

from dataclasses import replace

import pytest

from outreach.conversations.questions import taken_as_story
from outreach.understanding import Intent, Reading
from outreach.understanding.second import GUESSED
from tests.conversations.factories import reading, shipped

WHY = shipped("welcome").steps["why"]
CLASS = shipped("welcome").steps["class"]
GUESS = replace(reading(Intent.SENSITIVE, suppress="hold"), confidence=0.6, rule=f"{GUESSED}the words suggest it")
RULE = replace(GUESS, rule="person: sensitive, a human must answer (crisis)", facts={"sensitive": "crisis"})


@pytest.mark.parametrize("intent", [Intent.SENSITIVE, Intent.HOSTILE])
def test_a_guess_is_the_story_that_we_asked_for(intent: Intent) -> None:
    taken = taken_as_story(replace(GUESS, intent=intent), WHY)
    assert (taken.intent, taken.suppress) == (Intent.OTHER, "none")


@pytest.mark.parametrize(
    "grave",
    [RULE, replace(GUESS, confidence=0.9), replace(GUESS, opt_out=True)],
)
def test_what_a_rule_hears_or_a_likely_guess_is_heeded_whatever_was_asked(grave: Reading) -> None:
    assert taken_as_story(grave, WHY) == grave


def test_elsewhere_a_guess_is_heeded() -> None:
    assert taken_as_story(GUESS, CLASS) == GUESS
    assert taken_as_story(GUESS, None) == GUESS
