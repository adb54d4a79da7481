from threading import Barrier, Thread

import pytest
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from outreach.people.models import PhoneNumber
from outreach.texting.inbound import store_inbound
from outreach.texting.models import ProviderId, Text, TextStatus
from tests.people.factories import make_number
from tests.texting.factories import NOW, SENDER, any_sid


def posted(body: str, **more: str) -> dict[str, str]:
    return {"MessageSid": any_sid(), "From": "+12135550123", "To": SENDER, "Body": body, **more}


def store(session: Session, body: str, **more: str) -> Text:
    stored = store_inbound(session, make_number(session), posted(body, **more), NOW)
    assert stored is not None
    session.expire(stored)
    return stored


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
    text = store(session, body)
    assert (text.body, text.status, text.retry_at) == (body, TextStatus.RECEIVED, NOW)


def test_nul_bytes_are_removed(session: Session) -> None:
    assert store(session, "ye\x00s\x00").body == "yes"


def test_a_form_without_a_body_is_an_empty_text(session: Session) -> None:
    form = posted("")
    del form["Body"]
    stored = store_inbound(session, make_number(session), form, NOW)
    assert stored is not None
    assert stored.body == ""


def test_media_are_kept_with_their_types(session: Session) -> None:
    text = store(
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
    assert len(store(session, "", NumMedia="12", **given).media or []) == 10
    assert store(session, "", NumMedia="many", **given).media is None


@pytest.mark.parametrize(("given", "counted"), [("3", 3), ("", 1), ("lots", 1), ("99999", 1)])
def test_segments_are_twilios_or_our_own(session: Session, given: str, counted: int) -> None:
    assert store(session, "hi", NumSegments=given).segments == counted


def test_the_same_sid_is_stored_once(session: Session) -> None:
    number, form = make_number(session), posted("1")
    assert store_inbound(session, number, form, NOW) is not None
    assert store_inbound(session, number, form, NOW) is None
    assert session.scalar(select(func.count()).select_from(Text)) == 1


def test_two_texts_with_the_same_words_are_two(session: Session) -> None:
    number = make_number(session)
    assert store_inbound(session, number, posted("1"), NOW) is not None
    assert store_inbound(session, number, posted("1"), NOW) is not None


def test_the_same_sid_from_many_at_once_is_stored_once(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg:"))
    with Session(engine) as session, session.begin():
        number_id = make_number(session).id
    form, together, stored = posted("1"), Barrier(6), list[bool]()

    def store_one() -> None:
        with Session(engine) as session, session.begin():
            number = session.get_one(PhoneNumber, number_id)
            together.wait(10)
            stored.append(store_inbound(session, number, form, NOW) is not None)

    threads = [Thread(target=store_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Text)) == 1
        assert session.scalar(select(func.count()).select_from(ProviderId)) == 1
    engine.dispose()
    assert sorted(stored) == [False] * 5 + [True]
