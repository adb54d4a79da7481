from decimal import Decimal
from pathlib import Path

import pytest

from outreach.errors import SettingsError
from outreach.settings import SANDBOX_SENDER, Settings, describe, load_settings

KEYS = {"SECRET_KEY": "s" * 32, "SUPPRESSION_KEY": "p" * 32}
TWILIO = {
    "TWILIO_ACCOUNT_SID": "AC" + "a" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_PHONE_NUMBERS": "+12135550199",
    "ORG_NAME": "Test Chapter",
    "ORG_TIMEZONE": "America/Los_Angeles",
    "ORG_CONTACT": "help@example.org",
    "ON_CALL_NUMBERS": "+12135550198, +12135550197",
}


@pytest.fixture(autouse=True)
def _folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def load(monkeypatch: pytest.MonkeyPatch, *sets: dict[str, str], **more: str) -> Settings:
    for values in (*sets, more):
        for name, value in values.items():
            monkeypatch.setenv(name, value)
    return load_settings()


def refusal(monkeypatch: pytest.MonkeyPatch, *sets: dict[str, str], **more: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(monkeypatch, *sets, **more)
    return caught.value.problems


def test_nothing_set_is_the_sandbox() -> None:
    settings = load_settings()
    assert settings.sandbox
    assert not settings.real_twilio
    assert settings.senders == (SANDBOX_SENDER,)
    assert settings.twilio_api_url == "http://127.0.0.1:8001"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.text_hours.always
    assert settings.text_hours_sunday.always
    assert settings.sender_rate == 50
    assert settings.database_url == ""
    assert settings.redis_url == ""


def test_twilio_set_is_twilio(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, TWILIO)
    assert not settings.sandbox
    assert settings.real_twilio
    assert str(settings.text_hours) == "09:00-20:00"
    assert str(settings.text_hours_sunday) == "12:00-20:00"
    assert settings.sender_rate == 1
    assert settings.settle_after == 600
    assert settings.on_call_numbers == ("+12135550198", "+12135550197")


def test_another_server_that_speaks_the_api_may_be_tried_in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry = {"SETTLE_AFTER": "5", "TEXT_HOURS": "00:00-24:00", "TEXT_HOURS_SUNDAY": "00:00-24:00"}
    settings = load(monkeypatch, TWILIO, hurry, TWILIO_API_URL="http://127.0.0.1:9")
    assert not settings.real_twilio
    assert settings.settle_after == 5


@pytest.mark.parametrize("name", ["SETTLE_AFTER", "TEXT_HOURS", "TEXT_HOURS_SUNDAY"])
def test_the_real_api_is_not_tried_in_a_hurry(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    value = "599" if name == "SETTLE_AFTER" else "00:00-24:00"
    (problem,) = refusal(monkeypatch, TWILIO, {name: value})
    assert problem.startswith(name)


@pytest.mark.parametrize("name", ["ORG_NAME", "ORG_TIMEZONE", "ORG_CONTACT", "ON_CALL_NUMBERS", "TWILIO_AUTH_TOKEN"])
def test_what_twilio_needs_is_missed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    (problem,) = refusal(monkeypatch, {key: value for key, value in TWILIO.items() if key != name})
    assert problem.startswith(f"{name} is missing. ")


def test_exactly_one_kind_of_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    (both,) = refusal(monkeypatch, TWILIO, TWILIO_MESSAGING_SERVICE_SID="MG" + "a" * 32)
    assert "both set" in both
    monkeypatch.setenv("TWILIO_PHONE_NUMBERS", "")
    assert load_settings().senders == ("MG" + "a" * 32,)
    monkeypatch.delenv("TWILIO_MESSAGING_SERVICE_SID")
    (none,) = refusal(monkeypatch)
    assert "both missing" in none


@pytest.mark.parametrize("name", ["TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET"])
def test_half_an_account_is_not_taken_for_the_sandbox(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    problems = refusal(monkeypatch, {name: "SK" + "a" * 32})
    assert problems[0].startswith("TWILIO_ACCOUNT_SID is missing while " + name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("PORT", "70000"),
        ("SENDER_RATE", "0"),
        ("SENDER_RATE", "nan"),
        ("SENDER_RATE", "inf"),
        ("TEXT_HOURS", "9-20"),
        ("TEXT_HOURS", "20:00-09:00"),
        ("TEXT_HOURS", "09:00-24:01"),
        ("ORG_TIMEZONE", "Los Angeles"),
        ("ORG_TIMEZONE", "America"),
        ("ORG_TIMEZONE", "../etc/passwd"),
        ("ON_CALL_NUMBERS", "213-555-0134"),
        ("TWILIO_PHONE_NUMBERS", "+12135550100,12135550101"),
        ("TWILIO_ACCOUNT_SID", "AC1"),
        ("TWILIO_API_URL", "api.twilio.com"),
        ("TWILIO_KEYWORDS", "some"),
        ("PUBLIC_URL", "ftp://example.org"),
        ("DATABASE_URL", "mysql://db/x"),
        ("REDIS_URL", "http://cache"),
        ("MONTHLY_BUDGET", "-1"),
        ("WEB_WORKERS", "0"),
        ("FLOWS_DIR", "/no/such/folder"),
        ("ATTENDANCE_SINCE", "soon"),
    ],
)
def test_a_wrong_value_is_named_in_one_line_with_a_mend(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    (problem,) = refusal(monkeypatch, {name: value})
    assert problem.startswith(f"{name}: ")
    assert "Set it" in problem
    assert "\n" not in problem


def test_every_wrong_value_has_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(refusal(monkeypatch, PORT="x", WEB_THREADS="0", ORG_TIMEZONE="?")) == 3


def test_a_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hush" not in "".join(refusal(monkeypatch, SECRET_KEY="hush", DATABASE_URL="mysql://a:hush@b/c"))


def test_keys_are_made_once_and_kept_to_the_owner(tmp_path: Path) -> None:
    first, second = load_settings(), load_settings()
    assert len(first.secret_key.get_secret_value()) >= 32
    assert first.secret_key == second.secret_key
    assert first.suppression_key == second.suppression_key != first.secret_key
    assert (tmp_path / "var" / "secrets.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["SECRET_KEY", "SUPPRESSION_KEY"])
def test_a_database_of_its_own_needs_keys_of_its_own(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    database = {"DATABASE_URL": "postgresql://db/x"}
    (missing,) = refusal(monkeypatch, database, {key: value for key, value in KEYS.items() if key != name})
    assert missing.startswith(f"{name} is missing")
    (short,) = refusal(monkeypatch, database, KEYS, {name: "x" * 31})
    assert short.startswith(f"{name} is shorter")


def test_one_key_for_both_uses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    (problem,) = refusal(monkeypatch, SECRET_KEY="x" * 32, SUPPRESSION_KEY="x" * 32)
    assert problem.startswith("SUPPRESSION_KEY is the same")


def test_the_env_file_is_read_and_the_environment_beats_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nORG_NAME=From file\n")
    settings = load(monkeypatch, PORT="9001")
    assert (settings.port, settings.org_name) == (9001, "From file")


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load(monkeypatch, PORT="", TWILIO_ACCOUNT_SID="", TEXT_HOURS="").port == 8000


def test_the_table_masks_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load(monkeypatch, KEYS, TWILIO, DATABASE_URL="postgresql://me:hush@db/x", METRICS_TOKEN="hush")
    rows = describe(settings)
    shown = " ".join(value for _, value, _ in rows)
    assert "hush" not in shown
    assert "t" * 32 not in shown
    assert "postgresql://me:********@db/x" in shown
    assert all(meaning for _, _, meaning in rows)
    assert "hush" not in repr(settings)


def test_a_var_dir_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (problem,) = refusal(monkeypatch, VAR_DIR=str(tmp_path / "file"))
    assert problem.startswith("VAR_DIR: ")


def test_dollars_become_millionths() -> None:
    settings = Settings.model_validate({"monthly_budget": "250", "price_segment_in": "0.0083"})
    assert settings.monthly_budget_millionths == 250_000_000
    assert settings.segment_in_millionths == 8_300
    assert settings.segment_out_millionths == 12_800
    assert settings.call_minute_millionths == 14_000
    assert settings.price_call_minute == Decimal("0.014")
