from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from outreach.conversations.inbox import InboxPage, Look, Place, Rank, count_waiting, has_urgent, thread_of
from outreach.conversations.inbox import inbox_page as page_of
from outreach.conversations.seeing import Viewer
from outreach.texting.models import Text, TextStatus
from tests.conversations.desk_factories import NOW, make_member, make_reading, make_waiting
from tests.people.factories import make_number, make_person

ME = Viewer("luz@example.org")
ZONE = ZoneInfo("America/Los_Angeles")


def inbox_page(session: Session, after: Place | None = None, limit: int = 25) -> InboxPage:
    return page_of(session, Look(ME, NOW, ZONE), after, limit)


def bodies(session: Session, after: Place | None = None, limit: int = 25) -> list[str]:
    return [item.text.body for item in inbox_page(session, after, limit).waiting]


def waiting_since(session: Session, body: str, minutes: int, intent: str = "question") -> Text:
    person, number = make_member(session)
    at = NOW - timedelta(minutes=minutes)
    return make_waiting(session, number, body, person=person, at=at, reading=make_reading(intent))


def test_who_waited_longest_comes_first(session: Session) -> None:
    for body, minutes in (("newest", 1), ("oldest", 90), ("middle", 30)):
        waiting_since(session, body, minutes)

    assert bodies(session) == ["oldest", "middle", "newest"]


@pytest.mark.parametrize("intent", ["sensitive", "deceased"])
def test_what_must_not_wait_comes_before_everything_else(session: Session, intent: str) -> None:
    waiting_since(session, "old", 600)
    assert not has_urgent(session, ME)
    waiting_since(session, "urgent", 1, intent)

    assert bodies(session) == ["urgent", "old"]
    assert has_urgent(session, ME)


def test_a_number_stands_once_with_its_oldest_text_or_its_urgent_one(session: Session) -> None:
    person, number = make_member(session)
    make_waiting(session, number, "first", person=person, at=NOW - timedelta(minutes=30))
    make_waiting(session, number, "second", person=person, at=NOW - timedelta(minutes=20))
    assert bodies(session) == ["first"]

    make_waiting(session, number, "urgent", person=person, reading=make_reading("sensitive"))
    assert bodies(session) == ["urgent"]


def test_handled_texts_and_outgoing_ones_do_not_wait(session: Session) -> None:
    _, number = make_member(session)
    make_waiting(session, number, "handled", status=TextStatus.HANDLED)

    assert bodies(session) == []
    assert count_waiting(session, ME, 10) == 0


def test_pages_by_key_show_everything_once_urgent_things_first(session: Session) -> None:
    expected = ["u1", "u2", "u3"] + [f"c{place}" for place in range(8)]
    for age, body in enumerate(expected):
        waiting_since(session, body, 100 - age, "sensitive" if body.startswith("u") else "question")
    page = inbox_page(session, limit=2)
    seen = [item.text.body for item in page.waiting]
    while page.next:
        page = inbox_page(session, page.next, limit=2)
        seen += [item.text.body for item in page.waiting]

    assert seen == expected


def test_texts_of_the_same_moment_are_all_shown(session: Session) -> None:
    for place in range(5):
        waiting_since(session, str(place), 10)
    first = inbox_page(session, None, 2)
    second = inbox_page(session, first.next, 2)
    third = inbox_page(session, second.next, 2)

    assert [item.text.body for page in (first, second, third) for item in page.waiting] == list("01234")


def test_counting_stops_at_the_limit(session: Session) -> None:
    for _ in range(4):
        waiting_since(session, "?", 1)

    assert count_waiting(session, ME, 3) == 3


def test_a_member_is_named_by_first_name_and_initial(session: Session) -> None:
    waiting_since(session, "hello", 1)

    assert inbox_page(session).waiting[0].names == ("Ana P.",)


def test_a_shared_number_names_everybody_on_it(session: Session) -> None:
    number = make_number(session)
    make_person(session, "Rosa Reyes", numbers=[number])
    make_person(session, "Leah Reyes", numbers=[number])
    make_waiting(session, number)

    assert inbox_page(session).waiting[0].names == ("Rosa R.", "Leah R.")


def test_a_stranger_is_named_by_the_end_of_the_number(session: Session) -> None:
    number = make_number(session, "+12135550177")
    make_waiting(session, number)

    assert inbox_page(session).waiting[0].names == ("•••-0177",)


def test_a_thread_shows_the_newest_texts_oldest_first(session: Session) -> None:
    _, number = make_member(session)
    for place in range(5):
        make_waiting(session, number, str(place), at=NOW + timedelta(seconds=place))

    assert [text.body for text in thread_of(session, number.id, ME, 3)] == ["2", "3", "4"]


def test_a_text_that_was_never_read_waits_too(session: Session) -> None:
    _, number = make_member(session)
    make_waiting(session, number, "raised four times", reading={})

    assert bodies(session) == ["raised four times"]


@given(
    st.sampled_from(Rank),
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - aware by `timezones`
    st.integers(1, 10**18 - 1),
)
def test_a_place_reads_what_it_writes(calm: Rank, at: datetime, text_id: int) -> None:
    place = Place(calm, at, text_id)

    assert Place.parse(str(place)) == place


@given(st.text(max_size=40))
def test_any_other_place_is_the_beginning(written: str) -> None:
    place = Place.parse(written)

    assert place is None or Place.parse(str(place)) == place
