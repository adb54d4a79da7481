"""Pictures that members send: Twilio's Media resources, and one picture of our own that the phones page sends."""

import json
import struct
import zlib

from flask import Blueprint, Response

from outreach.sandbox.api import answer, authenticate, refuse, the_sandbox
from outreach.sandbox.errors import ApiError
from outreach.sandbox.messages import Message
from outreach.sandbox.resource import API_VERSION, account_path

media = Blueprint("media", __name__, url_prefix=f"/{API_VERSION}/Accounts/<account_sid>/Messages/<sid>")
media.before_request(authenticate)
media.register_error_handler(ApiError, refuse)

PICTURE_TYPE = "image/png"
WIDTH, HEIGHT = 96, 64


def picture() -> bytes:
    """Return a small picture: two stripes, as a PNG."""
    stripes = (b"\xb0\x20\x30", b"\xf2\xe6\xd0")
    rows = b"".join(b"\0" + stripes[row >= HEIGHT // 2] * WIDTH for row in range(HEIGHT))
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


@media.get("/Media.json")
def list_media(sid: str) -> Response:
    """List the files of a text."""
    config = the_sandbox().account.config
    path = f"{account_path(config)}/Messages/{sid}/Media"
    listed = [
        {
            "account_sid": config.account_sid,
            "content_type": item["content_type"],
            "parent_sid": sid,
            "sid": item["sid"],
            "uri": f"{path}/{item['sid']}.json",
        }
        for item in _files(sid)
        if "sid" in item
    ]
    page = {"page": 0, "page_size": 50, "start": 0, "end": max(len(listed) - 1, 0), "next_page_uri": None}
    return answer({"media_list": listed, "uri": f"{path}.json", **page})


@media.get("/Media/<file_sid>")
def show_media(sid: str, file_sid: str) -> Response:
    """Hand out a file."""
    _find(sid, file_sid)
    return Response(picture(), content_type=PICTURE_TYPE)


@media.delete("/Media/<file_sid>.json")
def delete_media(sid: str, file_sid: str) -> Response:
    """Forget a file."""
    gone = _find(sid, file_sid)
    left = [item for item in _files(sid) if item != gone]
    the_sandbox().account.messages.keep_media(sid, json.dumps(left))
    return Response(status=204)


def _files(sid: str) -> list[dict[str, str]]:
    message: Message | None = the_sandbox().account.messages.find(sid)
    if message is None:
        raise ApiError(20404, path=sid)
    files: list[dict[str, str]] = json.loads(message.media)
    return files


def _find(sid: str, file_sid: str) -> dict[str, str]:
    found = next((item for item in _files(sid) if item.get("sid") == file_sid), None)
    if found is None:
        raise ApiError(20404, path=file_sid)
    return found
