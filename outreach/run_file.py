"""The files in VAR_DIR by which processes of one installation find each other."""

import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import Any, cast

from outreach.child_processes import is_alive

PRIVATE = 0o600
KEY_BYTES = 48


class Lock:
    """Own VAR_DIR's servers: whoever holds this lock may start them. The kernel lets go of it when its holder dies."""

    def __init__(self, var_dir: Path) -> None:
        self._path = var_dir / "lock"
        self._file: int | None = None

    def acquire(self) -> bool:
        """Take the lock and return True, or return False at once when another process holds it.

        Raises OSError when VAR_DIR cannot be written.
        """
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Let go of the lock; harmless when it is not held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_locked(var_dir: Path) -> bool:
    """Tell whether a process holds the lock. Asking takes a shared lock for a moment, so takers try more than once."""
    try:
        file = os.open(var_dir / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def write_run_file(var_dir: Path, content: dict[str, Any]) -> None:
    """Replace VAR_DIR/run.json in one step, readable by its owner alone: it holds the servers' passwords."""
    _write_private(var_dir / "run.json", content)


def remove_run_file(var_dir: Path) -> None:
    """Remove VAR_DIR/run.json, if it is there."""
    (var_dir / "run.json").unlink(missing_ok=True)


def read_run_file(var_dir: Path) -> dict[str, Any] | None:
    """Return what a running launcher wrote to VAR_DIR/run.json, or None when no launcher runs there."""
    content = leftover_run_file(var_dir)
    pid = content.get("launcher")
    if not isinstance(pid, int) or not is_alive(pid):
        return None
    return content if is_locked(var_dir) else None


def leftover_run_file(var_dir: Path) -> dict[str, Any]:
    """Return what VAR_DIR/run.json holds, its launcher alive or not; nothing when there is no such file."""
    try:
        content = json.loads((var_dir / "run.json").read_text())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, Any]", content) if isinstance(content, dict) else {}


def kept_secret(var_dir: Path, name: str) -> str:
    """Return the secret of this name kept in VAR_DIR/secrets.json, made on first use and the same ever after.

    Raises OSError when VAR_DIR cannot be written.
    """
    path = var_dir / "secrets.json"
    var_dir.mkdir(parents=True, exist_ok=True)
    with (var_dir / "secrets.lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        if name not in kept:
            kept[name] = secrets.token_urlsafe(KEY_BYTES)
            _write_private(path, kept)
    return kept[name]


def _write_private(path: Path, content: dict[str, Any]) -> None:
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    file = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
    with os.fdopen(file, "w") as out:
        json.dump(content, out, indent=2)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
