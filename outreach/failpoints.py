"""Named steps at which a test kills this process. Without the test's folder in the environment they do nothing."""

import contextlib
import os
import signal
import sys
from pathlib import Path

from outreach.errors import SettingsError
from outreach.settings import Settings

FOLDER = "OUTREACH_FAILPOINTS"
ALONE, GROUP = "alone", "group"

_folder: Path | None = None


def arm(settings: Settings) -> None:
    """Look for failpoints in the folder that a test has set. Raises SettingsError against the real Twilio."""
    global _folder  # noqa: PLW0603 - a process has one
    given = os.environ.get(FOLDER)
    if given and settings.real_twilio:
        raise SettingsError(f"{FOLDER} is set against the real Twilio: it lets tests kill this program. Leave it out")
    _folder = Path(given) if given else None


def reach(step: str) -> None:
    """Die here by SIGKILL, alone or with the whole group, when a test has laid an order for this part and step."""
    if _folder is None:
        return
    order = _folder / f"{part()}.{step}"
    with contextlib.suppress(FileNotFoundError):
        whom = order.read_text()
        # Whoever takes the order away first carries it out, of all threads and processes.
        order.rename(order.with_suffix(".done"))
        if whom == GROUP:
            os.killpg(os.getpgrp(), signal.SIGKILL)
        os.kill(os.getpid(), signal.SIGKILL)


def part() -> str:
    """Return which part of the program this process is, such as `worker`."""
    return sys.argv[1] if len(sys.argv) > 1 else ""
