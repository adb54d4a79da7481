import os
import signal
import socket

import pytest
import redis

from outreach.embedded import Valkey, start
from tests.servers import temporary_var_dir


def test_it_answers_on_its_own_address_and_keeps_nothing_on_disk() -> None:
    with temporary_var_dir() as var_dir:
        with start(valkey := Valkey(var_dir)), redis.Redis.from_url(valkey.url) as client:
            assert client.ping()
            client.set("a", "b")
        assert list((var_dir / "valkey").iterdir()) == []


def test_nobody_gets_in_without_the_password() -> None:
    with (
        temporary_var_dir() as var_dir,
        start(valkey := Valkey(var_dir)),
        socket.create_connection(("127.0.0.1", valkey.port)) as stranger,
    ):
        stranger.sendall(b"PING\r\n")
        assert stranger.recv(64).startswith(b"-NOAUTH")


@pytest.mark.fault
def test_it_comes_back_on_the_same_address() -> None:
    with temporary_var_dir() as var_dir, start(valkey := Valkey(var_dir)):
        url = valkey.url
        assert valkey.process
        os.kill(valkey.process.pid, signal.SIGKILL)
        valkey.process.wait()
        valkey.start()
        with redis.Redis.from_url(url) as client:
            assert client.ping()
