import contextlib
import os
import signal
import time
from pathlib import Path

import psycopg
import pytest

from outreach.embedded import Postgres, start
from tests.servers import temporary_var_dir


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row
        return row[0]


def test_the_database_is_utf8_in_utc_with_c_collation() -> None:
    with temporary_var_dir() as var_dir, start(postgres := Postgres(var_dir)):
        assert ask(postgres.url, "SHOW server_encoding") == "UTF8"
        assert ask(postgres.url, "SHOW timezone") == "UTC"
        assert ask(postgres.url, "SELECT datcollate FROM pg_database WHERE datname = 'outreach'") == "C"


def test_the_log_holds_no_statement_and_no_value() -> None:
    with temporary_var_dir() as var_dir, start(postgres := Postgres(var_dir)):
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute("CREATE TABLE people (phone text UNIQUE)")
            for _ in range(2):
                with contextlib.suppress(psycopg.errors.UniqueViolation):
                    connection.execute("INSERT INTO people VALUES (%s)", ["+12135550177"])
        log = postgres.log.read_text()
    assert "duplicate key" in log
    assert "5550177" not in log


def test_a_wrong_password_is_refused() -> None:
    with temporary_var_dir() as var_dir, start(postgres := Postgres(var_dir)):
        wrong = postgres.url.replace("://outreach:", "://outreach:x")
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(wrong)


@pytest.mark.fault
def test_a_server_that_a_killed_launcher_left_behind_is_seen_off() -> None:
    with temporary_var_dir() as var_dir:
        first, second = Postgres(var_dir), Postgres(var_dir)
        first.start()
        with start(second):
            assert not first.is_running
            assert ask(second.url, "SELECT 1") == 1
        first.stop()


@pytest.mark.fault
def test_a_pid_file_that_names_a_stranger_does_not_keep_it_from_starting() -> None:
    with temporary_var_dir() as var_dir:
        with start(Postgres(var_dir)):
            pid_file = (var_dir / "postgres" / "postmaster.pid").read_text()
        _, rest = pid_file.split("\n", 1)
        (var_dir / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{rest}")
        with start(again := Postgres(var_dir)):
            assert ask(again.url, "SELECT 1") == 1


@pytest.mark.fault
def test_it_starts_again_after_a_kill() -> None:
    with temporary_var_dir() as var_dir:
        first = Postgres(var_dir)
        first.start()
        with psycopg.connect(first.url) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        assert first.process
        os.kill(first.process.pid, signal.SIGKILL)
        while first.is_running:
            time.sleep(0.01)
        with start(second := Postgres(var_dir)):
            assert ask(second.url, "SELECT count(*) FROM kept") == 0


def test_a_port_that_was_taken_meanwhile_is_given_up_for_another() -> None:
    with temporary_var_dir() as var_dir, start(first := Postgres(var_dir)):
        other = var_dir / "other"
        other.mkdir()
        second = Postgres(other)
        second.port = first.port
        with start(second):
            assert second.port != first.port


def test_a_first_start_that_was_cut_short_leaves_no_half_database(monkeypatch: pytest.MonkeyPatch) -> None:
    with temporary_var_dir() as var_dir:
        postgres = Postgres(var_dir)

        def fail(_data: Path) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(postgres, "_initialize", fail)
        with pytest.raises(KeyboardInterrupt):
            postgres.launch()
        assert not (var_dir / "postgres").exists()
        assert not list(var_dir.glob(".postgres-*"))
