import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from outreach.sandbox.server import RunningSandbox
from tests.sandbox.factories import make_config


@contextmanager
def connected() -> Iterator[socket.socket]:
    with (
        RunningSandbox(make_config()) as sandbox,
        socket.create_connection(("127.0.0.1", sandbox.port), 5) as connection,
    ):
        yield connection


def received(connection: socket.socket) -> bytes:
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def test_one_connection_carries_several_requests() -> None:
    request = b"GET /sandbox/control/summary HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    with connected() as connection:
        connection.sendall(request + b"\r\n" + request + b"Connection: close\r\n\r\n")
        assert received(connection).count(b"HTTP/1.1 200 OK") == 2


def test_an_answer_to_head_has_no_body() -> None:
    with connected() as connection:
        connection.sendall(b"HEAD / HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
        head, _, body = received(connection).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body == b""


@pytest.mark.parametrize(
    "request_",
    [
        b"nonsense\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n",
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
    ],
)
def test_what_cannot_be_read_closes_the_connection(request_: bytes) -> None:
    with connected() as connection:
        connection.sendall(request_)
        assert received(connection) == b""
