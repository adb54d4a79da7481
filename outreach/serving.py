"""The parts that run all the time: `outreach web`, `worker`, `cron`."""

import contextlib
import ctypes
import gc
import signal
import threading
import time
from typing import Any

import click
import structlog

from outreach import embedded, process
from outreach.logs import configure_logs, take_over
from outreach.settings import Settings, load_settings

log = structlog.get_logger()

SWEEP_SECONDS = 1.0
# Objects that may pile up before the garbage collector looks: a text that comes in makes some thousands.
GARBAGE_AT = 20_000
# From glibc's malloc.h.
M_ARENA_MAX = -8
# A thread that serves requests never waits for a lock for ever.
WEB_LOCK_TIMEOUT = "5s"
WORKER_TTL_SECONDS = 30


@click.command()
def web() -> None:
    """Serve webhooks and pages."""
    settings = load_settings()
    _share_memory()
    with embedded.reach(settings) as reachable:
        _serve(reachable)


def _share_memory() -> None:
    """Let threads share what the C library sets aside: each would else keep what it once needed."""
    with contextlib.suppress(AttributeError, OSError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def _serve(settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication  # noqa: PLC0415 - only this command needs gunicorn

    class Server(BaseApplication):
        def load_config(self) -> None:
            for name, value in _gunicorn_settings(settings).items():
                self.cfg.set(name, value)

        def load(self) -> Any:  # noqa: ANN401 - gunicorn takes any WSGI application
            from outreach.app import create_app  # noqa: PLC0415 - after the fork, so that each worker has its own

            return create_app(process.start(settings, settings.web_threads, WEB_LOCK_TIMEOUT))

    Server().run()


def _gunicorn_settings(settings: Settings) -> dict[str, Any]:
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.web_workers,
        "threads": settings.web_threads,
        "worker_class": "gthread",
        "timeout": 60,
        "graceful_timeout": 5,
        "keepalive": 30,
        "control_socket_disable": True,
        # Addresses and bodies never reach a log: no access log, and errors through our own.
        "accesslog": None,
        "on_starting": lambda _server: _own_the_logs(),
        "post_worker_init": lambda _worker: _settle_in(),
    }


def _settle_in() -> None:
    """Keep what stays for good out of the garbage collector's way, which else looks through it again and again."""
    _own_the_logs()
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_AT)


def _own_the_logs() -> None:
    configure_logs()
    take_over("gunicorn.error", "gunicorn.access")


@click.command()
def worker() -> None:
    """Work off the queue: send texts, apply callbacks, fire timers, feed campaigns."""
    from outreach.working import work  # noqa: PLC0415 - RQ is needed here alone

    configure_logs()
    _share_memory()
    with embedded.reach(load_settings()) as settings:
        work(process.start(settings, pool_size=4))


@click.command()
def cron() -> None:
    """Look every second for work that waits, in PostgreSQL alone."""
    configure_logs()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    with embedded.reach(load_settings()) as settings:
        _keep_sweeping(process.start(settings, pool_size=2), stopped)


def _keep_sweeping(running: process.Process, stopped: threading.Event) -> None:
    from outreach import sweeping  # noqa: PLC0415 - every table is needed here, and by no other command

    chores_at = 0.0
    while not stopped.wait(SWEEP_SECONDS):
        try:
            sweeping.sweep(running)
            if time.monotonic() >= chores_at:
                chores_at = time.monotonic() + sweeping.CHORES_SECONDS
                sweeping.do_chores(running)
        except Exception as error:  # noqa: BLE001 - cron outlives a database that is away for a while
            log.error("sweeps_failed", error=type(error).__name__)  # noqa: TRY400 - the trace would name values
