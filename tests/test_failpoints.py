import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from outreach import failpoints
from outreach.errors import SettingsError
from outreach.failpoints import FOLDER, arm, reach
from tests.texting.factories import make_settings

REACH_IT = (
    "from outreach import failpoints; failpoints._folder = __import__('pathlib').Path({!r}); failpoints.reach('{}')"
)


@pytest.fixture(autouse=True)
def unarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_folder", None)
    monkeypatch.delenv(FOLDER, raising=False)


def reached_by(folder: Path, step: str) -> int:
    """Return how a process of a part named `worker` ends that comes by a step."""
    command = [sys.executable, "-c", REACH_IT.format(str(folder), step), "worker"]
    return subprocess.run(command, check=False, start_new_session=True, env={**os.environ}).returncode


def test_without_a_tests_folder_nothing_happens() -> None:
    arm(make_settings())
    reach("commit")


def test_failpoints_are_refused_against_the_real_twilio(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(FOLDER, str(tmp_path))
    with pytest.raises(SettingsError, match=FOLDER):
        arm(make_settings(twilio_account_sid="AC" + "1" * 32, twilio_api_url="https://api.twilio.com"))


@pytest.mark.parametrize("whom", [failpoints.ALONE, failpoints.GROUP])
def test_an_order_kills_whoever_comes_by_its_step_and_once(tmp_path: Path, whom: str) -> None:
    (tmp_path / "worker.called").write_text(whom)
    assert reached_by(tmp_path, "claimed") == 0
    assert reached_by(tmp_path, "called") == -signal.SIGKILL
    assert reached_by(tmp_path, "called") == 0
