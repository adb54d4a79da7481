"""Every setting of the program: its default, its meaning and its check (CONTRACT of the outside, "Settings")."""

import math
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from outreach.errors import SettingsError
from outreach.run_file import kept_secret, read_run_file
from outreach.settings_checks import complaints
from outreach.text_hours import TextHours

SANDBOX_ACCOUNT_SID = "AC" + "5a" * 16
SANDBOX_AUTH_TOKEN = "c0ffee" * 5 + "ab"  # known to everyone: it opens only the local sandbox
SANDBOX_SENDER = "+12135550100"
SANDBOX_ON_CALL = "+12135550134"
MILLIONTHS = 1_000_000

# What a setting is when no Twilio account is set, so that `make run` needs no settings at all.
SANDBOX_DEFAULTS = {
    "twilio_auth_token": SANDBOX_AUTH_TOKEN,
    "sender_rate": "50",
    "text_hours": "00:00-24:00",
    "text_hours_sunday": "00:00-24:00",
    "org_name": "DSA-LA",
    "org_timezone": "America/Los_Angeles",
    "org_contact": "hi@example.org or 213-555-0134",
    "on_call_numbers": SANDBOX_ON_CALL,
}


def _phone_number(value: str) -> str:
    if not re.fullmatch(r"\+[1-9]\d{7,14}", value):
        raise ValueError("a phone number is written in E.164, such as +12135550100")
    return value


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("an address is written http://host or https://host, without a query")
    return value.rstrip("/")


def _database_url(value: str) -> str:
    scheme, _, rest = value.partition("://")
    if value and scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise ValueError("a database address is written postgresql://user:password@host:port/name")
    return f"postgresql://{rest}" if value else ""


def _redis_url(value: str) -> str:
    if value and value.partition("://")[0] not in {"redis", "rediss", "unix"}:
        raise ValueError("a Redis address is written redis://host:port/0")
    return value


def _zone_name(value: str) -> str:
    try:
        ZoneInfo(value)
    except (OSError, ValueError, KeyError):  # an unknown name is a KeyError, a folder of zones an OSError
        raise ValueError("a zone is named as in the IANA list, such as America/Los_Angeles") from None
    return value


