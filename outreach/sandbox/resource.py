"""The JSON of v2010 resources."""

import json
import time
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode

from outreach.sandbox.config import SandboxConfig
from outreach.sandbox.messages import Message, Status

API_VERSION = "2010-04-01"
PRICE_SEGMENT = 0.0083
CHARGED = frozenset({Status.SENT, Status.DELIVERED, Status.UNDELIVERED, Status.RECEIVED})


def rfc_2822(seconds: float | None) -> str | None:
    """Write a time as v2010 does: `Tue, 10 Mar 2026 10:00:00 +0000`."""
    return None if seconds is None else time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime(seconds))


def account_path(config: SandboxConfig) -> str:
    """Return the path under which everything of the account lies."""
    return f"/{API_VERSION}/Accounts/{config.account_sid}"


def message_json(config: SandboxConfig, message: Message) -> dict[str, Any]:
    """Return the Message resource; `num_segments` is "0" until a sender of the service is chosen."""
    path = f"{account_path(config)}/Messages/{message.sid}"
    charged = message.status in CHARGED and message.sender is not None
    return {
        "account_sid": config.account_sid,
        "api_version": API_VERSION,
        "body": message.body,
        "date_created": rfc_2822(message.created),
        "date_sent": rfc_2822(message.sent),
        "date_updated": rfc_2822(message.updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": error_message(message.error_code),
        "from": message.sender,
        "messaging_service_sid": message.service,
        "num_media": str(len(json.loads(message.media))),
        "num_segments": str(message.segments) if message.sender else "0",
        "price": f"-{message.segments * PRICE_SEGMENT:.5f}" if charged else None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{path}/Media.json"},
        "to": message.recipient,
        "uri": f"{path}.json",
    }


def error_message(code: int | None) -> str | None:
    """Return the wording beside a delivery's error code."""
    return None if code is None else f"Delivery failed: see https://www.twilio.com/docs/errors/{code}"


class Page(NamedTuple):
    """Which page of a listing this is, how long pages are, and whether more follow."""

    number: int
    size: int
    more: bool


def page_json(path: str, asked: dict[str, str], messages: Sequence[dict[str, Any]], page: Page) -> dict[str, Any]:
    """Return one page of a listing in v2010's form; the next page goes on below the last sid shown."""
    filters = {name: value for name, value in asked.items() if name not in {"Page", "PageToken", "PageSize"}}

    def uri(number: int, **token: str) -> str:
        return f"{path}?{urlencode({**filters, 'PageSize': page.size, 'Page': number, **token})}"

    start = page.number * page.size
    return {
        "end": start + max(len(messages) - 1, 0),
        "first_page_uri": uri(0),
        "messages": list(messages),
        "next_page_uri": uri(page.number + 1, PageToken=f"PA{messages[-1]['sid']}") if page.more else None,
        "page": page.number,
        "page_size": page.size,
        "previous_page_uri": uri(page.number - 1) if page.number else None,
        "start": start,
        "uri": f"{path}?{urlencode(asked)}" if asked else path,
    }
