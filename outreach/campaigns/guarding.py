"""The guard: a campaign that too many people answer with an opt-out pauses itself."""

from datetime import datetime, timedelta

from sqlalchemy import ScalarSelect, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.campaigns.models import Campaign, CampaignState
from outreach.conversations.models import Conversation
from outreach.conversations.runner import OPTED_OUT
from outreach.texting.gates import BY_GUARD, close_gate
from outreach.texting.models import Gate, Text, TextStatus

# ORGANIZING.md 4.3: from 4 % on the list or the text is wrong; below 50 texts that is chance.
TEXTS_AT_LEAST = 50
OPT_OUTS_PERCENT = 4
# Nudges of a campaign whose first texts are all out still leave for some days.
WATCHED_AFTER = timedelta(days=7)
# What is under way counts too: when a crash took the records of texts that had left, those who opt out were among them.
LEFT = (TextStatus.SENDING, TextStatus.SENT, TextStatus.DELIVERED, TextStatus.UNDELIVERED, TextStatus.UNKNOWN)


def guard_campaigns(session: Session, now: datetime) -> list[int]:
    """Pause each campaign that 4 % or more opted out of, after 50 texts; return which were paused.

    A campaign that somebody resumes is counted anew from there. Safe to run at any time, twice and at once.
    """
    found = session.scalars(campaigns_to_pause(now).with_for_update(key_share=True, of=Campaign)).all()
    for campaign_id in found:
        _pause(session, session.get_one(Campaign, campaign_id), now)
    return list(found)


def campaigns_to_pause(now: datetime) -> Select[int]:
    """Select the campaigns that go on though too many people opted out since the guard last paused them."""
    closed = select(Gate.name).where(Gate.name == func.concat("campaign:", Campaign.id), Gate.closed_at.is_not(None))
    recent = or_(Campaign.state == CampaignState.RUNNING, Campaign.ended_at > now - WATCHED_AFTER)
    opt_outs = _opt_outs_of(Campaign.id) - Campaign.guarded_opt_outs
    texts = _texts_of(Campaign.id) - Campaign.guarded_texts
    too_many = and_(texts >= TEXTS_AT_LEAST, opt_outs * 100 >= texts * OPT_OUTS_PERCENT)
    return (
        select(Campaign.id)
        .where(Campaign.state.in_((CampaignState.RUNNING, CampaignState.DONE)), recent, ~closed.exists())
        # A case, so that texts are counted only where somebody opted out.
        .where(case((opt_outs > 0, too_many), else_=false()))
        .order_by(Campaign.id)
    )


def _pause(session: Session, campaign: Campaign, now: datetime) -> None:
    texts = session.scalar(select(_texts_of(campaign.id))) or 0
    opt_outs = session.scalar(select(_opt_outs_of(campaign.id))) or 0
    more_texts, more_opt_outs = texts - campaign.guarded_texts, opt_outs - campaign.guarded_opt_outs
    campaign.guarded_texts, campaign.guarded_opt_outs = texts, opt_outs
    because = f"{more_opt_outs} of {more_texts} people opted out: that is {OPT_OUTS_PERCENT} % or more"
    close_gate(session, campaign.gate, BY_GUARD, because, now)
    record_act(session, BY_GUARD, "campaign paused", now, campaign=campaign.id, texts=texts, opt_outs=opt_outs)


def _texts_of(campaign_id: object) -> ScalarSelect[int]:
    mine = select(func.count()).select_from(Text).where(Text.campaign_id == campaign_id, Text.first_of_campaign)
    return mine.where(Text.status.in_(LEFT)).scalar_subquery()


def _opt_outs_of(campaign_id: object) -> ScalarSelect[int]:
    mine = select(func.count()).select_from(Conversation).where(Conversation.campaign_id == campaign_id)
    return mine.where(Conversation.outcome == OPTED_OUT).scalar_subquery()
