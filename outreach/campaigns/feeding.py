"""Feeding a campaign: its recipients are fixed once, then their conversations start a little ahead of the pace."""

from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import bindparam, exists, func, insert, literal, select, update
from sqlalchemy.exc import DBAPIError, PendingRollbackError
from sqlalchemy.orm import Session

from outreach.campaigns.models import Campaign, CampaignState, Recipient, RecipientState
from outreach.conversations.gaps import NotStartedError
from outreach.conversations.gathering import load_offered
from outreach.conversations.starting import Opening, start_conversation
from outreach.database import ROW
from outreach.people.models import Person, PhoneNumber
from outreach.people.segments import Segment, SegmentLimits, textable_people
from outreach.queues import describe_error
from outreach.settings import Settings
from outreach.texting.claims import WALL_MARGIN, hours_of
from outreach.texting.hours import next_open
from outreach.texting.models import Gate, Text, TextStatus

log = structlog.get_logger()

FEED = "outreach.campaigns.jobs.feed"
# Pause, stop, edits and opt-outs stay close behind when no more than this lies in the outbox.
AHEAD_SECONDS = 60
# And of those whose hours are closed where they are, so many times as much.
PUT_OFF_AT_MOST = 10
SLICE = 25
FAILED = "failed"
NOTHING_TO_SAY = "nothing_to_say"
# Built once, for every recipient asks this.
_FIRST_TEXT = select(Text.id).where(Text.conversation_id == bindparam("of"), Text.first_of_campaign).limit(1)


def limits_of(settings: Settings) -> SegmentLimits:
    """Return the days that set segments apart, as the chapter set them."""
    return SegmentLimits(settings.new_days, settings.active_days, settings.inactive_days, settings.attendance_since)


def campaigns_to_feed(session: Session, now: datetime) -> list[int]:
    """Return the campaigns that have begun and are not paused, the oldest first."""
    closed = exists().where(Gate.name == func.concat("campaign:", Campaign.id), Gate.closed_at.is_not(None))
    begun = select(Campaign.id).where(
        Campaign.state.in_((CampaignState.SCHEDULED, CampaignState.RUNNING)), Campaign.starts_at <= now, ~closed
    )
    return list(session.scalars(begun.order_by(Campaign.starts_at, Campaign.id)))


def fix_recipients(session: Session, settings: Settings, campaign_id: int, now: datetime) -> None:
    """Fix whom a campaign asks, once, in one statement."""
    campaign = session.get_one(Campaign, campaign_id, with_for_update=ROW)
    if campaign.state != CampaignState.SCHEDULED:
        return
    today = now.astimezone(settings.zone).date()
    people = textable_people(Segment(campaign.segment), limits_of(settings), today).subquery()
    rows = select(literal(campaign.id), people.c.person_id, people.c.number_id, literal(RecipientState.WAITING.value))
    columns = ("campaign_id", "person_id", "number_id", "state")
    session.execute(insert(Recipient).from_select(columns, rows))
    campaign.state, campaign.frozen_at = CampaignState.RUNNING, now
    session.flush()
    campaign.audience = session.scalar(select(func.count()).where(Recipient.campaign_id == campaign_id)) or 0


