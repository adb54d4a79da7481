"""`outreach user`: add somebody who may sign in, or give them a new password."""

from pathlib import Path

import click

from outreach import clock
from outreach.accounts.audit import operator
from outreach.accounts.models import Role
from outreach.accounts.users import add_user, change_password, check_password, check_role, normalise_email
from outreach.database import transaction
from outreach.errors import OutreachError
from outreach.process import connected

PASSWORD_FILE = click.option(
    "--password-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file whose first line is the password; asked for when left out.",
)


@click.group()
def user() -> None:
    """Say who may sign in."""


@user.command()
@click.argument("email")
@click.option("--role", required=True, metavar="ROLE", help=f"One of: {', '.join(Role)}.")
@PASSWORD_FILE
def add(*, email: str, role: str, password_file: Path | None) -> None:
    """Add somebody who may sign in."""
    check_role(role)
    address = normalise_email(email)
    password = _password(password_file)
    with connected(), transaction() as session:
        add_user(session, address, password, role, operator(), clock.now())
    click.echo(f"{address} may sign in as {role}")


@user.command()
@click.argument("email")
@PASSWORD_FILE
def password(*, email: str, password_file: Path | None) -> None:
    """Give somebody a new password; whoever is signed in with the old one is signed out."""
    new = _password(password_file)
    with connected(), transaction() as session:
        change_password(session, email, new, operator(), clock.now())
    click.echo("The password is changed")


def _password(file: Path | None) -> str:
    if file is not None:
        return _first_line(file)
    given: str = click.prompt("Password", hide_input=True)
    check_password(given)
    if click.prompt("The same again", hide_input=True) != given:
        raise OutreachError("The two passwords are not the same. Begin again")
    return given


def _first_line(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise OutreachError(f"{file}: cannot be read as text. Put the password on its first line") from None
    given = lines[0].strip() if lines else ""
    check_password(given)
    return given
