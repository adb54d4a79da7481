"""Connection overrides: how Twilio's patience with a webhook is set in the fragment of its URL."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urldefrag

POLICIES = frozenset({"ct", "rt", "4xx", "5xx"})


@dataclass(frozen=True)
class Overrides:
    """Timeouts in milliseconds, the number of retries, and which failures are retried."""

    connect: int = 5000
    read: int = 15_000
    total: int = 15_000
    retries: int = 1
    policies: frozenset[str] = frozenset({"ct"})

    def retries_status(self, status: int) -> bool:
        """Say whether an answer of this status is asked for again."""
        return (400 <= status < 500 and "4xx" in self.policies) or (status >= 500 and "5xx" in self.policies)


def read_overrides(url: str) -> tuple[str, Overrides]:
    """Split `https://host/path#rc=3&rp=ct,rt,5xx` into the URL to call and its overrides; values are clamped."""
    called, fragment = urldefrag(url)
    given = {name: values[-1] for name, values in parse_qs(fragment).items()}
    return called, Overrides(
        connect=_clamped(given.get("ct"), Overrides.connect, 100, 10_000),
        read=_clamped(given.get("rt"), Overrides.read, 100, 15_000),
        total=_clamped(given.get("tt"), Overrides.total, 100, 15_000),
        retries=_clamped(given.get("rc"), Overrides.retries, 0, 5),
        policies=_policies(given.get("rp")),
    )


def _clamped(given: str | None, default: int, least: int, most: int) -> int:
    if given is None or not given.isascii() or not given.isdigit():
        return default
    return min(max(int(given), least), most)


def _policies(given: str | None) -> frozenset[str]:
    if given is None:
        return Overrides.policies
    named = {policy.strip().lower() for policy in given.split(",")}
    return POLICIES if "all" in named else POLICIES & named
