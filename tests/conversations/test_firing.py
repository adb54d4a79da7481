from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.conversations.firing import LOOK_AGAIN, fire_timer
from outreach.conversations.models import Conversation, FlowVersion, Timer
from outreach.conversations.timers import due_timer_ids
from outreach.people.models import PhoneNumber
from tests.conversations.talk import Talk
from tests.factories import NOW, make_person, make_session

ANA, BEN = "+12135550101", "+12135550102"
NUDGED = NOW + timedelta(days=3)


def invited(session: Session, *phones: str) -> Talk:
    for phone in phones:
        make_person(session, phone=phone)
    talk = Talk()
    talk.invite(make_session(session).id)
    for phone in phones:
        talk.heard(phone)
    talk.now = NUDGED
    return talk


def timer_of(session: Session, talk: Talk, phone: str) -> int:
    mine = select(Timer.id).where(Timer.conversation_id == talk.conversation(phone).id, Timer.name == "silence:0")
    return session.scalars(mine).one()


def test_a_timer_fired_twice_nudges_once(session: Session) -> None:
    talk = invited(session, ANA)
    timer = timer_of(session, talk, ANA)
    for _ in range(3):
        fire_timer(talk.settings, timer, NUDGED)
    assert len(talk.heard(ANA)) == 1


def test_a_timer_of_a_turn_that_is_over_does_nothing(session: Session) -> None:
    talk = invited(session, ANA)
    timer = timer_of(session, talk, ANA)
    talk.write(ANA, "1")
    talk.heard(ANA)
    session.execute(update(Timer).where(Timer.id == timer).values(done_at=None))
    fire_timer(talk.settings, timer, NUDGED)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).step == "needs"


def test_a_timer_that_is_gone_does_nothing(session: Session) -> None:
    talk = invited(session, ANA)
    fire_timer(talk.settings, 10**9, NUDGED)
    assert talk.heard(ANA) == []


def test_a_timer_of_a_suspended_conversation_looks_again_later(session: Session) -> None:
    talk = invited(session, ANA)
    timer = timer_of(session, talk, ANA)
    session.execute(update(Conversation).values(state="suspended"))
    fire_timer(talk.settings, timer, NUDGED)
    assert session.get_one(Timer, timer, populate_existing=True).due_at == NUDGED + LOOK_AGAIN
    session.execute(update(Conversation).values(state="live"))
    fire_timer(talk.settings, timer, NUDGED + LOOK_AGAIN)
    assert len(talk.heard(ANA)) == 1


def test_nobody_who_stopped_is_nudged(session: Session) -> None:
    talk = invited(session, ANA)
    session.execute(update(PhoneNumber).values(texts_opted_out_at=NOW))
    fire_timer(talk.settings, timer_of(session, talk, ANA), NUDGED)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).outcome == "stopped"


def test_a_held_number_is_not_nudged_and_its_conversation_ends_in_time(session: Session) -> None:
    talk = invited(session, ANA)
    session.execute(update(PhoneNumber).values(automation_held_at=NOW))
    fire_timer(talk.settings, timer_of(session, talk, ANA), NUDGED)
    assert talk.heard(ANA) == []
    assert talk.conversation(ANA).state == "live"
    talk.wait(days=12)
    assert talk.conversation(ANA).outcome == "expired"


def test_a_timer_whose_flow_cannot_be_read_stands_in_nobodys_way(session: Session) -> None:
    talk = invited(session, ANA, BEN)
    broken = FlowVersion(flow="invite", checksum="0" * 64, definition={"title": "broken"}, created_at=NOW)
    session.add(broken)
    session.flush()
    mine = update(Conversation).where(Conversation.id == talk.conversation(ANA).id)
    session.execute(mine.values(flow_version_id=broken.id))
    talk.work()
    assert len(talk.heard(BEN)) == 1
    assert talk.heard(ANA) == []
    assert due_timer_ids(session, NUDGED, 10) == []
    assert timer_of(session, talk, ANA) in due_timer_ids(session, NUDGED + LOOK_AGAIN, 10)


def test_timers_are_found_the_earliest_first_and_some_at_a_time(session: Session) -> None:
    talk = invited(session, ANA, BEN)
    first, second = timer_of(session, talk, ANA), timer_of(session, talk, BEN)
    session.execute(update(Timer).where(Timer.id == second).values(due_at=NOW + timedelta(hours=1)))
    assert due_timer_ids(session, NUDGED, 10) == [second, first]
    assert due_timer_ids(session, NUDGED, 1) == [second]
    assert due_timer_ids(session, NOW, 10) == []