def feed_slice(session: Session, settings: Settings, campaign_id: int, now: datetime) -> int:
    """Start some more conversations, as far as the pace allows; return how many recipients had their turn.

    Each first text is due when the pace comes to it, and not all at once: so campaigns that go out at the same time
    take turns, and one that begins later need not wait until another's outbox is empty.
    """
    campaign = session.get_one(Campaign, campaign_id, with_for_update={"read": True})
    if campaign.state != CampaignState.RUNNING:
        return 0
    room, last_due = _queue_of(session, settings, campaign_id, now)
    rows = (
        session.execute(
            select(Recipient, PhoneNumber, Person)
            .join(PhoneNumber, PhoneNumber.id == Recipient.number_id)
            .join(Person, Person.id == Recipient.person_id)
            .where(Recipient.campaign_id == campaign_id, Recipient.state == RecipientState.WAITING)
            .order_by(Recipient.number_id)
            .limit(min(SLICE, room))
            .with_for_update(key_share=True, of=(PhoneNumber, Recipient), skip_locked=True)
        )
        if room > 0
        else ()
    )
    loaded = load_offered(session, campaign.offer)
    opening = Opening(campaign.flow, dict(campaign.offer), campaign.id, campaign.gate, loaded=loaded)
    pace = timedelta(seconds=1 / (settings.sender_rate * len(settings.senders)))
    first, taken = max(now, last_due + pace if last_due else now), 0
    for recipient, number, person in rows:
        in_turn = replace(opening, due_at=first + taken * pace)
        _start(session, settings, in_turn, recipient, number, person, now)
        taken += 1
    return taken


def _queue_of(session: Session, settings: Settings, campaign_id: int, now: datetime) -> tuple[int, datetime | None]:
    """Return how many first texts a campaign may still put in the outbox, and when the last one there is due.

    By day those that wait for hours to open elsewhere keep nobody here waiting, up to a limit.
    """
    soon = Text.due_at <= now + timedelta(seconds=AHEAD_SECONDS)
    waiting, due_soon, due = session.execute(
        select(func.count(), func.count().filter(soon), func.max(Text.due_at).filter(soon)).where(
            Text.campaign_id == campaign_id, Text.status == TextStatus.QUEUED, Text.first_of_campaign
        )
    ).one()
    ahead = max(1, int(settings.sender_rate * AHEAD_SECONDS * len(settings.senders)))
    if next_open(now, hours_of(settings).here(), WALL_MARGIN) != now:
        return ahead - waiting, due
    return min(ahead - due_soon, ahead * PUT_OFF_AT_MOST - waiting), due


def _start(  # noqa: PLR0913, PLR0917 - the rows of one recipient, as they were locked together
    session: Session,
    settings: Settings,
    opening: Opening,
    recipient: Recipient,
    number: PhoneNumber,
    person: Person,
    now: datetime,
) -> None:
    try:
        with session.begin_nested():
            conversation = start_conversation(session, settings, person, number, opening, now)
    except NotStartedError as error:
        _skip(recipient, error.because)
    except (DBAPIError, PendingRollbackError):
        raise
    except Exception as error:  # noqa: BLE001 - one recipient that fails must not keep the others from their turn
        log.error("start_failed", campaign=opening.campaign_id, error=describe_error(error))  # noqa: TRY400 - its words may name somebody
        _skip(recipient, FAILED)
    else:
        texted = session.scalar(_FIRST_TEXT, {"of": conversation.id}) is not None
        recipient.conversation_id = conversation.id
        if texted:
            recipient.state = RecipientState.STARTED
        else:
            # With every session cancelled meanwhile it ends without a text.
            _skip(recipient, conversation.outcome or NOTHING_TO_SAY)


def _skip(recipient: Recipient, because: str) -> None:
    recipient.state, recipient.skipped_because = RecipientState.SKIPPED, because


def finish_fed(session: Session, campaign_id: int, now: datetime) -> bool:
    """Mark a campaign done once everybody had their turn and no first text waits; True when it is."""
    waiting = exists().where(Recipient.campaign_id == campaign_id, Recipient.state == RecipientState.WAITING)
    unsent = exists().where(
        Text.campaign_id == campaign_id,
        Text.first_of_campaign,
        Text.status.in_((TextStatus.QUEUED, TextStatus.SENDING)),
    )
    done = (
        update(Campaign)
        .where(Campaign.id == campaign_id, Campaign.state == CampaignState.RUNNING, ~waiting, ~unsent)
        .values(state=CampaignState.DONE, ended_at=now)
    )
    return session.execute(done.returning(Campaign.id)).first() is not None
