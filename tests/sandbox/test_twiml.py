import pytest

from outreach.sandbox.twiml import Reading, Reply, read_answer
from outreach.sandbox.webhooks import Answer, Failure


def answer(body: str, content_type: str = "text/xml", status: int = 200) -> Answer:
    return Answer(status, content_type, body.encode())


def test_an_empty_response_asks_for_nothing() -> None:
    assert read_answer(answer("<Response/>")) == Reading()
    assert read_answer(answer("", "", 204)) == Reading()


def test_messages_are_texted_back_with_their_own_recipient_and_callback() -> None:
    given = '<Response><Message>one</Message><Message to="+12135550123" action="http://x/"><Body>two</Body></Message></Response>'
    assert read_answer(answer(given)).replies == (Reply("one"), Reply("two", "+12135550123", None, "http://x/"))


def test_plain_text_is_texted_back() -> None:
    assert read_answer(answer("OK", "text/plain; charset=utf-8")).replies == (Reply("OK"),)


@pytest.mark.parametrize(
    ("given", "alert"),
    [
        (answer("OK", "text/html; charset=utf-8"), 12100),
        (answer("<Response><Dial/></Response>"), 12200),
        (answer("<html/>", "text/html"), 12200),
        (answer("{}", "application/json"), 12300),
        (answer("<Response/>", status=500), 11200),
        (Answer(None, failure=Failure.CONNECT), 11205),
    ],
)
def test_what_is_no_answer_goes_to_the_debugger(given: Answer, alert: int) -> None:
    assert read_answer(given) == Reading(alert=alert)
