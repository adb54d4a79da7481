"""What the pages of campaigns show: the list, one campaign's figures with their reasons, and its people by outcome."""

import enum
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from outreach.campaigns.models import Campaign, CampaignState, Recipient, RecipientState
from outreach.campaigns.results import NEVER_SENT, PAUSED, Results, last_tries, results_of
from outreach.conversations.models import Conversation
from outreach.conversations.runner import OPTED_OUT
from outreach.people.models import Person
from outreach.texting.models import Gate, Text
from outreach.texting.reactions import reaction_to
from outreach.texting.retrying import FAILED_STATUSES

PAGE = 20
PEOPLE_A_PAGE = 25


class Listed(NamedTuple):
    """A campaign in the list, with whether it is paused."""

    campaign: Campaign
    state: str


class Failures(NamedTuple):
    """How many first texts failed for one reason: Twilio's code, 0 where there is none, and what it means."""

    code: int
    meaning: str
    texts: int


class LeftOut(NamedTuple):
    """How many recipients were not asked, for one reason."""

    because: str
    people: int


@dataclass(frozen=True, slots=True)
class Dashboard:
    """One campaign: its figures, why texts failed, why people were left out, and who paused it."""

    campaign: Campaign
    results: Results
    failures: tuple[Failures, ...]
    left_out: tuple[LeftOut, ...]
    paused_by: str

    @property
    def is_open(self) -> bool:
        """Tell whether it can still be paused or cancelled."""
        return self.campaign.state != CampaignState.CANCELLED

    @property
    def is_paused(self) -> bool:
        """Tell whether its gate is closed."""
        return self.results.state == PAUSED


class Outcome(enum.StrEnum):
    """What a campaign came to with one person."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"
    OPTED_OUT = "opted_out"
    NO_ANSWER = "no_answer"
    LEFT_OUT = "left_out"


class Asked(NamedTuple):
    """One recipient, by first name and initial, with why they were left out if they were."""

    person_id: int
    first_name: str
    initial: str
    because: str | None


def list_campaigns(session: Session, before: int | None = None) -> list[Listed]:
    """Return a page of campaigns, the newest first, and one more if there is another page; `before` is an id."""
    listed = (
        select(Campaign, Gate.closed_at)
        .outerjoin(Gate, Gate.name == func.concat("campaign:", Campaign.id))
        .order_by(Campaign.id.desc())
        .limit(PAGE + 1)
    )
    if before is not None:
        listed = listed.where(Campaign.id < before)
    return [
        Listed(campaign, _state(campaign, paused=closed_at is not None))
        for campaign, closed_at in session.execute(listed)
    ]


def _state(campaign: Campaign, *, paused: bool) -> str:
    return PAUSED if paused and campaign.state != CampaignState.CANCELLED else campaign.state


def describe_campaign(session: Session, campaign_id: int) -> Dashboard:
    """Put together how a campaign goes, and why. Raises OutreachError when there is none."""
    results = results_of(session, campaign_id)
    campaign = session.get_one(Campaign, campaign_id)
    closed_by = session.scalar(select(Gate.closed_by).where(Gate.name == campaign.gate))
    return Dashboard(
        campaign, results, _failures(session, campaign_id), _left_out(session, campaign_id), closed_by or ""
    )


def _failures(session: Session, campaign_id: int) -> tuple[Failures, ...]:
    tries = last_tries(campaign_id)
    rows = (
        select(tries.c.error_code, func.count())
        .where(tries.c.status.in_(FAILED_STATUSES))
        .group_by(tries.c.error_code)
        .order_by(func.count().desc(), tries.c.error_code)
    )
    return tuple(
        Failures(code or 0, reaction_to(code).meaning if code else "no reason given", count)
        for code, count in session.execute(rows)
    )


def _left_out(session: Session, campaign_id: int) -> tuple[LeftOut, ...]:
    recipients = (
        select(Recipient.skipped_because, func.count())
        .where(Recipient.campaign_id == campaign_id, Recipient.state == RecipientState.SKIPPED)
        .group_by(Recipient.skipped_because)
        .order_by(func.count().desc(), Recipient.skipped_because)
    )
    texts = (
        select(Text.status, func.count())
        .where(Text.campaign_id == campaign_id, Text.first_of_campaign, Text.status.in_(NEVER_SENT))
        .group_by(Text.status)
        .order_by(Text.status)
    )
    at_their_turn = [LeftOut(because or "", count) for because, count in session.execute(recipients)]
    on_the_way = [LeftOut(f"text_{status}", count) for status, count in session.execute(texts)]
    return tuple(at_their_turn + on_the_way)


def people_with(session: Session, campaign_id: int, outcome: Outcome, after: int = 0) -> list[Asked]:
    """Return a page of the recipients with an outcome, by id, and one more if there is another page."""
    name = func.coalesce(func.nullif(Person.preferred_name, ""), Person.first_name)
    rows: Select[int, str, str, str | None] = (
        select(Person.id, name, func.left(Person.last_name, 1), Recipient.skipped_because)
        .join(Recipient, Recipient.person_id == Person.id)
        .outerjoin(Conversation, Conversation.id == Recipient.conversation_id)
        .where(Recipient.campaign_id == campaign_id, Recipient.person_id > after, _has(outcome))
        .order_by(Recipient.person_id)
        .limit(PEOPLE_A_PAGE + 1)
    )
    return [Asked(*row) for row in session.execute(rows)]


def _has(outcome: Outcome) -> ColumnElement[bool]:
    if outcome is Outcome.LEFT_OUT:
        return Recipient.state == RecipientState.SKIPPED
    if outcome is Outcome.OPTED_OUT:
        return Conversation.outcome == OPTED_OUT
    stayed = or_(Conversation.outcome.is_(None), Conversation.outcome != OPTED_OUT)
    if outcome is Outcome.NO_ANSWER:
        return and_(Recipient.state == RecipientState.STARTED, Conversation.answer.is_(None), stayed)
    return Conversation.answer == outcome.value
