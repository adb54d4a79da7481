from collections.abc import Iterator
from datetime import timedelta

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from outreach import clock, process
from outreach.queues import JOB_VERSION, QUEUE, Waker, hint_connection
from outreach.sandbox.server import RunningSandbox
from outreach.settings import Settings
from outreach.texting import jobs
from outreach.texting.delivery import APPLY, BATCH, store_event
from outreach.texting.models import DeliveryEvent, TextStatus
from outreach.texting.outbox import DRAIN
from outreach.texting.settling import BATCH as SETTLED_AT_ONCE
from outreach.texting.settling import SETTLE
from tests.texting.factories import NOW, any_sid, claimed_text, make_text, textable_number


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch, started: Settings, settings: Settings, redis_url: str) -> Iterator[Queue]:
    """The queue of a process that has begun, with Redis and Twilio there."""
    assert started.sandbox
    waker = Waker(hint_connection(redis_url))
    monkeypatch.setattr(process, "_current", process.Process(settings, process.current().engine, waker))
    jobs.drainer.cache_clear()
    with Redis.from_url(redis_url) as connection:
        yield Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    jobs.drainer.cache_clear()
    waker._connection.close()


def woken(queue: Queue) -> list[str | None]:
    return [job.func_name for job in queue.get_jobs()]


def test_draining_sends_what_is_due(session: Session, queue: Queue, sandbox: RunningSandbox) -> None:
    text = make_text(session, now=clock.now())
    session.flush()
    jobs.drain(JOB_VERSION)
    session.expire_all()
    assert text.status == TextStatus.SENT
    assert len(sandbox.sandbox.account.messages.after(0, None, -1)) == 1
    assert DRAIN not in woken(queue)


def test_callbacks_are_applied_until_none_is_left(session: Session, queue: Queue) -> None:
    text = make_text(session, status=TextStatus.SENT)
    for _ in range(BATCH + 5):
        store_event(session, str(text.id), {"MessageSid": any_sid(), "MessageStatus": "delivered"}, NOW)
    jobs.apply_deliveries(JOB_VERSION)
    waiting = select(func.count()).select_from(DeliveryEvent).where(DeliveryEvent.applied_at.is_(None))
    assert session.scalar(waiting) == 0
    assert APPLY not in woken(queue)


def test_settling_comes_back_for_more_after_others_had_their_turn(session: Session, queue: Queue) -> None:
    number, then = textable_number(session), clock.now() - timedelta(minutes=2)
    for _ in range(SETTLED_AT_ONCE + 1):
        claimed_text(session, number=number, now=then, status=TextStatus.UNKNOWN, settle_at=then)
    session.flush()
    jobs.settle(JOB_VERSION)
    assert woken(queue) == [SETTLE]


@pytest.mark.parametrize("name", [DRAIN, APPLY, SETTLE])
@pytest.mark.usefixtures("session", "queue")
def test_a_job_that_comes_twice_or_for_nothing_does_nothing(name: str) -> None:
    act = getattr(jobs, name.rpartition(".")[2])
    act(JOB_VERSION)
    act(JOB_VERSION)


@pytest.mark.parametrize("name", [DRAIN, APPLY, SETTLE])
def test_the_name_that_wakes_a_job_is_its_own(name: str) -> None:
    module, _, function = name.rpartition(".")
    assert module == jobs.__name__
    assert callable(getattr(jobs, function))
