"""`outreach run`: everything on one machine, from the database to the web, started and stopped together."""

import contextlib
import errno
import http.client
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from outreach import embedded
from outreach.child_processes import adopt_orphans, belongs_to, signal_group, try_to_listen
from outreach.errors import OutreachError, SettingsError
from outreach.run_file import leftover_run_file, read_run_file, remove_run_file, write_run_file
from outreach.settings import Settings, load_settings
from outreach.supervision import Child, ChildSpec, Supervisor, end_orphans

TAKE_OVER_SECONDS = 3.0
LEFTOVER_SECONDS = 10.0
PROBE_SECONDS = 1.0
STOP_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@click.command()
@click.option("--demo/--no-demo", default=True, help="Make demo data on the first start (in the sandbox only).")
@click.option("--sandbox/--no-sandbox", default=True, help="Start the local Twilio sandbox when no account is set.")
def run(*, demo: bool, sandbox: bool) -> None:
    """Start everything, and stop it in order on Ctrl-C."""
    settings = load_settings()
    with owned(settings.var_dir):
        # Read again: what an earlier launcher's run.json told has gone with it.
        settings = load_settings()
        with_sandbox = sandbox and settings.sandbox
        with_demo = demo and settings.sandbox
        launch(
            settings,
            steps=[*preparations(), *(demo_preparations(settings) if with_demo else [])],
            specs=parts(settings, sandbox=with_sandbox),
            ports=ports(settings, sandbox=with_sandbox),
            lines=lambda: [
                *address_lines(settings, sandbox=with_sandbox),
                *(demo_lines(settings) if with_demo else []),
            ],
            when_ready=[_outreach("demo", "contacts")] if with_demo and with_sandbox else [],
        )


def launch(  # noqa: PLR0913 - what is launched is told in full, so that tests can launch something else
    settings: Settings,
    *,
    steps: Sequence[Sequence[str]],
    specs: Sequence[ChildSpec],
    ports: Sequence[tuple[str, str, int]] = (),
    lines: Callable[[], Sequence[str]] = tuple,
    when_ready: Sequence[Sequence[str]] = (),
    say: Callable[[str], None] = click.echo,
) -> None:
    """Start servers, run the steps, keep the children of `specs` running until a stop signal, and stop everything.

    `ports` are (variable, host, port) that must be free; `lines` are told, and the commands of `when_ready` run, once
    the web answers. Raises OutreachError; whatever was started is stopped.
    """
    told_to_stop = _stop_on_signals()
    adopt_orphans()
    _end_previous(settings.var_dir)
    _require_free(ports)
    with _servers(settings) as (servers, environment):
        children = [Child(spec, environment, settings.var_dir / "log") for spec in specs]
        supervisor = Supervisor(
            children,
            servers,
            told_to_stop,
            on_change=lambda: _write_run_file(settings, environment, supervisor),
            on_death=lambda name, status: say(f"{name} ended ({status}) and is started again. See its log"),
        )
        for step in steps:
            _run_step(step, environment)
        if not told_to_stop.is_set():
            _supervise(supervisor, settings, lines(), say, [(command, environment) for command in when_ready])


def preparations() -> list[list[str]]:
    """Return the commands that run to their end before the children start."""
    return [_outreach("migrate")]


def parts(settings: Settings, *, sandbox: bool) -> list[ChildSpec]:
    """Return the program's parts, in the order in which they start."""
    workers = [f"worker-{number}" for number in range(1, settings.queue_workers + 1)]
    return [
        *([ChildSpec("sandbox", _outreach("sandbox"), 0)] if sandbox else []),
        ChildSpec("web", _outreach("web"), 1),
        *(ChildSpec(name, _outreach("worker"), 2) for name in workers),
        ChildSpec("cron", _outreach("cron"), 3),
    ]


def ports(settings: Settings, *, sandbox: bool) -> list[tuple[str, str, int]]:
    """Return the (variable, host, port) that the parts will listen on."""
    web = ("PORT", settings.host, settings.port)
    return [web, ("SANDBOX_PORT", settings.host, settings.sandbox_port)] if sandbox else [web]


def address_lines(settings: Settings, *, sandbox: bool) -> list[str]:
    """Return what to tell the operator about where things are."""
    phones = [f"Phones:  {_local_address(settings.host, settings.sandbox_port)}"] if sandbox else []
    return [f"Web:     {settings.public_url}", *phones, f"Logs:    {settings.var_dir / 'log'}"]


def demo_preparations(settings: Settings) -> list[list[str]]:
    """Return the command that makes the demo's data, on the first start alone."""
    from outreach.demo.accounts import read_passwords  # noqa: PLC0415 - the launcher itself needs no tables

    return [] if read_passwords(settings.var_dir) else [_outreach("demo", "seed")]


def demo_lines(settings: Settings) -> list[str]:
    """Return what to tell the operator of the demo: who signs in with what, and what to try."""
    from outreach.demo.accounts import read_passwords  # noqa: PLC0415 - as above
    from outreach.demo.tour import terminal_lines  # noqa: PLC0415 - as above

    phones = _local_address(settings.host, settings.sandbox_port)
    return terminal_lines(read_passwords(settings.var_dir), phones)


