"""Launching a campaign, and pausing, resuming, cancelling it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.campaigns.given_words import faults_of, missing_words, wished_words
from outreach.campaigns.models import Campaign, CampaignState, Recipient, RecipientState
from outreach.conversations.flow import Flow, Wording
from outreach.conversations.versions import flow_of, newest_version
from outreach.errors import OutreachError
from outreach.people.segments import SEGMENTS, Segment
from outreach.texting.gates import close_gate, open_gate
from outreach.texting.outbox import cancel_campaign_texts
from outreach.trainings.sessions import open_sessions

OPEN_STATES = (CampaignState.SCHEDULED, CampaignState.RUNNING)
SESSIONS_AT_MOST = 9
ABOUT_A_SESSION = "about a session"


@dataclass(frozen=True, slots=True)
class Plan:
    """A campaign as its starter wants it; `words` are what the flow's texts hold besides, in each language."""

    flow: str
    segment: str
    sessions: tuple[int, ...]
    sender_name: str
    name: str
    starts_at: datetime
    words: Mapping[str, Wording] = field(default_factory=dict)


def launch(session: Session, plan: Plan, by: str, now: datetime) -> Campaign:
    """Launch a campaign: its recipients are fixed when it starts. Raises OutreachError naming what is wrong."""
    if plan.segment not in SEGMENTS:
        raise OutreachError(f"There is no segment “{plan.segment}”. Use one of: {', '.join(SEGMENTS)}")
    version = newest_version(session, plan.flow)
    if version is None:
        raise OutreachError(f"There is no flow “{plan.flow}”. `outreach flows check` lists those that there are")
    if version.definition.get("purpose") == ABOUT_A_SESSION:
        raise OutreachError(f"The flow “{plan.flow}” is sent by itself to who said yes. Choose one that asks something")
    _check_segment(version.definition.get("segments", ()), plan)
    _check_words(flow_of(session, version.id), plan)
    if version.definition.get("needs", {}).get("sessions"):
        _check_sessions(session, plan.sessions, now)
    campaign = Campaign(
        name=plan.name,
        flow=plan.flow,
        segment=Segment(plan.segment),
        sender_name=plan.sender_name,
        offer={
            "sessions": list(plan.sessions),
            "sender": plan.sender_name,
            "organizer": by,
            **({"fields": {name: dict(words) for name, words in plan.words.items()}} if plan.words else {}),
        },
        state=CampaignState.SCHEDULED,
        starts_at=plan.starts_at,
        created_by=by,
        created_at=now,
    )
    session.add(campaign)
    session.flush()
    open_gate(session, campaign.gate)
    record_act(session, by, "campaign launched", now, campaign=campaign.id, flow=plan.flow, segment=plan.segment)
    return campaign


def _check_segment(wanted: Sequence[str], plan: Plan) -> None:
    if wanted and plan.segment not in wanted:
        raise OutreachError(f"The flow “{plan.flow}” is for {', '.join(wanted)} alone. Choose one of these segments")


def _check_words(flow: Flow, plan: Plan) -> None:
    """Refuse a campaign whose texts would miss words for everybody, or that gives words which no text holds."""
    missing = list(dict.fromkeys(wish.name for wish in missing_words(flow, plan.words)))
    if missing:
        what = (
            f"The texts of “{flow.name}” hold {', '.join(f'{{{name}}}' for name in missing)}, which nobody has written"
        )
        raise OutreachError(f"{what}: it would be missing for everybody. Add --words {missing[0]}=…")
    fault = next(faults_of(flow, plan.words), None)
    if fault:
        raise OutreachError(f"{{{fault.wish.name}}} in {fault.wish.language}: {fault.what}. {fault.mend}")
    unknown = sorted(plan.words.keys() - {wish.name for wish in wished_words(flow.needs)})
    if unknown:
        raise OutreachError(f"No text of “{flow.name}” holds {{{unknown[0]}}}. Leave it out")


def _check_sessions(session: Session, ids: Sequence[int], now: datetime) -> None:
    if not ids:
        raise OutreachError("This flow offers sessions, and none is named. Add --session ID (`outreach session list`)")
    if len(set(ids)) > SESSIONS_AT_MOST:
        raise OutreachError(f"A text can offer {SESSIONS_AT_MOST} sessions at most. Name fewer")
    open_ids = {each.id for each in open_sessions(session, list(ids), now)}
    closed = [str(one) for one in ids if one not in open_ids]
    if closed:
        raise OutreachError(f"Session {', '.join(closed)} is not open: past, cancelled or unknown. Choose another")


def find_campaign(session: Session, campaign_id: int) -> Campaign:
    """Return a campaign, locked. Raises OutreachError when there is none."""
    campaign = session.scalar(select(Campaign).where(Campaign.id == campaign_id).with_for_update(key_share=True))
    if campaign is None:
        raise OutreachError(f"There is no campaign {campaign_id}")
    return campaign


def pause(session: Session, campaign_id: int, by: str, because: str, now: datetime) -> None:
    """Pause a campaign: nothing more of it leaves until it is resumed. Answers to members go on."""
    campaign = find_campaign(session, campaign_id)
    if campaign.state == CampaignState.CANCELLED:
        raise OutreachError(f"Campaign {campaign_id} is cancelled; there is nothing to pause")
    close_gate(session, campaign.gate, by, because, now)
    record_act(session, by, "campaign paused", now, campaign=campaign_id)


def resume(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    """Let a paused campaign go on."""
    campaign = find_campaign(session, campaign_id)
    if campaign.state == CampaignState.CANCELLED:
        raise OutreachError(f"Campaign {campaign_id} is cancelled. Launch a new one")
    open_gate(session, campaign.gate)
    record_act(session, by, "campaign resumed", now, campaign=campaign_id)


def cancel(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    """End a campaign for good: who has not been texted is not; who has answered is still answered."""
    campaign = find_campaign(session, campaign_id)
    if campaign.state in OPEN_STATES or campaign.state == CampaignState.DONE:
        campaign.state, campaign.ended_at = CampaignState.CANCELLED, now
        session.execute(
            update(Recipient)
            .where(Recipient.campaign_id == campaign_id, Recipient.state == RecipientState.WAITING)
            .values(state=RecipientState.SKIPPED, skipped_because="cancelled")
        )
        # Texts before their gate: who reacts to an error code closes it with texts locked.
        cancel_campaign_texts(session, campaign_id, now)
        # Conversations that go on may still want to nudge, and what is being sent at this moment may come back to the
        # queue: nothing passes this gate any more.
        close_gate(session, campaign.gate, by, "cancelled", now)
        record_act(session, by, "campaign cancelled", now, campaign=campaign_id)
