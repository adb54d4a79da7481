"""Telling somebody of ours by text that a campaign has paused itself: no name, no words, only where to look."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from outreach.accounts.models import User
from outreach.campaigns.models import Campaign, CampaignState
from outreach.conversations.alerting import text_one_of_us
from outreach.conversations.duties import Ringable, on_call
from outreach.conversations.house import house_text
from outreach.conversations.models import Duty
from outreach.database import ROW, transaction
from outreach.settings import Settings
from outreach.texting.gates import BY_GUARD, BY_TWILIO
from outreach.texting.models import Gate

TELL_PAUSED = "outreach.campaigns.jobs.tell_paused"


def untold_pauses() -> Select[int]:
    """Select the campaigns that the program itself has paused and that nobody was told of."""
    paused = select(Campaign.id).join(Gate, Gate.name == func.concat("campaign:", Campaign.id))
    paused = paused.where(Campaign.state != CampaignState.CANCELLED)
    return paused.where(Gate.closed_at.is_not(None), Gate.closed_by.in_((BY_TWILIO, BY_GUARD)), Gate.told_at.is_(None))


def tell_pauses(settings: Settings, now: datetime) -> int:
    """Text who is on call and who launched it of each campaign that has paused itself, once; return how many."""
    with transaction() as session:
        untold = session.execute(untold_pauses().add_columns(Campaign.created_by).order_by(Campaign.id)).all()
        for campaign_id, owner in untold:
            gate = session.get_one(Gate, f"campaign:{campaign_id}", with_for_update=ROW)
            if gate.told_at is not None:
                continue
            gate.told_at = now
            for ringable in _whom_to_tell(session, settings, owner, now):
                body = house_text("campaign_paused", ringable.language, settings)
                text_one_of_us(session, settings, ringable, body, now)
    return len(untold)


def _whom_to_tell(session: Session, settings: Settings, owner: str, now: datetime) -> Sequence[Ringable]:
    told = [*on_call(session, settings, now)[:1], *_phones_of(session, owner)[:1]]
    return list({ringable.phone: ringable for ringable in told}.values())


def _phones_of(session: Session, email: str) -> Sequence[Ringable]:
    """Return where somebody's phone rings: what they gave for any duty."""
    theirs = (
        select(Duty.phone, Duty.language).join(User, User.id == Duty.user_id).where(User.email == email, User.active)
    )
    return [Ringable(phone, language, email) for phone, language in session.execute(theirs.order_by(Duty.id))]
