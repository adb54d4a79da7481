import os
import signal
import sys
import time
from pathlib import Path

import pytest

from outreach.child_processes import command_line, free_port, is_alive, is_free, signal_group, spawn, stop
from outreach.supervision import FIRST_PAUSE, LONGEST_PAUSE, pause_before_restart

IGNORES_SIGTERM = "import signal, time; signal.signal(15, signal.SIG_IGN); print('on', flush=True); time.sleep(600)"


def test_a_child_is_in_a_session_of_its_own_and_its_output_in_its_log(tmp_path: Path) -> None:
    program = "import os, sys; print(os.getsid(0) == os.getpid(), sys.stdin.read(), os.environ['WHO'])"
    child = spawn(
        [sys.executable, "-c", program], environment={"WHO": "me"}, log=tmp_path / "log" / "child.log", typed=b"typed"
    )
    assert child.wait(30) == 0
    assert (tmp_path / "log" / "child.log").read_text() == "True typed me\n"


def test_a_child_that_does_not_listen_is_killed_with_its_group(tmp_path: Path) -> None:
    child = spawn([sys.executable, "-c", IGNORES_SIGTERM], environment={}, log=tmp_path / "log")
    while "on" not in (tmp_path / "log").read_text():
        time.sleep(0.01)
    stop(child, signal.SIGTERM, 0.1)
    assert child.returncode == -signal.SIGKILL
    assert command_line(child.pid) == ""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from outreach.child_processes import spawn\n"
        "child = spawn([sys.executable, '-c', 'import time; time.sleep(600)'], environment={}, log=Path('log'))\n"
        "Path('pid').write_text(str(child.pid)); os.kill(os.getpid(), signal.SIGKILL)"
    )
    root = Path(__file__).parents[1]
    parent = spawn(
        [sys.executable, "-c", program], environment={"PYTHONPATH": str(root)}, log=tmp_path / "out", folder=tmp_path
    )
    assert parent.wait(30) == -signal.SIGKILL
    child = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 30
    while command_line(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert command_line(child) == ""


def test_a_signal_to_nobody_is_harmless(tmp_path: Path) -> None:
    child = spawn([sys.executable, "-c", ""], environment={}, log=tmp_path / "log")
    child.wait(30)
    signal_group(child.pid, signal.SIGTERM)
    assert is_alive(os.getpid())


def test_a_free_port_is_outside_the_kernels_own_range() -> None:
    port = free_port()
    assert is_free("127.0.0.1", port)
    assert 20_000 <= port < 32_000


def test_the_pause_before_a_restart_grows_and_has_an_end() -> None:
    assert pause_before_restart(0) == 0
    assert pause_before_restart(1) == FIRST_PAUSE < 2
    assert pause_before_restart(3) == 4 * FIRST_PAUSE
    assert pause_before_restart(10_000) == LONGEST_PAUSE
