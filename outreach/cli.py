"""The `outreach` command. Each command's module is imported when the command is called, and not before."""

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Callable
from typing import cast

import click

from outreach.errors import OutreachError

# Name of the command → where its click command is. What does not exist is not listed.
COMMANDS = {
    "run": "outreach.launcher:run",
    "web": "outreach.serving:web",
    "worker": "outreach.serving:worker",
    "cron": "outreach.serving:cron",
    "sandbox": "outreach.sandbox_command:sandbox",
    "migrate": "outreach.database_commands:migrate",
    "settings": "outreach.settings_command:settings",
    "doctor": "outreach.doctor:doctor",
    "people": "outreach.people.commands:people",
    "training": "outreach.trainings.commands:training",
    "session": "outreach.trainings.commands:session",
    "campaign": "outreach.campaigns.commands:campaign",
    "stop-all": "outreach.texting.commands:stop_all",
    "resume-all": "outreach.texting.commands:resume_all",
    "segment": "outreach.people.commands:segment",
    "texts": "outreach.texting.commands:texts",
    "rsvps": "outreach.trainings.commands:rsvps",
    "conversations": "outreach.conversations.commands:conversations",
    "readings": "outreach.conversations.commands:readings",
    "calls": "outreach.phonebanking.commands:calls",
    "understand": "outreach.understanding.commands:understand",
    "encode": "outreach.texting.encoding_command:encode",
    "flows": "outreach.conversations.flow_commands:flows",
    "user": "outreach.accounts.commands:user",
    "demo": "outreach.demo.commands:demo",
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands that can be imported, in the order of the table."""
        names = []
        for name in COMMANDS:
            # One broken part must not take the list of the others away; calling it shows what is wrong.
            with contextlib.suppress(ImportError):
                if self.get_command(ctx, name):
                    names.append(name)
        return names

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's form
        """Import and return a command, or return None when there is none of this name."""
        module, _, attribute = COMMANDS.get(cmd_name, "").partition(":")
        if not module or not _exists(module):
            return None
        return cast("click.Command | None", getattr(importlib.import_module(module), attribute, None))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def outreach() -> None:
    """Texting and phone banking for a chapter."""


def main() -> None:
    """Run the command line: exit 0 when done, 1 with a reason on standard error, 2 for wrong use or settings."""
    complain_clearly(lambda: outreach.main(prog_name="outreach"))


def complain_clearly(act: Callable[[], None]) -> None:
    """Run something; what the user can mend is printed as it stands on standard error, and the process ends."""
    try:
        act()
    except OutreachError as error:
        click.echo(str(error), err=True)
        sys.exit(error.exit_status)


def _exists(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of a folder above it
        return False
