"""Keeping the doors that are not Twilio's to this machine, and to pages of the sandbox itself."""

import ipaddress
from urllib.parse import urlsplit

from flask import Request, abort


def is_loopback(host: str) -> bool:
    """Say whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_strangers(request: Request) -> None:
    """Abort with 403 unless the request comes from this machine, addressed as this machine.

    The latter keeps out a page of another site whose name was pointed here while a browser here has it open.
    """
    asked = urlsplit(f"//{request.host}").hostname or ""
    if not is_loopback(request.remote_addr or "") or not is_loopback(asked):
        abort(403, "Only this machine may use this door: call it at 127.0.0.1 or localhost.")


def refuse_foreign_pages(request: Request) -> None:
    """Abort with 403 when a page of another site sent the request."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "Only the sandbox's own pages may use this door.")
