from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent
from outreach.campaigns.launching import SESSIONS_AT_MOST, Plan, cancel, launch, pause, resume
from outreach.campaigns.models import Campaign, CampaignState, Recipient, RecipientState
from outreach.campaigns.results import results_of
from outreach.errors import OutreachError
from outreach.texting.gates import closed_gate
from outreach.texting.models import Text, TextStatus
from outreach.trainings.models import SessionState
from tests.conversations.talk import Talk
from tests.factories import NOW, ORGANIZER, make_campaign, make_person, make_session, make_settings, seed

ANA, BEN, EVA = "+12135550101", "+12135550102", "+12135550103"


def plan(**given: Any) -> Plan:
    facts = {"flow": "invite", "segment": "everyone", "sessions": (), "sender_name": "Luz", "name": "Test", **given}
    return Plan(starts_at=NOW, **facts)


def refusal(session: Session, **given: Any) -> str:
    seed(session)
    with pytest.raises(OutreachError) as error:
        launch(session, plan(**given), ORGANIZER, NOW)
    assert session.scalars(select(Campaign)).all() == []
    return str(error.value)


def test_a_campaign_waits_for_its_hour_with_its_gate_open(session: Session) -> None:
    gathering = make_session(session)
    campaign = make_campaign(session, sessions=(gathering.id,))
    assert campaign.state == CampaignState.SCHEDULED
    assert campaign.offer == {"sessions": [gathering.id], "sender": "Luz", "organizer": ORGANIZER}
    assert closed_gate(session, campaign.gate) is None
    (event,) = session.scalars(select(AuditEvent)).all()
    assert "launched" in str(vars(event))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"segment": "everybody"}, "There is no segment “everybody”. Use one of: everyone, "),
        ({"segment": "unreachable"}, "There is no segment “unreachable”"),
        ({"flow": "invitation"}, "There is no flow “invitation”"),
        ({"flow": "reminder"}, "The flow “reminder” is sent by itself"),
        ({"sessions": ()}, "none is named. Add --session ID"),
        ({"sessions": (10**6,)}, "Session 1000000 is not open"),
        ({"sessions": tuple(range(1, SESSIONS_AT_MOST + 2))}, "9 sessions at most. Name fewer"),
    ],
)
def test_what_cannot_be_launched_is_refused_with_the_mend(session: Session, given: dict[str, Any], words: str) -> None:
    assert words in refusal(session, **given)


def test_a_session_that_is_past_or_cancelled_is_named(session: Session) -> None:
    coming, past, cancelled = (make_session(session) for _ in range(3))
    past.starts_at, cancelled.state = NOW - timedelta(hours=1), SessionState.CANCELLED
    session.flush()
    words = refusal(session, sessions=(coming.id, past.id, cancelled.id))
    assert f"Session {past.id}, {cancelled.id} is not open" in words


def running(session: Session, **settings: Any) -> tuple[Talk, int]:
    """Return a campaign that has asked Ana and Ben; Eva's turn is still to come."""
    for phone in (ANA, BEN, EVA):
        make_person(session, phone=phone)
    talk = Talk(make_settings(**settings))
    campaign = talk.invite(make_session(session).id)
    eva = talk.conversation(EVA)
    session.execute(delete(Text).where(Text.conversation_id == eva.id))
    recipient = session.scalars(select(Recipient).where(Recipient.conversation_id == eva.id)).one()
    recipient.state, recipient.conversation_id = RecipientState.WAITING, None
    session.delete(eva)
    session.flush()
    return talk, campaign


def test_a_paused_campaign_says_why_and_goes_on_when_resumed(session: Session) -> None:
    campaign = make_campaign(session, sessions=(make_session(session).id,))
    pause(session, campaign.id, ORGANIZER, "too many questions", NOW)
    shown = results_of(session, campaign.id)
    assert (shown.state, shown.paused_because) == ("paused", "too many questions")
    resume(session, campaign.id, ORGANIZER, NOW)
    assert (results_of(session, campaign.id).state, results_of(session, campaign.id).paused_because) == (
        "scheduled",
        None,
    )
    assert len(session.scalars(select(AuditEvent)).all()) == 3


def test_a_cancelled_campaign_asks_nobody_more_and_still_answers(session: Session) -> None:
    talk, campaign = running(session)
    assert len(talk.heard(ANA)) == 1
    cancel(session, campaign, ORGANIZER, NOW)
    session.flush()
    talk.feed(campaign)
    shown = results_of(session, campaign)
    assert (shown.state, shown.paused_because) == ("cancelled", None)
    assert (shown.audience, shown.skipped, shown.delivered) == (3, 2, 1)
    assert talk.heard(BEN) == []
    talk.write(ANA, "1")
    assert talk.heard(ANA)[0].startswith("You're in")


def test_a_cancelled_campaign_nudges_nobody(session: Session) -> None:
    talk, campaign = running(session)
    talk.heard(ANA)
    cancel(session, campaign, ORGANIZER, NOW)
    session.flush()
    talk.wait(days=3)
    gate = closed_gate(session, f"campaign:{campaign}")
    assert gate is not None
    nudges = session.scalars(select(Text).where(Text.status == TextStatus.QUEUED)).all()
    assert {nudge.gate for nudge in nudges} <= {gate.name}
    talk.wait(days=12)
    assert session.scalars(select(Text).where(Text.status == TextStatus.QUEUED)).all() == []


def test_cancelling_twice_changes_nothing_and_nothing_brings_it_back(session: Session) -> None:
    _, campaign = running(session)
    for _ in range(2):
        cancel(session, campaign, ORGANIZER, NOW)
    ended_at = session.get_one(Campaign, campaign).ended_at
    assert ended_at == NOW
    with pytest.raises(OutreachError, match=r"is cancelled\. Launch a new one"):
        resume(session, campaign, ORGANIZER, NOW)
    with pytest.raises(OutreachError, match="is cancelled; there is nothing to pause"):
        pause(session, campaign, ORGANIZER, "lunch", NOW)


def test_a_campaign_that_is_not_there_is_said_so(session: Session) -> None:
    missing = "There is no campaign 99"
    with pytest.raises(OutreachError, match=missing):
        pause(session, 99, ORGANIZER, "lunch", NOW)
    with pytest.raises(OutreachError, match=missing):
        resume(session, 99, ORGANIZER, NOW)
    with pytest.raises(OutreachError, match=missing):
        cancel(session, 99, ORGANIZER, NOW)
    with pytest.raises(OutreachError, match=missing):
        results_of(session, 99)
