"""What one process of the program holds: its settings, its database engine, its way to wake workers."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from outreach import clock, database, democlock, embedded, failpoints
from outreach.errors import OutreachError
from outreach.queues import Waker, hint_connection
from outreach.settings import Settings, load_settings


@dataclass(frozen=True)
class Process:
    """The settings and connections of this process; `wake` hints at Redis after a commit."""

    settings: Settings
    engine: Engine
    waker: Waker = field(repr=False)

    def begin(self, job: str) -> datetime:
        """Begin a job: set the demo's clock, let wake-ups from here on make a new job, and return the present."""
        if self.settings.sandbox:
            democlock.refresh()
        self.waker.looking(job)
        return clock.now()

    def wake(self, job: str, rest: float = 0.0) -> bool:
        """Wake a worker for a job, unless it was woken within `rest` seconds; False when Redis is away."""
        return self.waker.wake(job, rest)


_current: Process | None = None


def start(settings: Settings, pool_size: int = 5, lock_timeout: str | None = None) -> Process:
    """Open the database for this process and remember it as the current one."""
    global _current  # noqa: PLW0603 - a process has one of each
    failpoints.arm(settings)
    engine = database.make_engine(settings.database_url, pool_size, lock_timeout)
    database.configure(engine)
    _current = Process(settings, engine, Waker(hint_connection(settings.redis_url)))
    return _current


def current() -> Process:
    """Return what `start` opened. Raises RuntimeError before that."""
    if _current is None:
        raise RuntimeError("this process has not been started: call outreach.process.start first")
    return _current


@contextlib.contextmanager
def connected() -> Iterator[Process]:
    """Yield this process with database and Redis within reach, for a command: running ones, else embedded ones.

    Raises OutreachError when they cannot be reached or the schema is not there.
    """
    settings = load_settings()
    with embedded.reach(settings) as reachable:
        if reachable is not settings and not settings.database_url:
            database.migrate(reachable.database_url)
        process = start(reachable, pool_size=2)
        try:
            if reachable.sandbox:
                democlock.refresh()
            yield process
        except OperationalError:
            raise OutreachError("DATABASE_URL: the database does not answer. Start it, or mend DATABASE_URL") from None
        except ProgrammingError:
            raise OutreachError("The database has no schema yet, or an older one. Run `outreach migrate`") from None
        finally:
            process.engine.dispose()
