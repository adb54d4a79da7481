"""Who may see which page: every address needs sign-in unless it stands on the list of public ones."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Response, abort, redirect, request, url_for
from flask_security import current_user
from werkzeug.wrappers import Response as BaseResponse

from outreach.accounts.models import Role

P = ParamSpec("P")
R = TypeVar("R")

# Health and metrics are for machines (metrics look after themselves); Twilio's doors stand before all this.
PUBLIC = frozenset(
    {
        "security.login",
        "static",
        "bootstrap.static",
        "health.live",
        "health.ready",
        "health.metrics",
        "demo_door.move_clock",
    }
)
ORGANIZERS = (Role.ADMIN, Role.CAMPAIGN_ORGANIZER)


def guard() -> BaseResponse | None:
    """Send whoever is not signed in to the sign-in page; runs before every request."""
    if request.endpoint is None or request.endpoint in PUBLIC or current_user.is_authenticated:
        return None
    if request.accept_mimetypes.best == "application/json":
        return Response(status=401)
    here = request.full_path if request.method == "GET" else None
    return redirect(url_for("security.login", next=here))


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Let in everybody who is signed in."""
    return _let_in(view, tuple(Role))


def roles_required(*roles: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let in whoever has one of these roles; others get the page that says so (403). Admins may always."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        return _let_in(view, (Role.ADMIN, *roles))

    return decorate


def _let_in(view: Callable[P, R], roles: tuple[Role, ...]) -> Callable[P, R]:
    @wraps(view)
    def check(*args: P.args, **kwargs: P.kwargs) -> R:
        if not has_role(*roles):
            abort(403)
        return view(*args, **kwargs)

    check.roles = roles  # type: ignore[attr-defined] # a test asks every page who may see it
    return check


def has_role(*roles: Role) -> bool:
    """Tell whether whoever is signed in has one of these roles."""
    return any(current_user.has_role(role) for role in roles) if current_user.is_authenticated else False


def acting() -> str:
    """Return the e-mail of whoever is signed in: who did it, in the audit trail."""
    return str(current_user.email)
