import importlib
import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from outreach.queues import JOB_VERSION, QUEUE, JobFailedError, Waker, hint_connection, job
from outreach.sweeping import WORK
from tests.redis_contents import everything_in

PLANTED = "+12135550177"
BROKEN = "tests.test_queues.broken"
HOUR = timedelta(hours=1)
SOURCES = sorted((Path(__file__).parents[1] / "outreach").rglob("*.py"))
JOB_NAME = re.compile(r'"(outreach\.\w+\.jobs\.\w+)"')
seen: list[int] = []


@job
def broken(_version: int) -> None:
    raise ValueError(f"Key (phone)=({PLANTED}) already exists")


@job
def look(version: int) -> None:
    seen.append(version)


@pytest.fixture
def waker(redis_url: str) -> Iterator[Waker]:
    connection = hint_connection(redis_url)
    yield Waker(connection)
    connection.close()


@pytest.mark.parametrize("arguments", [(), (1,), (2,), (2, 17, "later")])
def test_a_job_of_an_older_or_a_newer_worker_is_done_all_the_same(arguments: tuple[object, ...]) -> None:
    seen.clear()
    look(*arguments)
    assert seen == [arguments[0] if arguments else JOB_VERSION]


def test_every_job_that_is_woken_exists_and_takes_whatever_it_was_laid_with() -> None:
    named = {found for path in SOURCES for found in JOB_NAME.findall(path.read_text(encoding="utf-8"))}
    assert {work.job for work in WORK} < named
    for job_name in named:
        module, _, name = job_name.rpartition(".")
        found = getattr(importlib.import_module(module), name)
        # `@job` lets it run without a version and with more arguments than it knows.
        assert list(inspect.signature(found, follow_wrapped=False).parameters) == ["version", "_later"], job_name


def test_a_failed_job_is_counted_and_names_no_number_anywhere_in_redis(waker: Waker, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        assert waker.wake(BROKEN)
        SimpleWorker([queue], connection=connection, serializer=JSONSerializer).work(burst=True)
        now = datetime.now(UTC)
        assert waker.failed_jobs(now - HOUR) == 1
        assert waker.failed_jobs(now + HOUR) == 0
        kept = everything_in(connection)
    assert "JobFailedError: ValueError at test_queues.py:" in kept
    assert PLANTED[2:] not in kept


def test_what_a_job_raises_is_said_as_class_and_place() -> None:
    with pytest.raises(JobFailedError) as raised:
        broken(JOB_VERSION)
    assert str(raised.value).startswith("ValueError at test_queues.py:")


def test_without_redis_nobody_knows_of_failed_jobs() -> None:
    assert Waker(hint_connection("redis://127.0.0.1:1/0")).failed_jobs(datetime.now(UTC)) is None


def test_a_job_is_woken_once_until_it_looks_and_one_with_a_rest_not_within_it(waker: Waker, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as connection:
        queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        assert waker.wake(BROKEN)
        assert waker.wake(BROKEN)
        assert len(queue) == 1
        for _ in range(3):
            waker.looking(BROKEN)
            assert waker.wake(BROKEN, rest=3600)
        assert len(queue) == 1
        waker.looking(BROKEN)
        assert waker.wake(BROKEN)
        assert len(queue) == 2
