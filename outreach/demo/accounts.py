"""The demo's accounts. Their passwords are made at the first start and kept in VAR_DIR for whoever runs the demo."""

import os
import secrets
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from outreach.accounts.models import Role
from outreach.accounts.users import add_user, find_user

FILE = "demo-sign-in.txt"
ADMIN = "admin@example.org"
SECOND_ADMIN = "second@example.org"
ORGANIZER = "organizer@example.org"
OFFICER, SECOND_OFFICER = "officer@example.org", "officer2@example.org"
ACCOUNTS = (
    (ADMIN, Role.ADMIN),
    (SECOND_ADMIN, Role.ADMIN),
    (ORGANIZER, Role.CAMPAIGN_ORGANIZER),
    (OFFICER, Role.BRANCH_ORGANIZER),
    (SECOND_OFFICER, Role.BRANCH_ORGANIZER),
)
# 12 characters without 0/O, 1/l: they are read off a terminal.
ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"
PARTS, PART_LENGTH = 3, 4


def add_accounts(session: Session, var_dir: Path, now: datetime) -> None:
    """Add the demo's accounts, and keep their passwords in a file that its owner alone may read."""
    lines = []
    for email, role in ACCOUNTS:
        if find_user(session, email) is None:
            password = _password()
            add_user(session, email, password, role, "demo", now)
            lines.append(f"{email} {password}")
    if lines:
        _write_private(var_dir / FILE, "\n".join(lines) + "\n")


def read_passwords(var_dir: Path) -> list[tuple[str, str]]:
    """Return (e-mail, password) of each of the demo's accounts; none where there is no demo."""
    try:
        lines = (var_dir / FILE).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    return [(email, password) for email, _, password in (line.partition(" ") for line in lines)]


def _password() -> str:
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(PART_LENGTH)) for _ in range(PARTS))


def _write_private(file: Path, content: str) -> None:
    file.unlink(missing_ok=True)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(content)
