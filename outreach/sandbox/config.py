"""What the sandbox is told when it starts."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Keywords(StrEnum):
    """Who answers exact STOP, START and HELP words: see `outreach.sandbox.keywords`."""

    DEFAULT = "default"
    ADVANCED = "advanced"
    OFF = "off"


@dataclass(frozen=True)
class SandboxConfig:
    """The account that the sandbox plays, and how roughly it treats the application.

    Delays are seconds. `shuffle`, `duplicate` and `early` are probabilities per text (per callback for `duplicate`):
    callbacks out of order, posted twice, posted before the create request is answered.
    """

    account_sid: str
    auth_token: str
    senders: tuple[str, ...]
    inbound_url: str
    api_key: str | None = None
    api_secret: str | None = None
    messaging_service_sid: str | None = None
    """When given, `senders` are this service's pool and opt-outs hold for the whole of it."""
    store: Path | None = None
    """The SQLite file that outlives a restart; None keeps everything in memory."""
    keywords: Keywords = Keywords.DEFAULT
    advanced_stop_words: tuple[str, ...] = ()
    """Further opt-out words, entered by the customer; only Advanced Opt-Out knows such."""
    callback_delay: tuple[float, float] = (0.05, 0.4)
    shuffle: float = 0.1
    duplicate: float = 0.1
    early: float = 0.1
    seed: int = 1
    instant: bool = False
    """Every text is accepted and delivered at once, and no callback is made: for benchmarks."""
    callback_threads: int = 16
    keep_texts: int = 300_000
    """The oldest texts beyond this many are forgotten."""
    timezone: str = "UTC"
    """The zone in which the phones page shows times."""
    clock_url: str | None = None
    """The application's door for moving its demo clock; the phones page then offers to skip time."""
    clock_token: str = ""
    own_url: str = ""
    """Where the sandbox itself is reached: the addresses of members' pictures begin with it."""

    def __post_init__(self) -> None:
        if not self.senders:
            raise ValueError("SandboxConfig.senders is empty: give at least one number that texts are sent from")

    @property
    def voice_url(self) -> str:
        """Where the application hears of calls: beside its door for texts."""
        return f"{self.inbound_url.partition('#')[0].rpartition('/')[0]}/voice"

    @property
    def opt_out_scope(self) -> str | None:
        """What an opt-out holds for: the service, or None when it is each sender for itself."""
        return self.messaging_service_sid
