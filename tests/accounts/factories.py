"""Factories of users for tests, and signing them in."""

import contextlib
import itertools
import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from outreach.accounts import users
from outreach.accounts.models import Role, User, UserRole

NOW = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
# As cheap as argon2 goes: what it costs is not under test.
_cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
_hash = _cheap.hash(PASSWORD)
_places = itertools.count(1)


@contextlib.contextmanager
def cheap_passwords() -> Iterator[None]:
    """Let whoever is added meanwhile have a password that is hashed as cheaply as argon2 goes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(users, "_hasher", _cheap)
        yield


def make_user(session: Session, email: str | None = None, role: Role = Role.ADMIN, **facts: object) -> User:
    user = User(
        email=email or f"user{next(_places)}@example.org", password=_hash, created_at=NOW, roles=[UserRole(name=role)]
    )
    for fact, value in facts.items():
        setattr(user, fact, value)
    session.add(user)
    session.flush()
    session.commit()
    return user


def token_on(page: str) -> str:
    """Return the CSRF token of a page's form."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None, page
    return found[1]


def sign_in(
    client: FlaskClient, user: User, base_url: str = "http://localhost", password: str = PASSWORD
) -> TestResponse:
    page = client.get("/login", base_url=base_url)
    data = {"email": user.email, "password": password, "csrf_token": token_on(page.text)}
    return client.post("/login", base_url=base_url, data=data, headers={"Referer": f"{base_url}/login"})


def send(client: FlaskClient, page: str, address: str, **data: object) -> TestResponse:
    """Post a form as a page of ours would: with the token of that page."""
    token = token_on(client.get(page).text)
    return client.post(address, data={"csrf_token": token, **data})
