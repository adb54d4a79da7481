import pytest

from outreach.sandbox.config import Keywords
from outreach.sandbox.keywords import OptOutType, find_keyword
from tests.sandbox.factories import SENDER, make_config


@pytest.mark.parametrize(
    "word", ["STOP", "stop", " Stop ", "unsubscribe", "CANCEL", "End", "quit", "REVOKE", "optout", "stopall"]
)
def test_whole_message_opt_out_words_are_recognised(word: str) -> None:
    keyword = find_keyword(word, SENDER, make_config())
    assert keyword is not None
    assert keyword.type is OptOutType.STOP
    assert not keyword.announced


@pytest.mark.parametrize("text", ["stop please", "opt out", "no mas", "alto", "STOP!", "stopp", ""])
def test_anything_more_than_one_word_is_not(text: str) -> None:
    assert find_keyword(text, SENDER, make_config()) is None


@pytest.mark.parametrize(
    ("word", "kind"), [("start", "START"), ("YES", "START"), ("Unstop", "START"), ("help", "HELP"), ("info", "HELP")]
)
def test_start_and_help_words_are_recognised(word: str, kind: str) -> None:
    keyword = find_keyword(word, SENDER, make_config())
    assert keyword is not None
    assert keyword.type == kind


def test_yes_does_not_lift_an_opt_out_from_a_toll_free_number() -> None:
    assert find_keyword("YES", "+18885550100", make_config()) is None
    assert find_keyword("START", "+18885550100", make_config()) is not None


def test_switched_off_nothing_is_a_keyword() -> None:
    assert find_keyword("STOP", SENDER, make_config(keywords=Keywords.OFF)) is None


def test_advanced_opt_out_knows_further_words_and_announces_them() -> None:
    config = make_config(keywords=Keywords.ADVANCED, advanced_stop_words=("ALTO", "baja"))
    for word in ("alto", "BAJA", "stop"):
        keyword = find_keyword(word, SENDER, config)
        assert keyword is not None
        assert keyword.announced
