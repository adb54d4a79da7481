"""Launching from a form that may be sent twice: pressed twice, sent again by a browser, or both at once."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach.campaigns.launching import Plan, launch
from outreach.campaigns.models import Campaign


def launch_once(session: Session, plan: Plan, form_key: str, by: str, now: datetime) -> int:
    """Launch a campaign and return its id; the same form again gives the same campaign. Raises OutreachError."""
    key = form_key[:32]
    # Held until the commit, so that the second of two at once finds what the first one launched.
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(key, 0))))
    known = session.scalar(select(Campaign.id).where(Campaign.form_key == key))
    if known is not None:
        return known
    campaign = launch(session, plan, by, now)
    campaign.form_key = key
    session.flush()
    return campaign.id
