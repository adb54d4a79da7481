import signal
import subprocess
import time
from abc import ABC, abstractmethod
from pathlib import Path

from outreach.child_processes import free_port, stop
from outreach.errors import OutreachError

POLL_SECONDS = 0.01
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
ATTEMPTS = 5


class Server(ABC):
    """An embedded server on a loopback port of its own: launched, waited for, stopped, and launched again."""

    name: str
    stop_signal: signal.Signals

    def __init__(self, var_dir: Path) -> None:
        self.var_dir = var_dir
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """The address for clients, password included."""

    @abstractmethod
    def _spawn(self) -> subprocess.Popen[bytes]:
        """Start the process, listening on `self.port`."""

    @abstractmethod
    def _is_ready(self) -> bool:
        """Tell whether the process answers as ours."""

    @property
    def log(self) -> Path:
        """The file that the server's log is appended to."""
        return self.var_dir / "log" / f"{self.name}.log"

    def start(self) -> None:
        """Launch and wait."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Start the process without waiting for it, on the port it had before if it had one."""
        self.port = self.port or free_port()
        self.process = self._spawn()

    def wait(self) -> None:
        """Wait until the server is ready; when it ends at once, try again on another port. Raises OutreachError."""
        deadline = time.monotonic() + READY_SECONDS
        attempts = 1
        while not self._is_ready():
            if time.monotonic() > deadline:
                self.stop()
                raise OutreachError(f"{self.name} did not get ready in {READY_SECONDS:.0f} s. See {self.log}")
            if not self.is_running:
                if attempts == ATTEMPTS:
                    raise OutreachError(f"{self.name} does not start. See the end of {self.log}")
                attempts += 1
                self.port = 0
                time.sleep(attempts * 0.1)
                self.launch()
            time.sleep(POLL_SECONDS)

    @property
    def is_running(self) -> bool:
        """Whether the process is alive."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """End the process and wait for its end; harmless when it has ended."""
        if self.process is not None:
            stop(self.process, self.stop_signal, STOP_SECONDS)
            self.process = None
