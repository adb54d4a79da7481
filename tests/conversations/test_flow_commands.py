import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from outreach.cli import outreach
from outreach.conversations.flow_files import SHIPPED

PROGRAM = [sys.executable, "-c", "from outreach.cli import main; main()"]
SPOILT = (SHIPPED / "invite.yaml").read_text(encoding="utf-8").replace("    unclear:\n", "    unclaer:\n", 1)


@pytest.fixture
def flows_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "flows"
    folder.mkdir()
    (folder / "picnic.yaml").write_text(SPOILT, encoding="utf-8")
    return folder


def line_of(words: str) -> int:
    return next(place for place, line in enumerate(SPOILT.splitlines(), 1) if words in line)


def test_the_shipped_flows_pass_without_a_word() -> None:
    done = CliRunner().invoke(outreach, ["flows", "check", *map(str, sorted(SHIPPED.glob("*.yaml")))])
    assert (done.exit_code, done.output) == (0, "")


def test_a_complaint_is_one_line_on_standard_output_and_exit_status_1(flows_dir: Path) -> None:
    path = flows_dir / "picnic.yaml"
    done = CliRunner().invoke(outreach, ["flows", "check", str(path), str(SHIPPED / "invite.yaml")])
    assert done.exit_code == 1
    assert done.stderr == ""
    assert done.stdout.splitlines()[0] == (
        f"{path}:{line_of('unclaer')}: unknown key “unclaer”. Did you mean “unclear”?"
    )


def test_without_a_name_all_that_would_run_are_checked(flows_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWS_DIR", str(flows_dir))
    monkeypatch.setenv("VAR_DIR", str(flows_dir.parent))
    done = CliRunner().invoke(outreach, ["flows", "check"])
    assert done.exit_code == 1
    assert "picnic.yaml" in done.stdout
    assert "invite.yaml" not in done.stdout


def test_a_file_that_is_not_there_is_a_complaint(tmp_path: Path) -> None:
    done = CliRunner().invoke(outreach, ["flows", "check", str(tmp_path / "nowhere.yaml")])
    assert done.exit_code == 1
    assert "cannot be read" in done.stdout


def test_a_bad_flow_file_stops_the_start_and_names_file_line_and_mend(flows_dir: Path, database_url: str) -> None:
    environment = {
        "PYTHONPATH": str(SHIPPED.parent),
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "SECRET_KEY": "s" * 40,
        "SUPPRESSION_KEY": "k" * 40,
        "FLOWS_DIR": str(flows_dir),
        "VAR_DIR": str(flows_dir.parent),
    }
    done = subprocess.run(
        [*PROGRAM, "migrate"],
        env={**os.environ, **environment},
        cwd=flows_dir,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert f"picnic.yaml:{line_of('unclaer')}: unknown key “unclaer”. Did you mean “unclear”?" in done.stderr
    assert "Traceback" not in done.stderr
