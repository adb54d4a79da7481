from collections.abc import Iterator

import pytest
import time_machine
from sqlalchemy import func, select, update

from outreach import database, process
from outreach.campaigns.jobs import feed
from outreach.campaigns.launching import pause
from outreach.campaigns.models import Campaign, CampaignState
from outreach.queues import JOB_VERSION
from outreach.texting.models import Text, TextStatus
from tests.factories import NOW, ORGANIZER, make_campaign, make_person, make_session, make_settings

PEOPLE = 30


@pytest.fixture
def campaign(database_url: str, redis_url: str) -> Iterator[int]:
    """A campaign to thirty people, and this process started as a worker's is."""
    started = process.start(make_settings(database_url=database_url, redis_url=redis_url))
    with database.transaction() as session:
        for _ in range(PEOPLE):
            make_person(session)
        made = make_campaign(session, sessions=(make_session(session).id,)).id
    with time_machine.travel(NOW):
        yield made
    started.engine.dispose()


def first_texts() -> int:
    with database.transaction() as session:
        return session.scalar(select(func.count()).where(Text.first_of_campaign)) or 0


def state_of(campaign: int) -> CampaignState:
    with database.transaction() as session:
        return session.get_one(Campaign, campaign).state


def feed_all() -> None:
    for _ in range(20):
        if first_texts() == PEOPLE:
            return
        feed(JOB_VERSION)
    raise AssertionError("the feeder leaves somebody out")


def test_the_feeder_asks_everybody_once_however_often_it_runs(campaign: int) -> None:
    feed_all()
    feed(JOB_VERSION)
    assert first_texts() == PEOPLE
    assert state_of(campaign) == CampaignState.RUNNING


def test_the_feeder_closes_a_campaign_whose_first_texts_are_out(campaign: int) -> None:
    feed_all()
    with database.transaction() as session:
        session.execute(update(Text).values(status=TextStatus.SENT))
    feed(JOB_VERSION)
    assert state_of(campaign) == CampaignState.DONE


def test_a_paused_campaign_is_not_fed(campaign: int) -> None:
    with database.transaction() as session:
        pause(session, campaign, ORGANIZER, "lunch", NOW)
    feed(JOB_VERSION)
    assert first_texts() == 0
    assert state_of(campaign) == CampaignState.SCHEDULED
