import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.campaigns.dashboard import describe_campaign
from outreach.campaigns.results import COUNTED_AS, results_of
from outreach.texting.models import Text, TextStatus
from outreach.texting.reactions import reaction_to
from outreach.texting.retrying import send_again
from outreach.understanding import Intent
from tests.conversations.factories import reading
from tests.conversations.talk import Talk
from tests.factories import NOW, make_campaign, make_person, make_session

PHONES = tuple(f"+121355501{n:02d}" for n in range(1, 8))
PARTS = ("skipped", "queued", "sent", "delivered", "failed", "unknown")


def asked(session: Session, phones: tuple[str, ...] = PHONES) -> tuple[Talk, int]:
    for phone in phones:
        make_person(session, phone=phone)
    talk = Talk()
    return talk, talk.invite(make_session(session).id)


def test_before_it_begins_all_is_nothing(session: Session) -> None:
    campaign = make_campaign(session, sessions=(make_session(session).id,))
    shown = results_of(session, campaign.id).as_dict()
    assert list(shown) == [
        "id", "flow", "state", "paused_because", "audience", "skipped", "queued", "sent", "delivered", "failed",
        "unknown", "replied", "yes", "no", "maybe", "opted_out",
    ]  # fmt: skip
    assert shown["state"] == "scheduled"
    assert not any(shown[name] for name in list(shown)[4:])


@pytest.mark.parametrize("status", COUNTED_AS)
def test_each_first_text_is_counted_once_wherever_it_stands(session: Session, status: TextStatus) -> None:
    _, campaign = asked(session)
    texts = session.scalars(select(Text).order_by(Text.id)).all()
    texts[0].status = status
    session.flush()
    shown = results_of(session, campaign).as_dict()
    assert sum(shown[part] for part in PARTS) == shown["audience"] == len(PHONES)
    assert shown[COUNTED_AS[status]] >= 1


def test_a_text_that_was_sent_again_is_counted_once_where_its_last_try_stands(session: Session) -> None:
    _, campaign = asked(session)
    firsts = session.scalars(select(Text).order_by(Text.id)).all()
    arrived, waits, gave_up, over = firsts[:4]
    for first in (arrived, waits, gave_up, over):
        first.status, first.error_code = TextStatus.UNDELIVERED, 30003
    session.flush()
    for first in (arrived, waits, gave_up, over):
        send_again(session, first.id, reaction_to(30003), NOW)
    tries = dict(session.execute(select(Text.retry_of, Text.id).where(Text.retry_of.is_not(None))).all())
    for first, status in (
        (arrived, TextStatus.DELIVERED),
        (gave_up, TextStatus.FAILED),
        (over, TextStatus.CANCELED),
    ):
        session.get_one(Text, tries[first.id]).status = status
    session.get_one(Text, tries[gave_up.id]).error_code = 30006
    session.flush()
    shown = results_of(session, campaign).as_dict()
    assert (shown["delivered"], shown["failed"], shown["queued"]) == (1, 2, len(PHONES) - 3)
    assert sum(shown[part] for part in PARTS) == len(PHONES)
    assert [(each.code, each.texts) for each in describe_campaign(session, campaign).failures] == [
        (30003, 1),
        (30006, 1),
    ]


def test_answers_nudges_and_other_texts_are_not_counted_as_first_ones(session: Session) -> None:
    talk, campaign = asked(session)
    for phone in PHONES:
        talk.heard(phone)
    talk.write(PHONES[0], "1")
    talk.wait(days=3)
    shown = results_of(session, campaign).as_dict()
    assert sum(shown[part] for part in PARTS) == len(PHONES)


def test_replies_and_answers_are_counted_by_person(session: Session) -> None:
    talk, campaign = asked(session)
    yes, no, maybe, stop, unclear, changed, _silent = PHONES
    talk.write(yes, "1")
    talk.write(yes, "0")
    talk.write(no, "no", reading(Intent.NO))
    talk.write(maybe, "maybe", reading(Intent.MAYBE))
    talk.write(stop, "STOP")
    talk.write(unclear, "qwzx", reading())
    talk.write(changed, "maybe", reading(Intent.MAYBE))
    talk.write(changed, "ok yes", reading(Intent.YES))
    talk.write(changed, "1")
    shown = results_of(session, campaign)
    assert (shown.replied, shown.yes, shown.no, shown.maybe, shown.opted_out) == (6, 2, 1, 1, 1)


def test_a_waitlisted_yes_is_a_yes(session: Session) -> None:
    for phone in PHONES[:2]:
        make_person(session, phone=phone)
    talk = Talk()
    campaign = talk.invite(make_session(session, capacity=1).id)
    for phone in PHONES[:2]:
        talk.write(phone, "1")
    assert results_of(session, campaign).yes == 2


def test_campaigns_are_counted_apart(session: Session) -> None:
    _, first = asked(session)
    second = make_campaign(session, sessions=(make_session(session).id,)).id
    session.execute(update(Text).values(status=TextStatus.DELIVERED))
    assert results_of(session, first).delivered == len(PHONES)
    assert results_of(session, second).delivered == 0
