"""Where PostgreSQL runs when we are root: it refuses to run as root, and what is closed to others stays closed."""

import contextlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from outreach.errors import OutreachError

NAME = "outreach"
OPEN_PLACE = Path("/var/lib/outreach")


def account_for(folder: Path) -> tuple[int, int] | None:
    """Return the (uid, gid) that PostgreSQL runs as on this data folder, or None for our own.

    Root runs it as the folder's owner, or, when there is no folder yet, as the system account `outreach`,
    made if need be. Raises OutreachError.
    """
    if os.geteuid() != 0:
        return None
    if folder.exists() and (owner := folder.stat()).st_uid != 0:
        return owner.st_uid, owner.st_gid
    return _system_account()


def can_reach(path: Path, account: tuple[int, int]) -> bool:
    """Tell whether the account may enter every folder of this absolute path, the last one included."""
    return all(_may_enter(place.stat(), account) for place in (path, *path.parents))


def admit(folder: Path, account: tuple[int, int]) -> bool:
    """Let the account's group, and nobody else, pass through a folder of ours that no group may enter so far.

    Returns whether the account can now reach it; what lies above is not touched.
    """
    place = folder.stat()
    if place.st_uid == os.geteuid() and not place.st_mode & stat.S_IRWXG and can_reach(folder.parent, account):
        os.chown(folder, -1, account[1])
        folder.chmod(stat.S_IMODE(place.st_mode) | stat.S_IXGRP)
    return can_reach(folder, account)


def open_folder(near: Path, account: tuple[int, int]) -> Path:
    """Make a folder for the account under /var/lib/outreach, for data whose own place is closed to it."""
    OPEN_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{near.name}-", dir=OPEN_PLACE))
    os.chown(folder, *account)
    return folder


def open_copy(folders: Mapping[str, Path], label: str) -> Path:
    """Return a folder under /var/lib/outreach with a readable copy of each folder under its name, made once a label."""
    copy = OPEN_PLACE / label
    if copy.exists():
        return copy
    OPEN_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f"{label}-", dir=OPEN_PLACE))
    for name, folder in folders.items():
        shutil.copytree(folder, fresh / name, symlinks=True)
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
    # Another start may have been faster: its copy is as good.
    with contextlib.suppress(OSError):
        fresh.rename(copy)
    shutil.rmtree(fresh, ignore_errors=True)
    return copy


def _may_enter(place: os.stat_result, account: tuple[int, int]) -> bool:
    uid, gid = account
    if place.st_uid == uid:
        return bool(place.st_mode & stat.S_IXUSR)
    if place.st_gid == gid:
        return bool(place.st_mode & stat.S_IXGRP)
    return bool(place.st_mode & stat.S_IXOTH)


def _system_account() -> tuple[int, int]:
    with contextlib.suppress(KeyError):
        return _known_account()
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    with contextlib.suppress(OSError):
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", NAME], check=False, capture_output=True)
    try:
        return _known_account()  # another start may have been faster, so that useradd's own status says little
    except KeyError:
        raise OutreachError(
            f"PostgreSQL cannot run as root, and the system account {NAME} cannot be made. "
            f"Make it (useradd --system {NAME}), run as a plain user, or set DATABASE_URL"
        ) from None


def _known_account() -> tuple[int, int]:
    entry = pwd.getpwnam(NAME)
    return entry.pw_uid, entry.pw_gid
