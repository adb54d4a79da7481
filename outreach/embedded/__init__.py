"""PostgreSQL and Valkey out of wheels, for machines that have neither: started under VAR_DIR, ended with us."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from outreach.embedded.postgres import Postgres
from outreach.embedded.server import Server
from outreach.embedded.valkey import Valkey
from outreach.errors import OutreachError
from outreach.run_file import Lock, read_run_file
from outreach.settings import Settings

__all__ = ["Postgres", "Server", "Valkey", "own", "reach", "start"]

LOCK_SECONDS = 60.0


@contextlib.contextmanager
def start(*servers: Server) -> Iterator[None]:
    """Start servers side by side, and stop them in the opposite order when the block ends, however it ends."""
    with contextlib.ExitStack() as started:
        for server in servers:
            started.callback(server.stop)
            server.launch()
        for server in servers:
            server.wait()
        yield


@contextlib.contextmanager
def own(var_dir: Path, patience: float = LOCK_SECONDS) -> Iterator[None]:
    """Hold VAR_DIR for the block, so that nobody else starts servers in it. Raises OutreachError after `patience` s."""
    var_dir.mkdir(parents=True, exist_ok=True)
    lock = Lock(var_dir)
    deadline = time.monotonic() + patience
    while not lock.acquire():
        if time.monotonic() > deadline:
            raise OutreachError(f"VAR_DIR: {var_dir} is in use by another outreach. Stop it, or set another VAR_DIR")
        time.sleep(0.05)
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def reach(settings: Settings) -> Iterator[Settings]:
    """Yield the settings with both servers' addresses in them, for a command that runs beside or without a launcher.

    What is not set and not running is started for the duration of the block. Raises OutreachError.
    """
    if settings.database_url and settings.redis_url:
        yield settings
        return
    with contextlib.ExitStack() as stack:
        running = _await_turn(settings.var_dir, stack)
        if running is None:
            running = stack.enter_context(_started(settings))
        yield settings.model_copy(update=_addresses(settings, running))


def _await_turn(var_dir: Path, stack: contextlib.ExitStack) -> dict[str, str] | None:
    """Return the addresses of a launcher that got ready meanwhile, or None once VAR_DIR is ours."""
    deadline = time.monotonic() + LOCK_SECONDS
    while time.monotonic() < deadline:
        if running := read_run_file(var_dir):
            return running
        with contextlib.suppress(OutreachError):
            stack.enter_context(own(var_dir, patience=0.2))
            return None
    raise OutreachError(f"VAR_DIR: {var_dir} is in use by another outreach. Try again when it has ended")


@contextlib.contextmanager
def _started(settings: Settings) -> Iterator[dict[str, str]]:
    postgres = None if settings.database_url else Postgres(settings.var_dir)
    valkey = None if settings.redis_url else Valkey(settings.var_dir)
    with start(*(server for server in (valkey, postgres) if server)):
        yield {
            "DATABASE_URL": postgres.url if postgres else settings.database_url,
            "REDIS_URL": valkey.url if valkey else settings.redis_url,
        }


def _addresses(settings: Settings, running: dict[str, str]) -> dict[str, str]:
    return {
        "database_url": settings.database_url or running["DATABASE_URL"],
        "redis_url": settings.redis_url or running["REDIS_URL"],
    }
