"""All that a Redis holds, as text: for tests that look there for what may stand nowhere."""

import base64
import zlib
from collections.abc import Callable
from typing import Any

import redis


def everything_in(connection: "redis.Redis") -> str:
    """Return every key with what it holds, of whatever type; RQ's packed tracebacks unpacked."""
    return "\n".join(_contents(connection, key) for key in connection.scan_iter())


def _contents(connection: "redis.Redis", key: Any) -> str:
    reads: dict[Any, Callable[[Any], object]] = {
        b"string": connection.get,
        b"hash": connection.hgetall,
        b"list": lambda name: connection.lrange(name, 0, -1),
        b"set": connection.smembers,
        b"zset": lambda name: connection.zrange(name, 0, -1, withscores=True),
        b"stream": lambda name: _unpacked(connection.xrange(name)),
    }
    return repr((key, reads[connection.type(key)](key)))


def _unpacked(entries: Any) -> list[object]:
    return [
        {**fields, b"exc_string": zlib.decompress(base64.b64decode(fields[b"exc_string"]))}
        if b"exc_string" in fields
        else fields
        for _, fields in entries
    ]
