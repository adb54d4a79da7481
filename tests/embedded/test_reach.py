from pathlib import Path

import psycopg
import pytest
import redis

from outreach import embedded
from outreach.errors import OutreachError
from outreach.settings import Settings
from tests.servers import temporary_var_dir


def settings_in(var_dir: Path, **more: str) -> Settings:
    return Settings.model_validate({"var_dir": var_dir, **more})


def test_given_addresses_are_taken_as_they_are(tmp_path: Path) -> None:
    given = settings_in(tmp_path, database_url="postgresql://db/x", redis_url="redis://cache/0")
    with embedded.reach(given) as settings:
        assert settings is given


def test_a_command_on_its_own_gets_servers_for_its_duration() -> None:
    with temporary_var_dir() as folder:
        folder.chmod(0o755)
        with embedded.reach(settings_in(folder / "var")) as settings:
            with psycopg.connect(settings.database_url) as connection:
                connection.execute("CREATE TABLE kept (id int)")
            with redis.Redis.from_url(settings.redis_url) as client:
                assert client.ping()
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(settings.database_url)


def test_one_owner_at_a_time(tmp_path: Path) -> None:
    with embedded.own(tmp_path), pytest.raises(OutreachError, match="in use"), embedded.own(tmp_path, patience=0.0):
        pass
    with embedded.own(tmp_path, patience=0.0):
        pass
