"""How a campaign goes: its figures, from the rows themselves."""

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session, aliased

from outreach.campaigns.models import Campaign, CampaignState, Recipient, RecipientState
from outreach.conversations.models import Conversation
from outreach.conversations.runner import OPTED_OUT
from outreach.errors import OutreachError
from outreach.texting.gates import closed_gate
from outreach.texting.models import Direction, Text, TextStatus
from outreach.texting.retrying import FAILED_STATUSES

PAUSED = "paused"
# Where each status of a first text is counted; those that never left count as skipped.
COUNTED_AS = {
    TextStatus.QUEUED: "queued",
    TextStatus.SENDING: "queued",
    TextStatus.UNKNOWN: "unknown",
    TextStatus.SENT: "sent",
    TextStatus.DELIVERED: "delivered",
    TextStatus.UNDELIVERED: "failed",
    TextStatus.FAILED: "failed",
    TextStatus.CANCELED: "skipped",
    TextStatus.EXPIRED: "skipped",
    TextStatus.SUPPRESSED: "skipped",
}
NEVER_SENT = (TextStatus.CANCELED, TextStatus.EXPIRED, TextStatus.SUPPRESSED)
ANSWERS = ("yes", "no", "maybe")


@dataclass(frozen=True, slots=True)
class Results:
    """A campaign's figures: `skipped` to `unknown` part the audience; the rest counts people."""

    id: int
    flow: str
    state: str
    paused_because: str | None
    audience: int
    skipped: int
    queued: int
    sent: int
    delivered: int
    failed: int
    unknown: int
    replied: int
    yes: int
    no: int
    maybe: int
    opted_out: int

    def as_dict(self) -> dict[str, Any]:
        """Return the figures by name, in this order."""
        return asdict(self)


def results_of(session: Session, campaign_id: int) -> Results:
    """Count how a campaign goes. Raises OutreachError when there is none."""
    campaign = session.get(Campaign, campaign_id)
    if campaign is None:
        raise OutreachError(f"There is no campaign {campaign_id}")
    gate = closed_gate(session, campaign.gate)
    paused = gate is not None and campaign.state != CampaignState.CANCELLED
    return Results(
        id=campaign.id,
        flow=campaign.flow,
        state=PAUSED if paused else campaign.state,
        paused_because=gate.because if gate and paused else None,
        audience=campaign.audience,
        **_sent_counts(session, campaign_id),
        **_answer_counts(session, campaign_id),
        replied=_replied(session, campaign_id),
        opted_out=_opted_out(session, campaign_id),
    )


def _sent_counts(session: Session, campaign_id: int) -> dict[str, int]:
    counts = dict.fromkeys(("skipped", "queued", "sent", "delivered", "failed", "unknown"), 0)
    recipients = select(Recipient.state, func.count()).where(Recipient.campaign_id == campaign_id)
    by_state = dict(session.execute(recipients.group_by(Recipient.state)).all())
    counts["queued"] += by_state.get(RecipientState.WAITING, 0)
    counts["skipped"] += by_state.get(RecipientState.SKIPPED, 0)
    tries = last_tries(campaign_id)
    texts = select(tries.c.status, func.count()).group_by(tries.c.status)
    for status, count in session.execute(texts):
        counts[COUNTED_AS[status]] += count
    return counts


def last_tries(campaign_id: int) -> Subquery:
    """Select where each first text of a campaign stands, by status and error code: of what was sent again, the last."""
    again = aliased(Text)
    firsts = select(Text.id, Text.status, Text.error_code).where(
        Text.campaign_id == campaign_id, Text.first_of_campaign
    )
    tried = firsts.cte("tried", recursive=True)
    tried = tried.union_all(
        select(again.id, again.status, again.error_code)
        .join(tried, again.retry_of == tried.c.id)
        .where(tried.c.status.in_(FAILED_STATUSES), again.status.not_in(NEVER_SENT))
    )
    gone_on = select(again.id).where(again.retry_of == tried.c.id, again.status.not_in(NEVER_SENT))
    # One that failed and is on its way again, or was, is no failure of its own.
    over = tried.c.status.not_in(FAILED_STATUSES) | ~gone_on.exists()
    return select(tried.c.status, tried.c.error_code).where(over).subquery()


def _answer_counts(session: Session, campaign_id: int) -> dict[str, int]:
    answers = select(Conversation.answer, func.count()).where(Conversation.campaign_id == campaign_id)
    found = dict(session.execute(answers.group_by(Conversation.answer)).all())
    return {answer: found.get(answer, 0) for answer in ANSWERS}


def _replied(session: Session, campaign_id: int) -> int:
    wrote = select(func.count(Text.conversation_id.distinct())).where(
        Text.campaign_id == campaign_id, Text.direction == Direction.IN
    )
    return session.scalar(wrote) or 0


def _opted_out(session: Session, campaign_id: int) -> int:
    left = select(func.count()).where(Conversation.campaign_id == campaign_id, Conversation.outcome == OPTED_OUT)
    return session.scalar(left) or 0
