from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.models import AuditEvent
from outreach.campaigns.guarding import guard_campaigns
from outreach.campaigns.launching import resume
from outreach.campaigns.models import CampaignState
from outreach.texting.gates import BY_GUARD, closed_gate
from outreach.texting.models import Text, TextStatus
from tests.campaigns.desk import NOW, add_asked, make_campaign


def test_four_percent_of_fifty_pause_a_campaign_and_say_so(session: Session) -> None:
    campaign = make_campaign(session, people=50, opted_out=2)
    assert guard_campaigns(session, NOW) == [campaign.id]
    gate = closed_gate(session, campaign.gate)
    assert gate is not None
    assert (gate.closed_by, gate.because) == (BY_GUARD, "2 of 50 people opted out: that is 4 % or more")
    assert session.scalar(select(AuditEvent.act).where(AuditEvent.who == BY_GUARD)) == "campaign paused"
    assert guard_campaigns(session, NOW) == []


def test_fewer_texts_or_fewer_opt_outs_do_not(session: Session) -> None:
    make_campaign(session, people=49, opted_out=5)
    make_campaign(session, people=51, opted_out=2)
    assert guard_campaigns(session, NOW) == []


def test_texts_that_failed_do_not_count_as_asked(session: Session) -> None:
    make_campaign(session, people=55, opted_out=3, failed=6)
    assert guard_campaigns(session, NOW) == []


def test_texts_whose_records_a_crash_took_count_as_asked(session: Session) -> None:
    campaign = make_campaign(session, people=80, opted_out=2)
    texts = session.scalars(select(Text).where(Text.campaign_id == campaign.id).order_by(Text.id)).all()
    for text in texts[-30:]:
        text.status = TextStatus.SENDING
    session.flush()
    assert guard_campaigns(session, NOW) == []


def test_a_campaign_that_somebody_resumes_is_counted_anew_from_there(session: Session) -> None:
    campaign = make_campaign(session, people=50, opted_out=2)
    guard_campaigns(session, NOW)
    resume(session, campaign.id, "luz@example.org", NOW)
    add_asked(session, campaign, outcome="opted_out")
    assert guard_campaigns(session, NOW) == []
    for _ in range(48):
        add_asked(session, campaign)
    add_asked(session, campaign, outcome="opted_out")
    assert guard_campaigns(session, NOW) == [campaign.id]


def test_nudges_of_a_campaign_whose_first_texts_are_out_are_guarded_for_a_week(session: Session) -> None:
    campaign = make_campaign(session, people=50, opted_out=2)
    campaign.state, campaign.ended_at = CampaignState.DONE, NOW - timedelta(days=8)
    session.flush()
    assert guard_campaigns(session, NOW) == []
    campaign.ended_at = NOW - timedelta(days=6)
    session.flush()
    assert guard_campaigns(session, NOW) == [campaign.id]


def test_a_cancelled_campaign_is_left_alone(session: Session) -> None:
    campaign = make_campaign(session, people=50, opted_out=2)
    campaign.state, campaign.ended_at = CampaignState.CANCELLED, NOW
    session.flush()
    assert guard_campaigns(session, NOW) == []
