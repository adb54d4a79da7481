from threading import Barrier, Thread

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber
from outreach.texting.inbound import take_in
from outreach.texting.models import ProviderId, Text, TextStatus
from tests.factories import make_settings
from tests.people.factories import make_number
from tests.texting.factories import MINUTE, NOW, OTHER_SENDER, SENDER, any_sid


def posted(body: str, **more: str) -> dict[str, str]:
    return {"MessageSid": any_sid(), "From": "+12135550123", "To": SENDER, "Body": body, **more}


def store(session: Session, form: dict[str, str]) -> Text | None:
    """Take a text in and store it as if its turn had nothing to add."""
    session.commit()  # a text that is there already takes everything back
    inbound = take_in(session, make_settings(), form, NOW)
    if inbound is None:
        return None
    session.add(inbound.text)
    session.flush()
    session.expire(inbound.text)
    return inbound.text


def stored(session: Session, body: str, **more: str) -> Text:
    text = store(session, posted(body, **more))
    assert text is not None
    return text


BODIES = {
    "plain": "Yes! I'll be there",
    "empty": "",
    "long": "a" * 1600,
    "emoji": "sí 👩‍👩‍👧‍👦 ❤️",
    "right to left": "أهلا وسهلا שלום",
    "lines": "one\r\ntwo\ttabs  ",
    "looks like SQL": "'; DROP TABLE texts; --",
}


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_a_body_is_stored_as_it_was_sent(session: Session, body: str) -> None:
    text = stored(session, body)
    assert (text.body, text.status, text.retry_at) == (body, TextStatus.RECEIVED, NOW)


def test_nul_bytes_are_removed(session: Session) -> None:
    assert stored(session, "ye\x00s\x00").body == "yes"


def test_a_form_without_a_body_is_an_empty_text(session: Session) -> None:
    form = posted("")
    del form["Body"]
    text = store(session, form)
    assert text is not None
    assert text.body == ""


def test_media_are_kept_with_their_types(session: Session) -> None:
    text = stored(
        session,
        "",
        NumMedia="2",
        MediaUrl0="https://api.twilio.com/1",
        MediaContentType0="image/jpeg",
        MediaUrl1="https://api.twilio.com/2",
    )
    assert text.media == [
        {"url": "https://api.twilio.com/1", "type": "image/jpeg"},
        {"url": "https://api.twilio.com/2", "type": ""},
    ]


def test_more_media_than_announced_or_allowed_are_left(session: Session) -> None:
    given = {f"MediaUrl{place}": f"https://api.twilio.com/{place}" for place in range(12)}
    assert len(stored(session, "", NumMedia="12", **given).media or []) == 10
    assert stored(session, "", NumMedia="many", **given).media is None


@pytest.mark.parametrize(("given", "counted"), [("3", 3), ("", 1), ("lots", 1), ("99999", 1)])
def test_segments_are_twilios_or_our_own(session: Session, given: str, counted: int) -> None:
    assert stored(session, "hi", NumSegments=given).segments == counted


def test_the_same_sid_is_stored_once_and_the_second_time_changes_nothing(session: Session) -> None:
    form = posted("1")
    first = store(session, form)
    assert first is not None
    session.commit()
    number = session.get_one(PhoneNumber, first.number_id)
    assert take_in(session, make_settings(), form, NOW + MINUTE) is None
    assert session.scalar(select(func.count()).select_from(Text)) == 1
    session.refresh(number)
    assert number.last_inbound_at == NOW


def test_two_texts_with_the_same_words_are_two(session: Session) -> None:
    assert store(session, posted("1")) is not None
    assert store(session, posted("1")) is not None


def test_a_number_answers_from_the_sender_that_it_wrote_to(session: Session) -> None:
    settings = make_settings(twilio_phone_numbers=(SENDER, OTHER_SENDER))
    for to in (OTHER_SENDER, SENDER):
        inbound = take_in(session, settings, posted("1", To=to), NOW)
        assert inbound is not None
        assert inbound.number.sender == to
    kept = take_in(session, settings, posted("1", To="+13105550999"), NOW)
    assert kept is not None
    assert kept.number.sender == SENDER


@pytest.mark.parametrize("known", [True, False], ids=["a known number", "a new number"])
def test_the_same_sid_from_many_at_once_is_stored_once(database_url: str, *, known: bool) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    form, together, taken = posted("1"), Barrier(6), list[bool]()
    if known:
        with Session(engine) as session, session.begin():
            make_number(session, form["From"])

    def store_one() -> None:
        with Session(engine) as session, session.begin():
            together.wait(10)
            inbound = take_in(session, make_settings(), form, NOW)
            if inbound is not None:
                session.add(inbound.text)
            taken.append(inbound is not None)

    threads = [Thread(target=store_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Text)) == 1
        assert session.scalar(select(func.count()).select_from(ProviderId)) == 1
    engine.dispose()
    assert sorted(taken) == [False] * 5 + [True]
