import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from outreach import cli
from outreach.errors import OutreachError, SettingsError

PROGRAM = [sys.executable, "-c", "from outreach.cli import main; main()"]


def outreach(folder: Path, *arguments: str, typed: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1]), **environment},
        cwd=folder,
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_are_printed_with_their_secrets_masked(tmp_path: Path) -> None:
    done = outreach(tmp_path, "settings", SECRET_KEY="hush" * 8)
    assert done.returncode == 0
    assert "SENDER_RATE" in done.stdout
    assert "hush" not in done.stdout


def test_a_wrong_setting_is_one_line_and_exit_status_2(tmp_path: Path) -> None:
    done = outreach(tmp_path, "settings", PORT="http")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("PORT: ")
    assert done.stderr.count("\n") == 1


def test_wrong_use_is_exit_status_2(tmp_path: Path) -> None:
    assert outreach(tmp_path, "nonsense").returncode == 2


def test_help_lists_only_what_exists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(cli.COMMANDS, "later", "outreach.no_such_folder.commands:later")
    monkeypatch.setitem(cli.COMMANDS, "missing", "outreach.errors:missing")
    done = CliRunner().invoke(cli.outreach, ["--help"])
    assert done.exit_code == 0
    assert "run" in done.output
    assert "later" not in done.output
    assert "missing" not in done.output


def test_every_listed_command_shows_its_help() -> None:
    context = cli.outreach.make_context("outreach", ["--help"], resilient_parsing=True)
    for name in cli.outreach.list_commands(context):
        assert CliRunner().invoke(cli.outreach, [name, "--help"]).exit_code == 0, name


def test_understanding_loads_nothing_of_the_rest(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['outreach', 'understand']\n"
        "from outreach.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pydantic', 'sqlalchemy', 'flask', 'twilio', 'redis', 'structlog'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[1])},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("error", "status"), [(OutreachError("Full. Make room"), 1), (SettingsError("A", "B"), 2)])
def test_what_the_user_can_mend_is_printed_as_it_stands(
    error: OutreachError, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> None:
        raise error

    with pytest.raises(SystemExit) as ended:
        cli.complain_clearly(fail)
    assert ended.value.code == status
    assert capsys.readouterr().err == f"{error}\n"
