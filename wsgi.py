"""The WSGI entry: `gunicorn wsgi:app`."""

from outreach import process
from outreach.app import create_app
from outreach.logs import configure_logs
from outreach.settings import load_settings

configure_logs()
app = create_app(process.start(load_settings(), pool_size=8))
