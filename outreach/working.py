"""The queue worker: RQ's own, in one process, with nothing of ours in its log."""

import importlib

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from outreach.process import Process
from outreach.queues import QUEUE

# A Redis that hangs, or went without a word, is given up after so long and asked anew.
WORKER_TTL_SECONDS = 30
# Everything that jobs need is imported before the first one comes: an answer to a member must not wait for imports.
JOBS = ("outreach.texting.jobs", "outreach.conversations.jobs", "outreach.campaigns.jobs")


class Worker(SimpleWorker):
    """RQ's worker, which looks every other second whether Redis is back.

    Its own waits grow to a minute, in which whoever wakes it believes that it comes.
    """

    max_connection_wait_time = 2.0


def work(process: Process) -> None:
    """Work off the queue until a stop signal; jobs are never cut short, for they hold claims."""
    for module in JOBS:
        importlib.import_module(module)
    connection = Redis.from_url(
        process.settings.redis_url,
        socket_connect_timeout=2,
        retry=Retry(ExponentialBackoff(cap=1.0, base=0.05), 3),
        retry_on_error=[RedisConnectionError, RedisTimeoutError],
    )
    queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
    worker = Worker(
        [queue],
        connection=connection,
        serializer=JSONSerializer,
        log_job_description=False,
        worker_ttl=WORKER_TTL_SECONDS,
    )
    worker.work(with_scheduler=False, logging_level="WARNING")
