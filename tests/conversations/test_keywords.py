import pytest

from outreach.conversations.keywords import answered_by_twilio, exact_word


@pytest.mark.parametrize(
    "body", ["STOP", " stop ", "Stop\n", "UNSUBSCRIBE", "revoke", "START", "unstop", "help", "INFO"]
)
def test_by_default_twilio_answers_its_words(body: str) -> None:
    assert answered_by_twilio(body, "default", None, opted_out=False)


@pytest.mark.parametrize("body", ["stop please", "ALTO", "please stop", "stop.", "", "yes", "ayuda", "2"])
def test_other_words_are_ours_to_answer(body: str) -> None:
    assert not answered_by_twilio(body, "default", None, opted_out=False)


def test_yes_is_twilios_only_while_it_lifts_a_block() -> None:
    assert answered_by_twilio("YES", "default", None, opted_out=True)
    assert not answered_by_twilio("YES", "default", None, opted_out=False)


def test_without_twilios_keywords_all_is_ours() -> None:
    assert not answered_by_twilio("STOP", "off", None, opted_out=False)
    assert not answered_by_twilio("STOP", "advanced", None, opted_out=False)


def test_what_twilio_marked_it_has_answered() -> None:
    assert answered_by_twilio("ALTO", "advanced", "STOP", opted_out=False)


def test_a_word_is_compared_as_twilio_does() -> None:
    assert exact_word("  StOp \n") == "stop"
