"""The order of locks (docs/decisions/0015): who waits for whom, on connections that commit for real."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.orm import Session

import outreach
from outreach.campaigns.feeding import fix_recipients
from outreach.campaigns.models import CampaignState
from outreach.conversations import versions
from outreach.database import make_engine
from outreach.people.numbers import lock_number
from outreach.texting.delivery import apply_events, store_event
from outreach.texting.models import Text, TextStatus
from tests.factories import NOW, make_campaign, make_person, make_session, make_settings
from tests.sandbox.factories import wait_for
from tests.texting.factories import any_sid, make_text, textable_number

SETTINGS = make_settings()
MEMBER = "+12135550101"


@pytest.fixture
def own_engine(database_url: str) -> Iterator[Engine]:
    versions._known.cache_clear()
    engine = make_engine(database_url, lock_timeout="20s")
    yield engine
    engine.dispose()
    versions._known.cache_clear()


def test_no_row_is_locked_with_its_key() -> None:
    """A foreign key that names the row would wait for it."""
    whole = re.compile(r"with_for_update(\(\)|=True|\((?!key_share=True|read=True))")
    source = Path(outreach.__file__).parent
    assert [path.name for path in source.rglob("*.py") if whole.search(path.read_text("utf-8"))] == []


def test_a_campaign_starts_while_a_member_s_turn_is_under_way(own_engine: Engine) -> None:
    with Session(own_engine) as session, session.begin():
        make_person(session, phone=MEMBER)
        campaign_id = make_campaign(session, sessions=(make_session(session).id,)).id
    with Session(own_engine) as turn, turn.begin():
        lock_number(turn, MEMBER, NOW)
        with Session(own_engine) as session, session.begin():
            session.execute(text("SET LOCAL lock_timeout = '1s'"))
            fix_recipients(session, SETTINGS, campaign_id, NOW)
            assert session.scalar(text("SELECT state FROM campaigns")) == CampaignState.RUNNING


def test_who_reacts_to_an_error_code_waits_for_the_number_before_any_text_is_locked(
    own_engine: Engine,
) -> None:
    with Session(own_engine) as session, session.begin():
        number = textable_number(session, MEMBER)
        failed = make_text(session, number, status=TextStatus.SENT, now=NOW)
        callback = {"MessageSid": any_sid(), "MessageStatus": "undelivered", "ErrorCode": "30006"}
        store_event(session, str(failed.id), callback, NOW)
        text_id = failed.id

    def apply() -> int:
        with Session(own_engine) as session, session.begin():
            return apply_events(session, NOW)

    with ThreadPoolExecutor(1) as pool:
        with Session(own_engine) as turn, turn.begin():
            lock_number(turn, MEMBER, NOW)
            applying = pool.submit(apply)
            wait_for(lambda: waits(own_engine))
            turn.scalars(select(Text).where(Text.id == text_id).with_for_update(nowait=True)).one()
        assert applying.result() == 1
    with Session(own_engine) as session:
        assert session.get_one(Text, text_id).status == TextStatus.UNDELIVERED


def waits(engine: Engine) -> bool:
    """Tell whether anybody waits for a lock."""
    waiting = text("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()")
    with engine.connect() as connection:
        return connection.scalar(waiting) is not None
