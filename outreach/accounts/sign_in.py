"""Sign-in by Flask-Security on our own sessions of the database. Imported by the web alone: it is slow to import."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

from flask import Flask
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_security import LoginForm, RoleMixin, Security, SQLAlchemySessionUserDatastore, UserMixin, user_authenticated
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy.orm import Session, scoped_session, sessionmaker
from wtforms import Field  # type: ignore[import-untyped] # WTForms ships no types

from outreach import clock
from outreach.accounts.audit import record_act
from outreach.accounts.models import User, UserRole
from outreach.database import open_session, transaction
from outreach.settings import Settings

SESSION_LENGTH = timedelta(hours=12)
SIGN_IN_LIMITS = "10 per minute; 60 per hour"
# Redis is only a hint here too: where it does not answer at once, each process counts for itself.
REDIS_OPTIONS: dict[str, Any] = {
    "socket_timeout": 0.2,
    "socket_connect_timeout": 0.2,
    "retry": Retry(NoBackoff(), 0),
}

_sessions: scoped_session[Session] = scoped_session(cast("sessionmaker[Session]", open_session))


class Account(UserMixin, User):  # type: ignore[misc] # the mixin names the same columns with other types
    """A user as Flask-Security wants it: the same row, with its methods."""


class Accounts(SQLAlchemySessionUserDatastore):
    """The users, found in a session of their own that holds no connection while a page is made."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> UserMixin | None:  # noqa: ANN401, FBT001, FBT002 - Flask-Security's form
        """Return a user with their roles, and give the connection back."""
        found = super().find_user(case_insensitive, **kwargs)
        self.db.session.commit()
        return found


class SignInForm(LoginForm):
    """E-mail and password, labelled as the contract says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - Flask-Security's form
        super().__init__(*args, **kwargs)
        _label(self.email, "Email", autocomplete="username")
        _label(self.password, "Password", autocomplete="current-password")


def _label(field: Field, label: str, **attributes: str) -> None:
    field.label.text = label
    field.render_kw = {**(field.render_kw or {}), **attributes}


def set_up_sign_in(app: Flask, settings: Settings) -> None:
    """Add sign-in and sign-out to the application, with a limit on how often a password can be tried."""
    app.config.update(_configuration(settings))
    security = Security(app, Accounts(_sessions, Account, cast("type[RoleMixin]", UserRole)), login_form=SignInForm)
    # It would look the user up for every style sheet and every probe; pages ask for roles when they need them.
    security.principal.identity_loaders.clear()
    user_authenticated.connect(_record_sign_in, app)
    app.teardown_appcontext(lambda _error: _sessions.remove())
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=settings.redis_url or "memory://",
        storage_options=REDIS_OPTIONS if settings.redis_url else {},
        in_memory_fallback_enabled=True,
        swallow_errors=True,
        key_prefix="limits",
    )
    limited = limiter.limit(SIGN_IN_LIMITS, methods=["POST"])(app.view_functions["security.login"])
    app.view_functions["security.login"] = cast("Callable[..., ResponseReturnValue]", limited)


def _record_sign_in(_app: Flask, user: User, **_how: object) -> None:
    with transaction() as session:
        record_act(session, user.email, "signed in", clock.now())


def _configuration(settings: Settings) -> dict[str, Any]:
    return {
        "SESSION_COOKIE_SECURE": settings.public_url.startswith("https://"),
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_NAME": "outreach",
        "PERMANENT_SESSION_LIFETIME": SESSION_LENGTH,
        "SECURITY_PASSWORD_HASH": "argon2",
        "SECURITY_PASSWORD_SCHEMES": ["argon2"],
        "SECURITY_PASSWORD_SINGLE_HASH": ["argon2"],
        "SECURITY_PASSWORD_HASH_OPTIONS": {
            "argon2__rounds": 3,
            "argon2__memory_cost": 65_536,
            "argon2__parallelism": 4,
        },
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_LOGIN_USER_TEMPLATE": "accounts/login.html",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/",
        "SECURITY_POST_LOGOUT_VIEW": "/login",
        # No second look at the password before single pages: sessions are short.
        "SECURITY_FRESHNESS": timedelta(minutes=-1),
        "SECURITY_FLASH_MESSAGES": False,
    }
