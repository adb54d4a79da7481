"""Redis as a hint: waking the workers. Whatever fails here, a sweep finds the work in PostgreSQL."""

import functools
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import PurePath

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.registry import FailedJobRegistry
from rq.serializers import JSONSerializer

log = structlog.get_logger()

QUEUE = "outreach"
# Arguments of a job start with the version of their form, so that an older worker's jobs stay readable.
JOB_VERSION = 1
WAKE_SECONDS = 5
BREAKER_SECONDS = 3.0
HINT_TIMEOUT = 0.2
KEEP_FAILED_SECONDS = 86_400


class JobFailedError(Exception):
    """Say that a job failed, by the error's class and place alone: RQ keeps what it says in Redis."""


def hint_connection(url: str) -> Redis:
    """Return a connection that gives up at once: for processes that must not wait for Redis."""
    return Redis.from_url(
        url, socket_timeout=HINT_TIMEOUT, socket_connect_timeout=HINT_TIMEOUT, retry=Retry(NoBackoff(), 0)
    )


class Waker:
    """Wake a worker to look at something, or say that Redis is away; never raise, never wait long."""

    def __init__(self, connection: Redis) -> None:
        self._connection = connection
        self._queue = Queue(QUEUE, connection=connection, serializer=JSONSerializer)
        self._away_until = 0.0
        self._woken_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def wake(self, job: str, rest: float = 0.0) -> bool:
        """Enqueue a job such as `outreach.texting.jobs.drain`, at most once until it looks; False: Redis is away.

        Work that comes often and may wait gives the job a `rest`: it is woken once in so many seconds at most, and
        a sweep finds what comes in between and is last.
        """
        now = time.monotonic()
        if now < self._away_until:
            return False
        if now - self._woken_at.get(job, -rest) < rest:
            return True
        self._woken_at[job] = now
        try:
            if self._connection.set(_key(job), "1", nx=True, ex=WAKE_SECONDS):
                self._queue.enqueue_call(
                    job, args=(JOB_VERSION,), timeout=-1, result_ttl=0, failure_ttl=KEEP_FAILED_SECONDS
                )
        except (RedisError, OSError) as error:
            with self._lock:
                self._away_until = time.monotonic() + BREAKER_SECONDS
            log.warning("redis_away", error=type(error).__name__)
            return False
        return True

    def looking(self, job: str) -> None:
        """Say that a job now looks, so that a wake-up from here on makes a new one."""
        try:
            self._connection.delete(_key(job))
        except (RedisError, OSError) as error:
            log.warning("redis_away", error=type(error).__name__)

    def failed_jobs(self, since: datetime) -> int | None:
        """Return how many jobs failed since then, a day back at most; None when Redis is away."""
        try:
            kept_until = since.timestamp() + KEEP_FAILED_SECONDS
            return int(self._connection.zcount(FailedJobRegistry(queue=self._queue).key, kept_until, "+inf"))
        except (RedisError, OSError):
            return None


def _key(job: str) -> str:
    return f"wake:{job}"


def job(function: Callable[[int], None]) -> Callable[..., None]:
    """Make a function fit for RQ: what it raises reaches log and Redis as class and place, without any values.

    A job looks again at the database, whatever it was called with: one laid by an older worker, without a version,
    or by a newer one, with more arguments, is done all the same.
    """

    @functools.wraps(function)
    def run(version: int = JOB_VERSION, *_later: object) -> None:
        try:
            function(version)
        except Exception as error:  # noqa: BLE001 - whatever it is, its words must not reach Redis
            raise JobFailedError(describe_error(error)) from None

    return run


def describe_error(error: BaseException) -> str:
    """Return the class of an error and where it was raised, and nothing of what it says."""
    place = error.__traceback__
    while place and place.tb_next:
        place = place.tb_next
    where = f" at {PurePath(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
    return f"{type(error).__name__}{where}"
