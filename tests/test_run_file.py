import os
from pathlib import Path

from outreach.run_file import Lock, is_locked, kept_secret, leftover_run_file, read_run_file, write_run_file

DEAD = 4_194_999  # above the largest pid that Linux gives


def test_a_running_launchers_file_is_read(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    assert lock.acquire()
    write_run_file(tmp_path, {"launcher": os.getpid(), "REDIS_URL": "redis://x"})
    found = read_run_file(tmp_path)
    assert found
    assert found["REDIS_URL"] == "redis://x"
    lock.release()
    assert read_run_file(tmp_path) is None
    assert leftover_run_file(tmp_path)["launcher"] == os.getpid()


def test_a_dead_launchers_file_is_not_believed(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    assert lock.acquire()
    write_run_file(tmp_path, {"launcher": DEAD})
    assert read_run_file(tmp_path) is None
    lock.release()


def test_a_broken_file_is_no_file(tmp_path: Path) -> None:
    for content in ("", "[1]", '{"launcher": "x"}', "\0"):
        (tmp_path / "run.json").write_text(content)
        assert read_run_file(tmp_path) is None


def test_the_lock_has_one_holder(tmp_path: Path) -> None:
    first, second = Lock(tmp_path), Lock(tmp_path)
    assert not is_locked(tmp_path)
    assert first.acquire()
    assert not second.acquire()
    assert is_locked(tmp_path)
    first.release()
    first.release()
    assert second.acquire()
    second.release()


def test_a_secret_is_made_once_for_each_name(tmp_path: Path) -> None:
    assert kept_secret(tmp_path, "a") == kept_secret(tmp_path, "a") != kept_secret(tmp_path, "b")
    assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
