import os
import tempfile
from pathlib import Path

import pytest

from outreach.embedded import account

STRANGER = (64_321, 64_321)


def test_a_closed_folder_above_keeps_an_account_out(tmp_path: Path) -> None:
    inner = tmp_path / "closed" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    assert not account.can_reach(inner, STRANGER)


def test_every_account_reaches_an_open_folder() -> None:
    assert account.can_reach(Path("/usr"), STRANGER)


def test_a_plain_user_needs_no_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert account.account_for(tmp_path) is None


def test_a_copy_of_the_programs_is_readable_and_made_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(account, "OPEN_PLACE", tmp_path / "open")
    programs = tmp_path / "programs"
    programs.mkdir(mode=0o700)
    (programs / "postgres").touch(mode=0o700)
    (programs / "data").touch(mode=0o600)
    copy = account.open_copy({"pg/bin": programs}, "programs-1")
    assert (copy / "pg/bin/postgres").stat().st_mode & 0o777 == 0o755
    assert (copy / "pg/bin/data").stat().st_mode & 0o777 == 0o644
    (programs / "new").touch()
    assert account.open_copy({"pg/bin": programs}, "programs-1") == copy
    assert [path.name for path in (tmp_path / "open").iterdir()] == ["programs-1"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a folder to another group")
def test_an_account_is_let_through_a_private_folder_and_nobody_else() -> None:
    folder = Path(tempfile.mkdtemp())
    try:
        assert account.admit(folder, STRANGER)
        assert folder.stat().st_mode & 0o777 == 0o710
        assert folder.stat().st_gid == STRANGER[1]
        assert not account.can_reach(folder, (STRANGER[0] + 1, STRANGER[1] + 1))
    finally:
        folder.rmdir()


def test_a_folder_that_a_group_uses_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared").chmod(0o750)
    assert not account.admit(tmp_path / "shared", STRANGER)
    assert (tmp_path / "shared").stat().st_mode & 0o777 == 0o750
