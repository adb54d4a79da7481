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
    """Abort with 403 unless the request comes from this machine and from no foreign web page.

    The Host and Origin checks keep a page of another site, open in a browser here, from using these doors.
    """
    asked = urlsplit(f"//{request.host}").hostname or ""
    origin = request.headers.get("Origin")
    if not is_loopback(request.remote_addr or "") or not is_loopback(asked):
        abort(403, "Only this machine may use this door: call it at 127.0.0.1 or localhost.")
    if origin is not None and urlsplit(origin).netloc != request.host:
        abort(403, "Only the sandbox's own pages may use this door.")
