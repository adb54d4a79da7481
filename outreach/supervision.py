"""Keep a set of processes running: start them in order, start again what dies, stop them in the opposite order."""

import contextlib
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from outreach.child_processes import children_of, signal_group, spawn, stop

TICK_SECONDS = 0.1
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 30.0
# Whoever lived this long did not die of a bad start.
STEADY_SECONDS = 10.0
CHILD_PATIENCE = 10.0
WHOLE_PATIENCE = 20.0


@dataclass(frozen=True)
class ChildSpec:
    """What a child process is started with. Children of one stage stop together, higher stages first."""

    name: str
    command: Sequence[str]
    stage: int
    environment: Mapping[str, str] = field(default_factory=dict)


class Supervised(Protocol):
    """A process that can be launched again: a child, or an embedded server."""

    name: str
    process: subprocess.Popen[bytes] | None

    def launch(self) -> None:
        """Start the process without waiting for it to be ready. Raises OSError or OutreachError."""

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""


class Child:
    """One child process with its log."""

    def __init__(self, spec: ChildSpec, environment: Mapping[str, str], log_folder: Path) -> None:
        self.name = spec.name
        self.stage = spec.stage
        self.process: subprocess.Popen[bytes] | None = None
        self._command = spec.command
        self._environment = {**environment, **spec.environment}
        self._log = log_folder / f"{spec.name}.log"

    def launch(self) -> None:
        """Start the process in a session of its own, its output appended to its log. Raises OSError.

        What an earlier one left in its group is killed: it may hold the port that the new one needs.
        """
        if self.process is not None:
            signal_group(self.process.pid, signal.SIGKILL)
        self.process = spawn(self._command, environment=self._environment, log=self._log)

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None


@dataclass
class _Record:
    """How often one process died young, and when it may be started again."""

    started_at: float
    young_deaths: int = 0
    due_at: float | None = None


class Supervisor:
    """Watches children and servers until it is told to stop. Servers are watched here, but stopped by their owner."""

    def __init__(
        self,
        children: Sequence[Child],
        servers: Sequence[Supervised],
        told_to_stop: threading.Event,
        on_change: Callable[[], None],
        on_death: Callable[[str, int | None], None],
    ) -> None:
        self._children = children
        self._watched: list[Supervised] = [*servers, *children]
        self._records: dict[str, _Record] = {}
        self._on_change = on_change
        self._on_death = on_death
        self.told_to_stop = told_to_stop

    def pids(self) -> dict[str, int]:
        """Return the pid of every living process by its name."""
        return {one.name: one.process.pid for one in self._watched if one.process and one.is_running}

    def start(self) -> None:
        """Start the children in their order. Raises OSError."""
        for child in self._children:
            child.launch()
        self._records = {one.name: _Record(time.monotonic()) for one in self._watched}
        self._on_change()

    def tick(self) -> None:
        """Start again what has died, after a pause that grows while it keeps dying young, and bury orphans."""
        for one in self._watched:
            if not one.is_running:
                self._revive(one, self._records[one.name])
        _bury_orphans({one.process.pid for one in self._watched if one.process})

    def watch(self) -> None:
        """Tick until told to stop."""
        while not self.told_to_stop.wait(TICK_SECONDS):
            self.tick()

    def stop(self) -> None:
        """Stop the children, the last stage first, and then whatever they left behind."""
        deadline = time.monotonic() + WHOLE_PATIENCE
        for stage in sorted({child.stage for child in self._children}, reverse=True):
            _stop_together([child for child in self._children if child.stage == stage], deadline)

    def _revive(self, one: Supervised, record: _Record) -> None:
        now = time.monotonic()
        if record.due_at is None:
            self._on_death(one.name, one.process.returncode if one.process else None)
            record.young_deaths = record.young_deaths + 1 if now - record.started_at < STEADY_SECONDS else 0
            record.due_at = now + pause_before_restart(record.young_deaths)
        if now < record.due_at:
            return
        record.started_at, record.due_at = now, None
        # What cannot be started at all counts as having died at once: the next tick sees it dead.
        with contextlib.suppress(OSError):
            one.launch()
        self._on_change()


def pause_before_restart(young_deaths: int) -> float:
    """Return the seconds to wait before a process is started again that died young this often in a row."""
    return 0.0 if young_deaths == 0 else min(FIRST_PAUSE * 2.0 ** min(young_deaths - 1, 20), LONGEST_PAUSE)


def end_orphans(keep: set[int]) -> None:
    """Kill every process that became ours when its parent died, but for those in `keep`."""
    for pid in set(children_of(os.getpid())) - keep:
        signal_group(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def _stop_together(children: Sequence[Child], deadline: float) -> None:
    running = [child.process for child in children if child.process]
    for process in running:
        if process.poll() is None:
            signal_group(process.pid, signal.SIGTERM)
    stage_deadline = min(time.monotonic() + CHILD_PATIENCE, deadline)
    for process in running:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, stage_deadline - time.monotonic()))
    for process in running:
        stop(process, signal.SIGKILL, 1.0)


def _bury_orphans(known: set[int]) -> None:
    """Take note of the ends of adopted processes, so that they do not stay as zombies."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in known:
            return
        os.waitpid(ended.si_pid, 0)
