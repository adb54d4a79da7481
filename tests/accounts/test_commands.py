from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, create_engine, text

from outreach.accounts.commands import user
from outreach.errors import OutreachError

PASSWORD = "correct horse battery"


@pytest.fixture
def runner(database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("SECRET_KEY", "s" * 32)
    monkeypatch.setenv("SUPPRESSION_KEY", "k" * 32)
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    return CliRunner()


def engine_of(database_url: str) -> Engine:
    return create_engine(database_url.replace("postgresql:", "postgresql+psycopg:", 1))


def test_a_user_is_added_with_the_password_of_a_file(runner: CliRunner, database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n")
    done = runner.invoke(user, ["add", "luz@example.org", "--role", "admin", "--password-file", str(file)])
    assert done.exit_code == 0, done.exception
    engine = engine_of(database_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT email, name FROM users JOIN user_roles ON user_id = id")).all()
    engine.dispose()
    assert found == [("luz@example.org", "admin")]


def test_the_password_is_asked_for_twice_and_shown_nowhere(runner: CliRunner) -> None:
    add = ["add", "luz@example.org", "--role", "viewer"]
    done = runner.invoke(user, add, input=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.exception
    assert PASSWORD not in done.output
    changed = runner.invoke(user, ["password", "luz@example.org"], input=f"{PASSWORD}\nanother one altogether\n")
    assert isinstance(changed.exception, OutreachError)
    assert "not the same" in str(changed.exception)


def test_an_unknown_role_is_refused_with_the_list_before_anything_is_asked(runner: CliRunner) -> None:
    refused = runner.invoke(user, ["add", "luz@example.org", "--role", "boss"])
    assert isinstance(refused.exception, OutreachError)
    assert "phone_banker, trainer, viewer" in str(refused.exception)
    assert "Password" not in refused.output


def test_a_file_that_holds_no_password_is_refused(runner: CliRunner, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.write_bytes(b"")
    refused = runner.invoke(user, ["add", "luz@example.org", "--role", "admin", "--password-file", str(empty)])
    assert "fewer than 12" in str(refused.exception)
    empty.write_bytes(b"\xff\xfe\xfa")
    refused = runner.invoke(user, ["add", "luz@example.org", "--role", "admin", "--password-file", str(empty)])
    assert "cannot be read as text" in str(refused.exception)
