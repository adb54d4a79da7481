"""Adding users. Passwords are kept as argon2id hashes, which Flask-Security reads as its own."""

import re
import secrets
from datetime import datetime

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from outreach.accounts.audit import record_act
from outreach.accounts.models import Role, User, UserRole
from outreach.errors import OutreachError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
# RFC 9106's second choice: 64 MiB, three passes, four lanes.
_hasher = PasswordHasher(time_cost=3, memory_cost=65_536, parallelism=4)


def add_user(session: Session, email: str, password: str, role: str, by: str, now: datetime) -> User:  # noqa: PLR0913, PLR0917 - a user has these parts
    """Add somebody who may sign in. Raises OutreachError naming what is wrong."""
    address = normalise_email(email)
    known = check_role(role)
    check_password(password)
    if find_user(session, address) is not None:
        raise OutreachError(f"{address} is a user already. Give another address")
    user = User(email=address, password=_hasher.hash(password), created_at=now, roles=[UserRole(name=known)])
    session.add(user)
    session.flush()
    record_act(session, by, "user added", now, user=user.id, role=known)
    return user


def change_password(session: Session, email: str, password: str, by: str, now: datetime) -> None:
    """Give a user a new password and end their sessions. Raises OutreachError."""
    user = find_user(session, normalise_email(email))
    if user is None:
        raise OutreachError(f"There is no user {email.strip()}. Add them with `outreach user add`")
    check_password(password)
    user.password, user.fs_uniquifier = _hasher.hash(password), secrets.token_hex(32)
    record_act(session, by, "password changed", now, user=user.id)


def find_user(session: Session, email: str) -> User | None:
    """Return the user with an address as `normalise_email` writes it."""
    return session.scalar(select(User).where(User.email == email))


def normalise_email(email: str) -> str:
    """Return an address without spaces around it and in lower case. Raises OutreachError when it is none."""
    address = email.strip().lower()
    if not _EMAIL.fullmatch(address):
        raise OutreachError("That is no e-mail address. Write it as name@example.org")
    return address


def check_role(role: str) -> Role:
    """Return the role of this name. Raises OutreachError with the list of them."""
    if role not in set(Role):
        raise OutreachError(f"There is no role “{role}”. Use one of: {', '.join(Role)}")
    return Role(role)


def check_password(password: str) -> None:
    """Raise OutreachError when a password is too short or too long."""
    if len(password) < SHORTEST_PASSWORD:
        raise OutreachError(f"The password has fewer than {SHORTEST_PASSWORD} characters. Take a longer one")
    if len(password) > LONGEST_PASSWORD:
        raise OutreachError(f"The password has more than {LONGEST_PASSWORD} characters. Take a shorter one")