def _supervise(
    supervisor: Supervisor,
    settings: Settings,
    lines: Sequence[str],
    say: Callable[[str], None],
    when_ready: Sequence[tuple[Sequence[str], dict[str, str]]],
) -> None:
    try:
        supervisor.start()
        for line in lines:
            say(line)
        _say_when_ready(supervisor, settings, say)
        for command, environment in when_ready:
            subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, start_new_session=True, check=False)
        supervisor.watch()
    finally:
        remove_run_file(settings.var_dir)
        supervisor.stop()


def _say_when_ready(supervisor: Supervisor, settings: Settings, say: Callable[[str], None]) -> None:
    while not supervisor.told_to_stop.wait(0.05):
        supervisor.tick()
        if _is_ready(settings):
            say(f"Ready: {_local_address(settings.host, settings.port)}")
            return


def _is_ready(settings: Settings) -> bool:
    connection = http.client.HTTPConnection(_local_host(settings.host), settings.port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/health/ready")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


@contextlib.contextmanager
def owned(var_dir: Path) -> Iterator[None]:
    """Hold VAR_DIR for the block. Raises SettingsError when another outreach has it or it cannot be written."""
    if running := read_run_file(var_dir):
        raise SettingsError(
            f"VAR_DIR: {var_dir} is in use by a running outreach (pid {running['launcher']}). "
            "Stop it, or set VAR_DIR to another folder"
        )
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(embedded.own(var_dir, TAKE_OVER_SECONDS))
        except OutreachError as error:
            raise SettingsError(str(error)) from None
        except OSError as error:
            raise SettingsError(
                f"VAR_DIR: {var_dir} cannot be used ({error.strerror}). Set VAR_DIR to a folder you may write"
            ) from None
        yield


@contextlib.contextmanager
def _servers(settings: Settings) -> Iterator[tuple[list[embedded.Server], dict[str, str]]]:
    """Start what is not given, and yield it with the environment for the children."""
    postgres = None if settings.database_url else embedded.Postgres(settings.var_dir)
    valkey = None if settings.redis_url else embedded.Valkey(settings.var_dir)
    servers: list[embedded.Server] = [server for server in (postgres, valkey) if server]
    with embedded.start(*servers):
        try:
            yield (
                servers,
                {
                    **os.environ,
                    "DATABASE_URL": postgres.url if postgres else settings.database_url,
                    "REDIS_URL": valkey.url if valkey else settings.redis_url,
                    "SECRET_KEY": settings.secret_key.get_secret_value(),
                    "SUPPRESSION_KEY": settings.suppression_key.get_secret_value(),
                    "VAR_DIR": str(settings.var_dir),
                    "PYTHONUNBUFFERED": "1",
                },
            )
        finally:
            end_orphans({server.process.pid for server in servers if server.process})


def _write_run_file(settings: Settings, environment: dict[str, str], supervisor: Supervisor) -> None:
    content: dict[str, Any] = {
        "launcher": os.getpid(),
        "url": _local_address(settings.host, settings.port),
        "pids": supervisor.pids(),
        "DATABASE_URL": environment["DATABASE_URL"],
        "REDIS_URL": environment["REDIS_URL"],
        "embedded_database": not settings.database_url,
    }
    write_run_file(settings.var_dir, content)


def _stop_on_signals() -> threading.Event:
    """Return an event that is set by the first signal to stop; more of them change nothing."""
    told_to_stop = threading.Event()
    for number in STOP_SIGNALS:
        signal.signal(number, lambda _number, _frame: told_to_stop.set())
    return told_to_stop


def _run_step(step: Sequence[str], environment: dict[str, str]) -> None:
    """Run a preparation to its end. What it complains of goes to our standard error."""
    done = subprocess.run(step, env=environment, stdin=subprocess.DEVNULL, start_new_session=True, check=False)
    if done.returncode:
        raise OutreachError(f"{' '.join(step[1:])} failed ({done.returncode}): nothing is started")


def _end_previous(var_dir: Path) -> None:
    """End the children of an earlier launcher that was killed: on Linux they are ending by themselves already."""
    pids: dict[str, int] = leftover_run_file(var_dir).get("pids", {})
    left = [pid for name, pid in pids.items() if name != "postgres" and belongs_to(pid, "VAR_DIR", str(var_dir))]
    deadline = time.monotonic() + LEFTOVER_SECONDS
    for pid in left:
        signal_group(pid, signal.SIGTERM)
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = [pid for pid in left if belongs_to(pid, "VAR_DIR", str(var_dir))]
    for pid in left:
        signal_group(pid, signal.SIGKILL)
    remove_run_file(var_dir)


def _require_free(ports: Sequence[tuple[str, str, int]]) -> None:
    problems = [_listen_problem(*port) for port in ports]
    if found := [problem for problem in problems if problem]:
        raise SettingsError(*found)


def _listen_problem(name: str, host: str, port: int) -> str | None:
    try:
        try_to_listen(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            return f"{name}: {host}:{port} is in use. Stop what listens there, or set {name} to another port"
        if error.errno == errno.EACCES:
            return f"{name}: port {port} is for root alone. Set {name} to a port above 1023"
        return f"HOST: {host} is no address of this machine ({error.strerror}). Set HOST to 127.0.0.1 or 0.0.0.0"
    return None


def _local_host(host: str) -> str:
    return "127.0.0.1" if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - compared, not bound


def _local_address(host: str, port: int) -> str:
    return f"http://{_local_host(host)}:{port}"


def _outreach(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("outreach")), *arguments]
