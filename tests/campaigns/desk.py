"""What tests of campaigns begin with: settings, a running process, flows, sessions, people, texts."""

import itertools
from datetime import UTC, datetime, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from outreach import process
from outreach.accounts.models import Role
from outreach.app import create_app
from outreach.campaigns.launching import Plan, launch
from outreach.campaigns.models import Campaign, CampaignState, Recipient, RecipientState
from outreach.conversations.flow_files import shipped_flows
from outreach.conversations.models import Conversation, ConversationState
from outreach.conversations.versions import newest_version, seed_flows
from outreach.people.models import Person, PhoneNumber
from outreach.settings import Settings
from outreach.texting.models import Kind, Text, TextStatus
from outreach.texting.outbox import Draft, put_in_outbox
from tests.accounts.factories import make_user, sign_in
from tests.people.factories import make_number, make_person
from tests.trainings.factories import make_session, make_training

NOW = datetime.now(UTC)
SETTINGS = Settings.model_validate({"secret_key": "s" * 32, "suppression_key": "k" * 32})
_places = itertools.count(1)


class Waker:
    """A waker that remembers whom it woke."""

    def __init__(self) -> None:
        self.woken: list[str] = []

    def wake(self, job: str, rest: float = 0.0) -> bool:  # noqa: ARG002 - the waker's form
        self.woken.append(job)
        return True


def run(settings: Settings = SETTINGS) -> tuple[Flask, Waker]:
    """Make this process a web process, and return its application."""
    waker = Waker()
    process._current = process.Process(settings, engine=None, waker=waker)  # type: ignore[arg-type]
    return create_app(process._current), waker


def signed_in_client(session: Session, role: Role = Role.CAMPAIGN_ORGANIZER, email: str | None = None) -> FlaskClient:
    app, _ = run()
    client = app.test_client()
    sign_in(client, make_user(session, email, role))
    return client


def seed(session: Session) -> None:
    seed_flows(session, shipped_flows(), NOW)
    session.commit()


def two_sessions(session: Session, capacity: int | None = 20) -> tuple[int, int]:
    training = make_training(session)
    first, second = (
        make_session(
            session, training, now=NOW, starts_at=NOW + timedelta(days=days), neighbourhood="Example", capacity=capacity
        ).id
        for days in (10, 12)
    )
    session.commit()
    return first, second


def ask(session: Session, person: Person, number: PhoneNumber, hours_ago: float) -> Text:
    """Put down that somebody was asked something."""
    number.sender = "+12135550100"
    asked_at = NOW - timedelta(hours=hours_ago)
    draft = Draft("Hi", Kind.BULK, person_id=person.id)
    text = session.get_one(Text, put_in_outbox(session, number, draft, asked_at))
    text.status = TextStatus.SENT
    session.flush()
    return text


def make_campaign(session: Session, *, people: int = 0, opted_out: int = 0, failed: int = 0) -> Campaign:
    """Return a campaign under way that texted so many people, some of whom opted out or were never reached."""
    if newest_version(session, "invite") is None:
        seed(session)
    ids = two_sessions(session)
    plan = Plan("invite", "everyone", ids, "Luz", f"Campaign {next(_places)}", NOW)
    campaign = launch(session, plan, "somebody@example.org", NOW)
    campaign.state, campaign.audience = CampaignState.RUNNING, people
    for place in range(people):
        outcome = "opted_out" if place < opted_out else None
        add_asked(session, campaign, outcome=outcome, failed=people - place <= failed)
    session.commit()
    return campaign


def add_asked(
    session: Session,
    campaign: Campaign,
    name: str = "Ana Prueba",
    *,
    answer: str | None = None,
    outcome: str | None = None,
    failed: bool = False,
) -> Person:
    """Add somebody whom the campaign texted."""
    number = make_number(session)
    number.sender = "+12135550100"
    person = make_person(session, name, numbers=[number])
    version = newest_version(session, "invite")
    assert version is not None
    conversation = Conversation(
        number_id=number.id, person_id=person.id, flow_version_id=version.id, flow="invite", campaign_id=campaign.id,
        state=ConversationState.ENDED, step="invite", answer=answer, outcome=outcome, started_at=NOW,
    )  # fmt: skip
    session.add(conversation)
    session.flush()
    draft = Draft(
        "Hi", Kind.BULK, person_id=person.id, campaign_id=campaign.id, conversation_id=conversation.id,
        turn=1, place_in_turn=0, first_of_campaign=True, gate=campaign.gate,
    )  # fmt: skip
    text = session.get_one(Text, put_in_outbox(session, number, draft, NOW))
    text.status = TextStatus.FAILED if failed else TextStatus.DELIVERED
    text.error_code = 30005 if failed else None
    state = RecipientState.STARTED
    session.add(
        Recipient(
            campaign_id=campaign.id,
            person_id=person.id,
            number_id=number.id,
            state=state,
            conversation_id=conversation.id,
        )
    )
    session.flush()
    return person
