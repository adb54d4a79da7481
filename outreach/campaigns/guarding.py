"""The guard: a campaign that too many people answer with an opt-out pauses itself."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.campaigns.models import Campaign, CampaignState
from outreach.conversations.models import Conversation
from outreach.conversations.runner import OPTED_OUT
from outreach.texting.gates import close_gate
from outreach.texting.models import Gate, Text, TextStatus

GUARD = "the guard"
# ORGANIZING.md 4.3: from 4 % on the list or the text is wrong; below 50 texts that is chance.
TEXTS_AT_LEAST = 50
OPT_OUTS_PERCENT = 4
# Nudges of a campaign whose first texts are all out still leave for some days.
WATCHED_AFTER = timedelta(days=7)
LEFT = (TextStatus.SENT, TextStatus.DELIVERED, TextStatus.UNDELIVERED, TextStatus.UNKNOWN)


def guard_campaigns(session: Session, now: datetime) -> list[int]:
    """Pause each campaign that 4 % or more opted out of, after 50 texts; return which were paused.

    A campaign that somebody resumes is counted anew from there. Safe to run at any time, twice and at once.
    """
    return [campaign_id for campaign_id in session.scalars(_watched(now)) if _guard(session, campaign_id, now)]


def _watched(now: datetime) -> Select[int]:
    """Select the campaigns that are not paused and that somebody opted out of since the guard last paused them."""
    closed = select(Gate.name).where(Gate.name == func.concat("campaign:", Campaign.id), Gate.closed_at.is_not(None))
    recent = or_(Campaign.state == CampaignState.RUNNING, Campaign.ended_at > now - WATCHED_AFTER)
    opted_out = (
        select(func.count())
        .where(Conversation.campaign_id == Campaign.id, Conversation.outcome == OPTED_OUT)
        .scalar_subquery()
    )
    return (
        select(Campaign.id)
        .where(Campaign.state.in_((CampaignState.RUNNING, CampaignState.DONE)), recent)
        .where(~closed.exists(), opted_out > Campaign.guarded_opt_outs)
        .order_by(Campaign.id)
    )


def _guard(session: Session, campaign_id: int, now: datetime) -> bool:
    campaign = session.get_one(Campaign, campaign_id, with_for_update=True)
    texts = session.scalar(_texts_of(campaign_id)) or 0
    opt_outs = session.scalar(_opt_outs_of(campaign_id)) or 0
    more_texts, more_opt_outs = texts - campaign.guarded_texts, opt_outs - campaign.guarded_opt_outs
    if more_texts < TEXTS_AT_LEAST or more_opt_outs * 100 < more_texts * OPT_OUTS_PERCENT:
        return False
    campaign.guarded_texts, campaign.guarded_opt_outs = texts, opt_outs
    because = f"{more_opt_outs} of {more_texts} people opted out: that is {OPT_OUTS_PERCENT} % or more"
    close_gate(session, campaign.gate, GUARD, because, now)
    record_act(session, GUARD, "campaign paused", now, campaign=campaign_id, texts=texts, opt_outs=opt_outs)
    return True


def _texts_of(campaign_id: int) -> Select[int]:
    return select(func.count()).where(Text.campaign_id == campaign_id, Text.first_of_campaign, Text.status.in_(LEFT))


def _opt_outs_of(campaign_id: int) -> Select[int]:
    return select(func.count()).where(Conversation.campaign_id == campaign_id, Conversation.outcome == OPTED_OUT)
