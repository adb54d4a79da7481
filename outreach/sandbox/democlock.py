"""The application's demo clock, moved from the phones page; texts keep the hour that it showed when they came."""

import json
import time
import urllib.request
from datetime import UTC, datetime

from outreach.sandbox.creation import is_web_address
from outreach.sandbox.database import Database

PATIENCE = 10.0


class ClockError(Exception):
    """The application did not move its clock."""


class DemoClock:
    """How far the application's clock is ahead of this machine's, and since when."""

    def __init__(self, database: Database, url: str | None, token: str) -> None:
        if url is not None and not is_web_address(url):
            raise ValueError("SandboxConfig.clock_url is no web address: give one like http://127.0.0.1:8000/…")
        self._database = database
        self._url = url
        self._token = token

    @property
    def movable(self) -> bool:
        """Whether there is a clock to move."""
        return self._url is not None

    def skip(self, seconds: int) -> None:
        """Ask the application to move its clock ahead; raises ClockError when it does not.

        It is asked by `POST {"seconds": n}` with the header X-Sandbox-Token, and answers `{"now": ISO 8601 time}`.
        """
        if self._url is None:
            raise ClockError("There is no clock to move.")
        headers = {"Content-Type": "application/json", "X-Sandbox-Token": self._token}
        body = json.dumps({"seconds": seconds}).encode()
        request = urllib.request.Request(self._url, body, headers)  # noqa: S310 - checked above to be http or https
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - as above
                now = datetime.fromisoformat(json.load(response)["now"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ClockError("The application did not move its clock. Is it running?") from error
        self._keep((now if now.tzinfo else now.replace(tzinfo=UTC)).timestamp() - time.time())

    def shown(self, seconds: float) -> float:
        """Return what the application's clock showed at a time of this machine; both in seconds since 1970."""
        row = self._database.row("SELECT ahead FROM clock WHERE since <= ? ORDER BY since DESC LIMIT 1", (seconds,))
        return seconds + (float(row[0]) if row else 0.0)

    def _keep(self, ahead: float) -> None:
        self._database.execute("INSERT OR REPLACE INTO clock VALUES (?, ?)", (time.time(), ahead))
