from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent
from outreach.conversations.inbox import Look, inbox_page
from outreach.conversations.models import ConversationState
from outreach.conversations.replying import (
    Handling,
    NotSentError,
    answer_by_hand,
    close_by_hand,
    leaves_at,
    opt_out_by_hand,
    release_hold,
)
from outreach.conversations.seeing import Viewer
from outreach.people.consent import was_opted_out
from outreach.people.models import NumberStatus, PhoneNumber
from outreach.texting.claims import claim_due
from outreach.texting.models import Direction, Kind, Text, TextStatus
from outreach.texting.outbox import Draft, put_in_outbox
from tests.conversations.desk_factories import (
    KEY,
    NOW,
    REAL_HOURS,
    make_live_conversation,
    make_member,
    make_settings,
    make_waiting,
)
from tests.people.factories import make_number

LUZ = "luz@example.org"


def handling(text: Text, seen: int | None = None, now: datetime = NOW) -> Handling:
    return Handling(text.id, seen or text.id, LUZ, now)


def sent_to(session: Session, number: PhoneNumber) -> list[Text]:
    outgoing = select(Text).where(Text.number_id == number.id, Text.direction == Direction.OUT)
    return list(session.scalars(outgoing.order_by(Text.id)))


def audited(session: Session) -> list[str]:
    return list(session.scalars(select(AuditEvent.act).where(AuditEvent.who == LUZ).order_by(AuditEvent.id)))


def test_an_answer_by_hand_lies_in_the_outbox_as_a_reply_that_no_machine_wrote(session: Session) -> None:
    person, number = make_member(session)
    text = make_waiting(session, number, person=person)
    leaves = answer_by_hand(session, make_settings(), handling(text), "Yes, behind the house.")
    [reply] = sent_to(session, number)

    assert leaves == NOW
    assert (reply.kind, reply.automated, reply.body) == (Kind.REPLY, False, "Yes, behind the house.")
    assert reply.answers_at == text.created_at
    assert reply.sender == "+12135550100"
    assert text.status == TextStatus.HANDLED
    assert audited(session) == ["replied by hand"]


def test_an_answer_handles_what_was_on_the_page_and_nothing_that_came_later(session: Session) -> None:
    person, number = make_member(session)
    first = make_waiting(session, number, "one", person=person)
    second = make_waiting(session, number, "two", person=person, at=NOW - timedelta(minutes=5))
    third = make_waiting(session, number, "while they typed", person=person, at=NOW)
    answer_by_hand(session, make_settings(), handling(first, seen=second.id), "Both, yes.")
    session.refresh(second)
    session.refresh(third)

    assert second.status == TextStatus.HANDLED
    assert third.status == TextStatus.NEEDS_PERSON
    assert [
        item.text.body for item in inbox_page(session, Look(Viewer(LUZ), NOW, ZoneInfo("America/Los_Angeles"))).waiting
    ] == ["while they typed"]


def test_what_somebody_else_has_answered_is_not_answered_twice(session: Session) -> None:
    person, number = make_member(session)
    text = make_waiting(session, number, person=person)
    answer_by_hand(session, make_settings(), handling(text), "Yes.")

    with pytest.raises(NotSentError, match="meanwhile"):
        answer_by_hand(session, make_settings(), handling(text), "Yes!")
    assert len(sent_to(session, number)) == 1


def test_an_opted_out_number_cannot_be_answered_by_text(session: Session) -> None:
    number = make_number(session, opted_out=True)
    text = make_waiting(session, number)

    with pytest.raises(NotSentError, match="opted out"):
        answer_by_hand(session, make_settings(), handling(text), "But wait")
    assert not sent_to(session, number)
    assert text.status == TextStatus.NEEDS_PERSON


def test_a_number_that_takes_no_texts_cannot_be_answered_by_text(session: Session) -> None:
    number = make_number(session, status=NumberStatus.LANDLINE)

    with pytest.raises(NotSentError, match="takes no texts"):
        answer_by_hand(session, make_settings(), handling(make_waiting(session, number)), "Hello")


def test_a_hold_stops_machines_and_not_people(session: Session) -> None:
    number = make_number(session, held=True)
    text = make_waiting(session, number)
    settings = make_settings()
    answer_by_hand(session, settings, handling(text), "I am here.")

    assert [claim.body for claim in claim_due(session, settings, NOW)] == ["I am here."]


