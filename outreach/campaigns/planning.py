"""Everything that the campaign form shows while it is filled in, worked out in one go."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from outreach.campaigns.audience import Audience, describe_audience
from outreach.campaigns.forecast import Expected, Turnout, expected_of, last_text_at, turnout_for
from outreach.campaigns.preview import Missing, Offer, Preview, preview_campaign
from outreach.conversations.versions import flow_of, newest_version
from outreach.people.segments import Segment
from outreach.settings import Settings
from outreach.texting.claims import hours_of
from outreach.texting.hours import next_open
from outreach.trainings.sessions import open_sessions


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a campaign would be: whom it asks, what it says and costs, when it is over, what may come of it.

    `seats`: how many are free in the sessions offered, None when one has no bound. `blocked`: what keeps it from
    starting, a sentence each.
    """

    audience: Audience
    preview: Preview
    first_at: datetime | None
    last_at: datetime | None
    seats: int | None
    turnout: Turnout | None
    expected: Expected
    blocked: tuple[str, ...]


def look_ahead(  # noqa: PLR0913, PLR0917 - a campaign has these parts
    session: Session,
    settings: Settings,
    segment: Segment,
    flow_name: str,
    offer: Offer,
    starts_at: datetime,
    now: datetime,
) -> Outlook:
    """Work out what a campaign would be, if it were launched as it stands in the form."""
    offered = offer.sessions
    audience = describe_audience(session, settings, segment, offered, starts_at)
    preview = _preview(session, settings, flow_name, offer, audience, now)
    seats = _free_seats(session, offered, now)
    hours = hours_of(settings)
    rate = settings.sender_rate * len(settings.senders)
    return Outlook(
        audience=audience,
        preview=preview,
        first_at=next_open(starts_at, hours.here()),
        last_at=last_text_at(starts_at, preview.segments, rate, hours),
        seats=seats,
        turnout=turnout_for(seats) if seats else None,
        expected=expected_of(audience.people),
        blocked=tuple(_blocked(audience, preview)),
    )


def _preview(  # noqa: PLR0913, PLR0917 - as above
    session: Session, settings: Settings, flow_name: str, offer: Offer, audience: Audience, now: datetime
) -> Preview:
    version = newest_version(session, flow_name)
    if version is None:
        return Preview((), (Missing("a conversation", "Add a flow file", "flow"),))
    return preview_campaign(session, settings, flow_of(session, version.id), offer, audience, now)


def _free_seats(session: Session, offered: tuple[int, ...], now: datetime) -> int | None:
    if not offered:
        return None
    free = [facts.seats_left for facts in open_sessions(session, list(offered), now)]
    if None in free:
        return None
    return sum(max(0, seats) for seats in free if seats is not None)


def _blocked(audience: Audience, preview: Preview) -> list[str]:
    reasons = [missing.sentence for missing in preview.missing]
    if not audience.people:
        reasons.append("Nobody of this segment would get a text now. Choose another one.")
    if not preview.texts and not preview.missing:
        reasons.append("This conversation would say nothing now. Choose other sessions.")
    return reasons
