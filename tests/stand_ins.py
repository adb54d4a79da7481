"""Small processes that stand in for the program's parts: `python -m tests.stand_ins web`."""

import os
import signal
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit


def migrate() -> None:
    note("migrate")


def fail() -> None:
    sys.exit("no such schema")


def web() -> None:
    end_on_sigterm("web")
    HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Health).serve_forever()


def worker() -> None:
    """Have a fork in a session of its own, as RQ's workers do."""
    if os.fork() == 0:
        os.setsid()
        time.sleep(600)
    end_on_sigterm("worker")
    time.sleep(600)


def cron() -> None:
    end_on_sigterm("cron")
    time.sleep(600)


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


def end_on_sigterm(name: str) -> None:
    def end(_number: int, _frame: object) -> None:
        note(f"{name}{' with servers' if servers_answer() else ''}")
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    (Path(os.environ["VAR_DIR"]) / f"{name}.ready").touch()


def servers_answer() -> bool:
    for variable in ("DATABASE_URL", "REDIS_URL"):
        try:
            socket.create_connection(("127.0.0.1", urlsplit(os.environ[variable]).port or 0)).close()
        except OSError:
            return False
    return True


def note(line: str) -> None:
    with (Path(os.environ["VAR_DIR"]) / "notes").open("a") as notes:
        notes.write(line + "\n")


if __name__ == "__main__":
    globals()[sys.argv[1]]()
