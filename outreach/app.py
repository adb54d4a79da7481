"""The web application: all wiring in one place."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, current_app, render_template, request
from flask_bootstrap import Bootstrap5  # type: ignore[import-untyped] # ships no types
from flask_talisman import Talisman  # type: ignore[import-untyped] # ships no types
from flask_wtf.csrf import CSRFError, CSRFProtect  # type: ignore[import-untyped] # ships no types
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from outreach import democlock, home
from outreach.accounts.access import guard
from outreach.accounts.sign_in import set_up_sign_in
from outreach.campaigns import form_views as campaign_form
from outreach.campaigns import stopping_views as stopping
from outreach.campaigns import views as campaigns
from outreach.conversations import duty_views as duty
from outreach.conversations import flow_views as flow_pages
from outreach.conversations import inbox_views as inbox
from outreach.conversations import media_views as media
from outreach.conversations import person_views as person
from outreach.conversations import rewording_views as rewording
from outreach.conversations import seat_views as seats
from outreach.conversations import task_views as tasks
from outreach.conversations import thread_views as threads
from outreach.conversations import welcome_views as welcomes
from outreach.conversations.views import DOORS, answer
from outreach.demo_door import demo_door
from outreach.health import health
from outreach.layout import set_up_layout
from outreach.process import Process
from outreach.queues import describe_error
from outreach.settings import Settings
from outreach.trainings import sign_in_views as sign_in_sheet
from outreach.trainings import views as trainings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = structlog.get_logger()

LARGEST_REQUEST = 2_000_000
STATIC_SECONDS = 3600
# Nothing is loaded from elsewhere, nothing runs that is not a file of ours. Bootstrap's style sheet carries its
# small pictures as data.
POLICY = {
    "default-src": "'self'",
    "img-src": ["'self'", "data:"],
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
AWAY = (OperationalError, InterfaceError, PoolTimeoutError)
# Each module of pages names its blueprint `pages`.
PAGES = (
    home, campaigns, campaign_form, stopping, trainings, sign_in_sheet, inbox, threads, tasks, person, duty, media,
    welcomes, flow_pages, rewording, seats,
)  # fmt: skip


class Outreach(Flask):
    """The application; what goes wrong is logged as class and place, without the values that it speaks of."""

    def log_exception(self, exc_info: Any) -> None:  # noqa: ANN401 - Flask's form
        """Log an error that no view expected."""
        log.error("request_failed", error=describe_error(exc_info[1]))


def create_app(process: Process) -> Flask:
    """Return the application for a started process."""
    settings = process.settings
    app = Outreach(__name__, template_folder="../templates")
    app.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
        SECRET_KEY=settings.secret_key.get_secret_value(),
        SEND_FILE_MAX_AGE_DEFAULT=STATIC_SECONDS,
        BOOTSTRAP_SERVE_LOCAL=True,
        # A form stays good as long as the sign-in, so that nobody loses what they typed over lunch.
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.url_map.strict_slashes = False
    if settings.sandbox:
        app.before_request(_keep_demo_time)
    for error in AWAY:
        app.register_error_handler(error, _database_away)
    _put_doors_before(app)
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    _protect(app, settings)
    set_up_layout(app, settings)
    for module in PAGES:
        app.register_blueprint(module.pages)
    app.register_blueprint(health)
    if settings.sandbox:
        app.register_blueprint(demo_door)
    _answer_errors(app)
    return app


def _put_doors_before(app: Flask) -> None:
    """Let Twilio's requests pass by Flask: sign-in, forms, limits and contexts are nothing to them and take time."""
    pages = app.wsgi_app

    def choose(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        # Twilio does not follow redirects with its form: an address is what it says, with or without a slash.
        door = DOORS.get(environ["PATH_INFO"].rstrip("/"))
        return answer(door, environ)(environ, start_response) if door else pages(environ, start_response)

    app.wsgi_app = choose  # type: ignore[method-assign]


def _protect(app: Flask, settings: Settings) -> None:
    """Ask for sign-in on every page, and tell browsers what they may do."""
    https = settings.public_url.startswith("https://")
    Bootstrap5(app)
    Talisman(
        app,
        # A redirect would lose what Twilio posts: the proxy in front decides what reaches us.
        force_https=False,
        strict_transport_security=https,
        session_cookie_secure=https,
        session_cookie_samesite="Lax",
        content_security_policy=POLICY,
        frame_options="DENY",
        referrer_policy="same-origin",
    )
    tokens = CSRFProtect(app)
    tokens.exempt(demo_door)
    set_up_sign_in(app, settings)
    app.before_request(guard)


def _keep_demo_time() -> None:
    # Whether the process lives must be told while the database is away.
    if request.endpoint is not None and not request.endpoint.endswith("static") and request.blueprint != "health":
        democlock.refresh()


def _answer_errors(app: Flask) -> None:
    app.register_error_handler(CSRFError, _form_too_old)
    app.register_error_handler(HTTPException, _http_error)


def _database_away(error: Exception) -> Response:
    log.error("database_away", error=type(error).__name__)
    return _bare_page("errors/away.html", 503)


def _bare_page(name: str, status: int) -> Response:
    """Make a page without the layout, which asks the database: that may be what is wrong."""
    return Response(current_app.jinja_env.get_template(name).render(), status=status)


def _form_too_old(_error: CSRFError) -> Response:
    return Response(render_template("errors/form_too_old.html"), status=400)


def _http_error(error: HTTPException) -> Response:
    code = error.code or 500
    if code < 400:
        return Response(error.get_body(), status=code, headers=error.get_headers())
    if code >= 500:
        return _bare_page("errors/broken.html", code)
    return Response(render_template("errors/error.html", code=code), status=code)
