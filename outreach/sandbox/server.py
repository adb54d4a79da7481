"""Starting and stopping the sandbox."""

import signal
import threading
from dataclasses import replace
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from flask import Flask

from outreach.sandbox.api import api
from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.control import control
from outreach.sandbox.media import media
from outreach.sandbox.phones import phones
from outreach.sandbox.sandbox import Sandbox
from outreach.sandbox.wsgi_server import WsgiServer

ROOT = Path(__file__).resolve().parents[2]


def create_sandbox(config: SandboxConfig) -> Flask:
    """Return the sandbox as a Flask application; its threads run, and `extensions["sandbox"].close()` ends them."""
    static = ROOT / "outreach" / "static" / "sandbox"
    app = Flask(
        "outreach.sandbox",
        template_folder=str(ROOT / "templates"),
        static_folder=str(static),
        static_url_path="/static",
    )
    app.extensions["sandbox"] = Sandbox(config)
    for doors in (api, media, control, phones):
        app.register_blueprint(doors)
    return app


class RunningSandbox:
    """A sandbox on a thread of this process, on a free port of loopback: for tests.

    A context manager: `with RunningSandbox(config) as sandbox: … sandbox.url`.
    """

    def __init__(self, config: SandboxConfig, host: str = "127.0.0.1", port: int = 0) -> None:
        self.app = create_sandbox(config)
        self.sandbox: Sandbox = self.app.extensions["sandbox"]
        self._server = WsgiServer(self.app, host, port)
        self.port = self._server.port
        self.url = f"http://{host}:{self.port}"
        here = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
        self.sandbox.account.reconfigure(replace(config, own_url=f"http://{here}:{self.port}"))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="sandbox", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the server and its threads; a second time changes nothing."""
        self.sandbox.account.stopping.set()
        self._server.shutdown()
        self._thread.join()
        self._server.close_connections()
        self._server.server_close()
        self.sandbox.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def serve(config: SandboxConfig, host: str, port: int) -> None:
    """Run the sandbox until SIGTERM or SIGINT; raises OSError when the port is taken."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with RunningSandbox(config, host, port):
        ended.wait()