def _hours(value: object) -> object:
    return TextHours.parse(value) if isinstance(value, str) else value


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def _sid(prefix: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and not re.fullmatch(prefix + r"[0-9A-Za-z]{32}", value):
            raise ValueError(f"is {prefix} and 32 letters or digits, as the Twilio console shows it")
        return value

    return AfterValidator(check)


PhoneNumbers = Annotated[tuple[Annotated[str, AfterValidator(_phone_number)], ...], NoDecode, BeforeValidator(_split)]
Hours = Annotated[TextHours, NoDecode, BeforeValidator(_hours)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
Port = Annotated[int, Field(ge=1, le=65535)]
Positive = Annotated[int, Field(ge=1)]
Dollars = Annotated[Decimal, Field(ge=0, max_digits=12, decimal_places=6)]
NO_SECRET = SecretStr("")


class Settings(BaseSettings):
    """What the operator may set. A name in capitals is the environment variable; `.env` is read too.

    Built by `load_settings`, which also makes sure that the settings fit together; in tests by
    `Settings.model_validate({"port": 8000})`, which reads neither the environment nor `.env`.
    """

    model_config = SettingsConfigDict(
        env_file=".env", frozen=True, extra="ignore", env_ignore_empty=True, hide_input_in_errors=True
    )

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default="", repr=False, description="PostgreSQL ≥ 15, postgresql://…; empty: the embedded one"
    )
    redis_url: Annotated[str, AfterValidator(_redis_url)] = Field(
        default="", repr=False, description="Redis ≥ 7 or Valkey, redis://…; empty: the embedded one"
    )
    secret_key: SecretStr = Field(
        default=NO_SECRET,
        description="signs sessions; at least 32 characters; kept in VAR_DIR when the database is embedded",
    )
    suppression_key: SecretStr = Field(
        default=NO_SECRET,
        description="hashes the numbers of deleted people; at least 32 characters; back it up, never change it alone",
    )
    public_url: Annotated[str, AfterValidator(lambda value: value and _http_url(value))] = Field(
        default="",
        description="how Twilio reaches us; empty: http://127.0.0.1:$PORT",
        examples=["https://texts.example.org"],
    )
    host: str = Field(default="127.0.0.1", description="the address that the web listens on")
    port: Port = Field(default=8000, description="the port that the web listens on")
    sandbox_port: Port = Field(default=8001, description="the port that the local Twilio sandbox listens on")
    trusted_proxies: int = Field(default=0, ge=0, description="how many proxies stand in front of the web")
    var_dir: Path = Field(default=Path("var"), description="embedded servers' data, logs, run.json")

    twilio_account_sid: Annotated[str, _sid("AC")] = Field(
        default=SANDBOX_ACCOUNT_SID, description="the Twilio account; set: no sandbox, never demo data"
    )
    twilio_auth_token: SecretStr = Field(default=NO_SECRET, description="checks Twilio's signatures; signs in for REST")
    twilio_api_key: Annotated[str, _sid("SK")] = Field(default="", description="signs in for REST when set")
    twilio_api_secret: SecretStr = Field(default=NO_SECRET, description="belongs to TWILIO_API_KEY")
    twilio_messaging_service_sid: Annotated[str, _sid("MG")] = Field(
        default="", description="sends from this service; or set TWILIO_PHONE_NUMBERS"
    )
    twilio_phone_numbers: PhoneNumbers = Field(
        default=(), description="sends from these numbers, E.164, comma-separated", examples=["+12135550100"]
    )
    twilio_api_url: HttpUrl = Field(
        default="https://api.twilio.com", description="the address that speaks Twilio's REST API"
    )
    twilio_keywords: Literal["default", "advanced", "off"] = Field(
        default="default", description="who answers exact STOP/START/HELP: default Twilio does, advanced or off we do"
    )
    sender_rate: Annotated[float, AfterValidator(_finite)] = Field(
        default=1.0, gt=0, description="segments per second and sender (50 in the sandbox)"
    )
    twilio_concurrency: Positive = Field(default=16, description="calls to Twilio at once")
    settle_after: int = Field(
        default=600,
        ge=1,
        description="seconds until a claim without outcome is looked up at Twilio; ≥ 600 against the real API",
    )

    ask_gap_hours: int = Field(default=72, ge=0, description="hours between texts that ask something of one person")
    asks_per_month: Positive = Field(default=6, description="texts a month that ask something of one person")
    monthly_budget: Dollars | None = Field(
        default=None, description="dollars a month; sending stops there", examples=["250"]
    )
    text_hours: Hours = Field(default=TextHours.parse("09:00-20:00"), description="when texts may leave, HH:MM-HH:MM")
    text_hours_sunday: Hours = Field(default=TextHours.parse("12:00-20:00"), description="the same on Sundays")
    org_name: str = Field(default="", description="who texts", examples=["DSA-LA"])
    org_timezone: Annotated[str, AfterValidator(_zone_name)] = Field(
        default="UTC", description="the chapter's time zone", examples=["America/Los_Angeles"]
    )
    org_contact: str = Field(default="", description="e-mail or telephone, for HELP", examples=["hi@example.org"])
    on_call_numbers: PhoneNumbers = Field(
        default=(), description="who is alerted, E.164, comma-separated", examples=["+12135550134"]
    )
    flows_dir: Path | None = Field(
        default=None,
        description="a folder whose flow files add to and replace the shipped ones",
        examples=["/etc/outreach/flows"],
    )

    web_workers: Positive = Field(default=2, description="processes of the web")
    web_threads: Positive = Field(default=4, description="threads of each")
    queue_workers: Positive = Field(default=1, description="processes that work off the queues")
    metrics_token: SecretStr = Field(default=NO_SECRET, description="lets others than loopback read /metrics")

    price_segment_out: Dollars = Field(
        default=Decimal("0.0128"), description="dollars per outgoing segment, carrier's fee included"
    )
    price_segment_in: Dollars = Field(default=Decimal("0.0083"), description="dollars per incoming segment")
    price_call_minute: Dollars = Field(default=Decimal("0.014"), description="dollars per minute of a call's leg")

    new_days: Positive = Field(default=90, description="days since joining during which a member is new")
    active_days: Positive = Field(
        default=90, description="days since the last activity during which a person is active"
    )
    inactive_days: Positive = Field(
        default=180, description="days since the last activity after which a person is inactive"
    )
    attendance_since: date | None = Field(
        default=None, description="the first day of which attendance is known", examples=["2026-01-31"]
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_sandbox(cls, given: dict[str, Any]) -> dict[str, Any]:
        if given.get("twilio_account_sid"):
            return given
        host, port = given.get("host") or "127.0.0.1", given.get("sandbox_port") or 8001
        here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
        filled = {**SANDBOX_DEFAULTS, "twilio_api_url": f"http://{here}:{port}", **given}
        if not given.get("twilio_messaging_service_sid"):
            filled.setdefault("twilio_phone_numbers", SANDBOX_SENDER)
        return filled

    @model_validator(mode="after")
    def _fill_public_url(self) -> Self:
        # object.__setattr__ because the settings are frozen for everyone else.
        object.__setattr__(self, "public_url", self.public_url or f"http://127.0.0.1:{self.port}")
        object.__setattr__(self, "var_dir", self.var_dir.expanduser().absolute())
        return self

    @property
    def sandbox(self) -> bool:
        """Whether texts go to the local sandbox: no TWILIO_ACCOUNT_SID is set."""
        return self.twilio_account_sid == SANDBOX_ACCOUNT_SID

    @property
    def real_twilio(self) -> bool:
        """Whether texts go to Twilio itself, and not to a server that speaks its API."""
        host = urlsplit(self.twilio_api_url).hostname or ""
        return host == "twilio.com" or host.endswith(".twilio.com")

    @property
    def senders(self) -> tuple[str, ...]:
        """What texts are sent from: the messaging service's SID alone, or the phone numbers."""
        service = self.twilio_messaging_service_sid
        return (service,) if service else self.twilio_phone_numbers

    @property
    def zone(self) -> ZoneInfo:
        """The chapter's time zone."""
        return ZoneInfo(self.org_timezone)

    @property
    def monthly_budget_millionths(self) -> int | None:
        """The month's budget in millionths of a dollar, or None for no limit."""
        return None if self.monthly_budget is None else _millionths(self.monthly_budget)

    @property
    def segment_out_millionths(self) -> int:
        """The price of an outgoing segment in millionths of a dollar."""
        return _millionths(self.price_segment_out)

    @property
    def segment_in_millionths(self) -> int:
        """The price of an incoming segment in millionths of a dollar."""
        return _millionths(self.price_segment_in)

    @property
    def call_minute_millionths(self) -> int:
        """The price of a call's minute in millionths of a dollar."""
        return _millionths(self.price_call_minute)


def _millionths(dollars: Decimal) -> int:
    return int(dollars * MILLIONTHS)


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`, make sure they fit, and add what is kept in VAR_DIR.

    Servers that a running launcher started on the same VAR_DIR are found through its `run.json`; otherwise
    `database_url` and `redis_url` stay empty for the embedded servers. Raises SettingsError.
    """
    settings = _read()
    running = read_run_file(settings.var_dir) or {}
    keeps_keys = not settings.database_url and running.get("embedded_database", True)
    found = complaints(settings, keeps_keys=keeps_keys)
    if found:
        raise SettingsError(*found)
    urls = {
        "database_url": settings.database_url or running.get("DATABASE_URL", ""),
        "redis_url": settings.redis_url or running.get("REDIS_URL", ""),
    }
    return settings.model_copy(update=urls | (_kept_keys(settings) if keeps_keys else {}))


def describe(settings: Settings) -> list[tuple[str, str, str]]:
    """Return a row (name, value with secrets masked, meaning) for each setting, in the order of their table."""
    return [
        (name.upper(), _shown(getattr(settings, name)), field.description or "")
        for name, field in Settings.model_fields.items()
    ]


def _read() -> Settings:
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(*(_line(problem) for problem in error.errors())) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f".env cannot be read ({type(error).__name__}). Make it a text file that you may read"
        ) from None


def _line(problem: ErrorDetails) -> str:
    """Turn pydantic's complaint into one line: the variable, what is wrong, an example that would do."""
    name = str(problem["loc"][0])
    message = problem["msg"].removeprefix("Value error, ")
    field = Settings.model_fields[name]
    example = field.examples[0] if field.examples else field.default
    return f"{name.upper()}: {message[0].lower()}{message[1:]}. Set it, for example, to {name.upper()}={example}"


def _kept_keys(settings: Settings) -> dict[str, SecretStr]:
    missing = [name for name in ("secret_key", "suppression_key") if not getattr(settings, name).get_secret_value()]
    try:
        return {name: SecretStr(kept_secret(settings.var_dir, name)) for name in missing}
    except OSError as error:
        raise SettingsError(
            f"VAR_DIR: {settings.var_dir} cannot be written ({error.strerror}). Set VAR_DIR to a folder you may write"
        ) from None


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "********" if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ",".join(value)
    if value is None:
        return ""
    return re.sub(r"(://[^:/@]*:)[^@]*@", r"\1********@", str(value))
