"""Launch the stand-ins as `outreach run` launches the program's parts: `python -m tests.stand_in_launcher`."""

import os
import sys

from outreach.cli import complain_clearly
from outreach.launcher import launch, owned
from outreach.settings import load_settings
from outreach.supervision import ChildSpec

COMMAND = [sys.executable, "-m", "tests.stand_ins"]


def main() -> None:
    settings = load_settings()
    with owned(settings.var_dir):
        launch(
            load_settings(),
            steps=[[*COMMAND, os.environ.get("STEP", "migrate")]],
            specs=[
                ChildSpec("web", [*COMMAND, "web"], 1),
                ChildSpec("worker-1", [*COMMAND, "worker"], 2),
                ChildSpec("cron", [*COMMAND, "cron"], 3),
            ],
            ports=[("PORT", settings.host, settings.port)],
        )


if __name__ == "__main__":
    complain_clearly(main)
