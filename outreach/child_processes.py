"""Child processes that end with their parent and never see its terminal's Ctrl-C."""

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
# Below the ports that the kernel gives to outgoing connections: a client that keeps knocking on a dead server's
# port could otherwise be given that very port, connect to itself, and keep the server from coming back.
PORTS = range(20_000, 32_000)
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(  # noqa: PLR0913 - a process is described by that many things
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    log: Path,
    folder: Path | None = None,
    user: tuple[int, int] | None = None,
    last_signal: signal.Signals = signal.SIGTERM,
    typed: bytes = b"",
) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, its output appended to `log`, `typed` as its whole input.

    `user` is the (uid, gid) to run as, which only root may choose. On Linux the kernel sends `last_signal` when
    the calling thread dies, however it dies. Raises OSError.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    uid, gid = user or (None, None)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=dict(environment),
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=folder,
            start_new_session=True,
            user=uid,
            group=gid,
            extra_groups=None if user is None else [],
            preexec_fn=_die_with_parent(last_signal),  # noqa: PLW1509 - the launcher starts children from one thread
        )
    # A process that ended at once reads nothing: whoever waits for it will see.
    if process.stdin:
        with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
            pipe.write(typed)
    return process


def stop(process: subprocess.Popen[bytes], first_signal: signal.Signals, patience: float) -> None:
    """Ask a process's group to end, wait `patience` seconds, and kill what is left of the group."""
    if process.poll() is None:
        signal_group(process.pid, first_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    signal_group(process.pid, signal.SIGKILL)
    process.wait()


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to every process of the group that `pid` leads; harmless when none is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def is_alive(pid: int) -> bool:
    """Tell whether a process of anyone's bears this pid now."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def command_line(pid: int) -> str:
    """Return a process's command line, or nothing when it has ended."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace").replace("\0", " ")
    if sys.platform == "linux":
        return ""
    return subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent dies, so that none can slip away (Linux only)."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children_of(pid: int) -> list[int]:
    """Return the pids of a process's children; an empty list where the system does not tell (not Linux)."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # The name in parentheses may hold anything; the parent's pid is the second field after it.
            if int((folder / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(folder.name))
    return found


def free_port(host: str = "127.0.0.1") -> int:
    """Return a port that nothing listens on at this moment. Raises OSError when a hundred tries find none."""
    for _ in range(100):
        port = random.choice(PORTS)  # noqa: S311 - no secret
        if is_free(host, port):
            return port
    raise OSError(f"no free port on {host} between {PORTS.start} and {PORTS.stop}")


def is_free(host: str, port: int) -> bool:
    """Tell whether a server could listen on this port now."""
    try:
        try_to_listen(host, port)
    except OSError:
        return False
    return True


def try_to_listen(host: str, port: int) -> None:
    """Raise the OSError that a server would meet on this address now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))


def belongs_to(pid: int, name: str, value: str) -> bool:
    """Tell whether a process was started with this environment variable; False where the system does not tell."""
    try:
        return f"{name}={value}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return False


def _die_with_parent(last_signal: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    libc, parent = _LIBC, os.getpid()

    def before_exec() -> None:
        # Runs after the change of user, which would clear the wish.
        libc.prctl(PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)

    return before_exec
