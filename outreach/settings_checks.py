from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # settings imports this module
    from outreach.settings import Settings

SHORTEST_KEY = 32
SHORTEST_SETTLING = 600
EARLIEST, LATEST = 8 * 60, 21 * 60
MAKE_KEY = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def complaints(settings: "Settings", *, keeps_keys: bool) -> list[str]:
    """Return a line for each way in which settings that are right by themselves do not fit together.

    `keeps_keys` says that missing keys are made and kept in VAR_DIR, as for the embedded database.
    """
    return [
        *_key_complaints(settings, keeps_keys=keeps_keys),
        *(_sandbox_complaints(settings) if settings.sandbox else _account_complaints(settings)),
        *_sender_complaints(settings),
        *(_real_twilio_complaints(settings) if settings.real_twilio else ()),
        *_other_complaints(settings),
    ]


def _key_complaints(settings: "Settings", *, keeps_keys: bool) -> Iterator[str]:
    for name in ("secret_key", "suppression_key"):
        key = getattr(settings, name).get_secret_value()
        if key and len(key) < SHORTEST_KEY:
            yield f"{name.upper()} is shorter than {SHORTEST_KEY} characters. Make one with {MAKE_KEY}"
        elif not key and not keeps_keys:
            yield (
                f"{name.upper()} is missing, and DATABASE_URL is not the embedded one's. "
                f"Set it to the one in use, or make one with {MAKE_KEY}"
            )
    secret = settings.secret_key.get_secret_value()
    if secret and secret == settings.suppression_key.get_secret_value():
        yield f"SUPPRESSION_KEY is the same as SECRET_KEY. Make another with {MAKE_KEY}"


def _sandbox_complaints(settings: "Settings") -> Iterator[str]:
    alone = [name for name in ("twilio_auth_token", "twilio_api_key", "twilio_api_secret") if _is_given(settings, name)]
    if settings.real_twilio:
        alone.append("twilio_api_url")
    for name in alone:
        yield f"TWILIO_ACCOUNT_SID is missing while {name.upper()} is set. Set both, or neither for the sandbox"


def _is_given(settings: "Settings", name: str) -> bool:
    from outreach.settings import SANDBOX_AUTH_TOKEN  # noqa: PLC0415 - settings imports this module

    value = getattr(settings, name)
    plain = value if isinstance(value, str) else value.get_secret_value()
    return plain not in {"", SANDBOX_AUTH_TOKEN}


def _account_complaints(settings: "Settings") -> Iterator[str]:
    if not settings.twilio_auth_token.get_secret_value():
        yield "TWILIO_AUTH_TOKEN is missing. Copy it from the Twilio console: it checks the signatures of what arrives"
    needed = {
        "org_name": "Set it to who texts, for example ORG_NAME=DSA-LA",
        "org_contact": "Set it to an e-mail address or number for HELP, for example ORG_CONTACT=hi@example.org",
        "org_timezone": "Set it to the chapter's zone, for example ORG_TIMEZONE=America/Los_Angeles",
        "on_call_numbers": "Set it to who is alerted, for example ON_CALL_NUMBERS=+12135550134",
    }
    for name, mend in needed.items():
        if name not in settings.model_fields_set:
            yield f"{name.upper()} is missing. {mend}"


def _sender_complaints(settings: "Settings") -> Iterator[str]:
    service, numbers = settings.twilio_messaging_service_sid, settings.twilio_phone_numbers
    if service and numbers:
        yield "TWILIO_MESSAGING_SERVICE_SID and TWILIO_PHONE_NUMBERS are both set. Set exactly one of the two"
    if not service and not numbers:
        yield (
            "TWILIO_MESSAGING_SERVICE_SID and TWILIO_PHONE_NUMBERS are both missing. "
            "Set exactly one of the two, for example TWILIO_PHONE_NUMBERS=+12135550100"
        )
    if bool(settings.twilio_api_key) != bool(settings.twilio_api_secret.get_secret_value()):
        yield "TWILIO_API_KEY and TWILIO_API_SECRET belong together. Set both or neither"


def _real_twilio_complaints(settings: "Settings") -> Iterator[str]:
    if settings.settle_after < SHORTEST_SETTLING:
        yield (
            f"SETTLE_AFTER is less than {SHORTEST_SETTLING} against the real Twilio. "
            f"Set SETTLE_AFTER={SHORTEST_SETTLING} or leave it out"
        )
    for name in ("text_hours", "text_hours_sunday"):
        if getattr(settings, name).always:
            yield f"{name.upper()} is 00:00-24:00 against the real Twilio. Set hours that close, such as 09:00-20:00"
        elif getattr(settings, name).start < EARLIEST or getattr(settings, name).end > LATEST:
            yield f"{name.upper()} reaches beyond 08:00-21:00, when nobody may be texted. Set, for example, 09:00-20:00"


def _other_complaints(settings: "Settings") -> Iterator[str]:
    if settings.port == settings.sandbox_port and settings.sandbox:
        yield "PORT and SANDBOX_PORT are the same. Set SANDBOX_PORT to another port"
    if settings.flows_dir and not settings.flows_dir.is_dir():
        yield f"FLOWS_DIR: {settings.flows_dir} is not a folder. Set it to a folder of flow files or leave it out"
    if settings.active_days > settings.inactive_days:
        yield "ACTIVE_DAYS is more than INACTIVE_DAYS. Set ACTIVE_DAYS to at most INACTIVE_DAYS"
