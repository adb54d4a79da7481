"""Signing what Twilio sends, so that the application can tell it from anybody else's requests."""

import base64
import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha1
from urllib.parse import urlsplit, urlunsplit

Params = Mapping[str, str | Sequence[str]]


def sign(auth_token: str, url: str, params: Params) -> str:
    """Return X-Twilio-Signature: base64(HMAC-SHA1(token, URL + each name and value, names in byte order)).

    The URL is signed with its query, without its fragment and without `user:password@`. Of a repeated name the
    values are sorted and de-duplicated.
    """
    text = signed_url(url)
    for name in sorted(params):
        given = params[name]
        values = [given] if isinstance(given, str) else sorted(set(given))
        text += "".join(name + value for value in values)
    digest = hmac.new(auth_token.encode(), text.encode(), sha1).digest()
    return base64.b64encode(digest).decode()


def signed_url(url: str) -> str:
    """Return the URL as it goes into the signature."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment=""))