def test_nothing_to_send_marks_it_handled_by_whom(session: Session) -> None:
    person, number = make_member(session)
    text = make_waiting(session, number, "thanks!", person=person)
    close_by_hand(session, handling(text))

    assert text.status == TextStatus.HANDLED
    assert not sent_to(session, number)
    assert audited(session) == ["reply needs no answer"]


def test_opting_out_by_hand_ends_everything_and_stands_in_the_ledger(session: Session) -> None:
    person, number = make_member(session)
    text = make_waiting(session, number, "enough of this", person=person)
    conversation = make_live_conversation(session, person, number)
    draft = Draft("Hi again", Kind.BULK, person_id=person.id)
    queued = session.get_one(Text, put_in_outbox(session, number, draft, NOW))
    opt_out_by_hand(session, make_settings(), handling(text))
    session.refresh(queued)

    assert was_opted_out(session, number.phone, KEY)
    assert number.texts_opted_out_at == NOW
    assert conversation.state == ConversationState.ENDED
    assert queued.status == TextStatus.SUPPRESSED
    assert text.status == TextStatus.HANDLED
    assert audited(session) == ["opted out by hand"]


def test_a_released_hold_lets_automation_go_on_and_what_waits_still_waits(session: Session) -> None:
    number = make_number(session, held=True)
    text = make_waiting(session, number)
    release_hold(session, handling(text))
    release_hold(session, handling(text))

    assert number.automation_held_at is None
    assert text.status == TextStatus.NEEDS_PERSON
    assert audited(session) == ["hold released"]


def test_a_text_that_is_gone_says_so(session: Session) -> None:
    with pytest.raises(NotSentError, match="no such text"):
        close_by_hand(session, Handling(999_999, 999_999, LUZ, NOW))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment of December 2026 on the clock of Los Angeles; the 1st is a Tuesday."""
    return datetime(2026, 12, day, 0, 0, tzinfo=UTC) + timedelta(hours=hour + 8, minutes=minute)


@pytest.mark.parametrize(
    ("now", "wrote_minutes_ago", "leaves"),
    [
        (local(1, 10), 600, local(1, 10)),  # hours are open
        (local(1, 20, 30), 20, local(1, 20, 30)),  # closed at 20:00, but they have just written
        (local(1, 20, 58), 60, local(1, 20, 58)),
        (local(1, 20, 30), 61, local(2, 9)),  # they wrote too long ago
        (local(1, 20, 59), 5, local(2, 9)),  # nobody is answered after 21:00, and Twilio needs a minute
        (local(1, 3), 5, local(1, 9)),  # nor before 8:00
        (local(1, 8, 30), 5, local(1, 8, 30)),
        (local(5, 22), 5, local(6, 12)),  # Sunday opens at noon
    ],
)
def test_an_answer_leaves_at_once_or_when_hours_open(
    session: Session, now: datetime, wrote_minutes_ago: int, leaves: datetime
) -> None:
    person, number = make_member(session, timezone="America/Los_Angeles")
    wrote_at = now - timedelta(minutes=wrote_minutes_ago)

    assert leaves_at(make_settings(**REAL_HOURS), number, person, wrote_at, now) == leaves


def test_an_answer_after_hours_is_sent_when_they_open_and_not_before(session: Session) -> None:
    settings = make_settings(**REAL_HOURS)
    person, number = make_member(session, timezone="America/Los_Angeles")
    late = local(1, 22)
    text = make_waiting(session, number, person=person, at=late - timedelta(minutes=5))
    leaves = answer_by_hand(session, settings, handling(text, now=late), "Good night")

    assert leaves == local(2, 9)
    assert claim_due(session, settings, late + timedelta(minutes=1)) == []
    assert [claim.body for claim in claim_due(session, settings, local(2, 9, 1))] == ["Good night"]


def test_an_answer_in_the_evening_leaves_although_the_hours_are_closed(session: Session) -> None:
    settings = make_settings(**REAL_HOURS)
    person, number = make_member(session, timezone="America/Los_Angeles")
    evening = local(1, 20, 40)
    text = make_waiting(session, number, person=person, at=evening - timedelta(minutes=15))
    answer_by_hand(session, settings, handling(text, now=evening), "See you Saturday")

    assert [claim.body for claim in claim_due(session, settings, evening)] == ["See you Saturday"]
