import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from outreach.child_processes import belongs_to, free_port

PATIENCE = 30.0
COMMAND = [sys.executable, "-m", "tests.stand_in_launcher"]
STOP_ORDER = ["migrate", "cron with servers", "worker with servers", "web with servers"]


class Launcher:
    """A launcher of stand-ins on a folder of its own."""

    def __init__(self, var_dir: Path, **environment: str) -> None:
        self.var_dir = var_dir
        self.port = free_port()
        self.environment = {**os.environ, "VAR_DIR": str(var_dir), "PORT": str(self.port), **environment}
        self.output = var_dir / "output"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "subprocess.Popen[bytes]":
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                COMMAND, env=self.environment, stdout=output, stderr=output, start_new_session=True
            )
        return self.process

    def start_until_ready(self) -> None:
        for name in ("web", "worker", "cron"):
            (self.var_dir / f"{name}.ready").unlink(missing_ok=True)
        process = self.start()
        wait_for(lambda: "Ready: " in self.output.read_text() or process.poll() is not None)
        assert process.poll() is None, self.output.read_text()
        wait_for(lambda: len(list(self.var_dir.glob("*.ready"))) == 3)

    def run_file(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.var_dir / "run.json").read_text())
        return content

    def pids(self) -> dict[str, int]:
        pids: dict[str, int] = self.run_file()["pids"]
        return pids

    def left(self) -> list[int]:
        """The living processes that were started with this VAR_DIR."""
        pids = [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]
        return [pid for pid in pids if belongs_to(pid, "VAR_DIR", str(self.var_dir))]

    def notes(self) -> list[str]:
        return (self.var_dir / "notes").read_text().splitlines()

    def end(self) -> None:
        for pid in self.left():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()


def wait_for(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.02)


@pytest.fixture
def folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="outreach-launcher-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def launcher(folder: Path) -> Iterator[Launcher]:
    launcher = Launcher(folder)
    yield launcher
    launcher.end()


@pytest.mark.fault
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_whole_group_stops_everything_in_order(launcher: Launcher, number: signal.Signals) -> None:
    launcher.start_until_ready()
    assert launcher.process
    os.killpg(launcher.process.pid, number)
    assert launcher.process.wait(PATIENCE) == 0
    assert launcher.left() == []
    assert launcher.notes() == STOP_ORDER
    assert not (launcher.var_dir / "run.json").exists()


@pytest.mark.fault
def test_a_killed_child_and_a_killed_server_are_started_again(launcher: Launcher) -> None:
    launcher.start_until_ready()
    before = launcher.run_file()
    for name in ("worker-1", "web", "valkey", "postgres"):
        os.kill(before["pids"][name], signal.SIGKILL)
    wait_for(lambda: launcher.pids().keys() == before["pids"].keys())
    wait_for(lambda: not set(launcher.pids().values()) & {before["pids"][n] for n in ("worker-1", "web", "valkey")})
    wait_for(lambda: can_connect(before["DATABASE_URL"]))
    assert launcher.run_file()["REDIS_URL"] == before["REDIS_URL"]


@pytest.mark.fault
def test_a_killed_launcher_takes_everything_with_it_and_the_next_start_finds_the_data(launcher: Launcher) -> None:
    launcher.start_until_ready()
    with psycopg.connect(launcher.run_file()["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept (id int)")
    assert launcher.process
    launcher.process.kill()
    launcher.process.wait()
    launcher.start_until_ready()
    with psycopg.connect(launcher.run_file()["DATABASE_URL"]) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
    assert set(launcher.pids().values()) <= set(launcher.left())


@pytest.mark.fault
def test_everything_at_once_may_be_killed(launcher: Launcher) -> None:
    launcher.start_until_ready()
    launcher.end()
    launcher.start_until_ready()
    assert launcher.process
    launcher.process.terminate()
    assert launcher.process.wait(PATIENCE) == 0
    assert launcher.left() == []


def test_a_second_launcher_on_the_same_folder_is_refused(launcher: Launcher) -> None:
    launcher.start_until_ready()
    second = subprocess.run(COMMAND, env=launcher.environment, capture_output=True, text=True, check=False)
    assert second.returncode == 2
    assert second.stderr.startswith("VAR_DIR: ")
    assert second.stderr.count("\n") == 1
    assert launcher.process
    assert launcher.process.poll() is None


def test_a_port_in_use_is_named_and_nothing_is_started(launcher: Launcher) -> None:
    with socket.create_server(("127.0.0.1", launcher.port)):
        assert launcher.start().wait(PATIENCE) == 2
    assert launcher.output.read_text().startswith("PORT: 127.0.0.1:")
    assert launcher.output.read_text().count("\n") == 1
    assert launcher.left() == []


def test_a_failing_preparation_stops_the_start(folder: Path) -> None:
    launcher = Launcher(folder, STEP="fail")
    assert launcher.start().wait(PATIENCE) == 1
    assert "no such schema" in launcher.output.read_text()
    assert launcher.left() == []


def test_another_terminal_finds_the_running_servers(launcher: Launcher) -> None:
    launcher.start_until_ready()
    program = "from outreach.settings import load_settings; print(load_settings().database_url)"
    told = subprocess.run(
        [sys.executable, "-c", program], env=launcher.environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == launcher.run_file()["DATABASE_URL"]


def test_the_run_file_is_for_its_owner_alone(launcher: Launcher) -> None:
    launcher.start_until_ready()
    assert (launcher.var_dir / "run.json").stat().st_mode & 0o077 == 0
    assert (launcher.var_dir / "secrets.json").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as someone else")
def test_root_in_a_closed_home_opens_nothing(folder: Path) -> None:
    var_dir = folder / "var"
    var_dir.mkdir()
    launcher = Launcher(var_dir)
    try:
        launcher.start_until_ready()
        assert folder.stat().st_mode & 0o777 == 0o700
        assert (var_dir / "postgres").resolve().is_relative_to("/var/lib/outreach")
    finally:
        launcher.end()
        shutil.rmtree((var_dir / "postgres").resolve().parent)


def can_connect(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.Error:
        return False
    return True
