"""The web application: all wiring in one place."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from outreach.conversations.views import doors
from outreach.health import health
from outreach.process import Process

LARGEST_REQUEST = 2_000_000


def create_app(process: Process) -> Flask:
    """Return the application for a started process."""
    app = Flask(__name__, template_folder="../templates")
    settings = process.settings
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST,
    )
    # Twilio does not follow redirects with its form: an address is what it says, with or without a slash.
    app.url_map.strict_slashes = False
    if settings.trusted_proxies:
        proxies = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    app.register_blueprint(doors)
    app.register_blueprint(health)
    return app
