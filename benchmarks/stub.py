"""A Twilio that answers at once: for measuring our side alone."""

import itertools
import json
import multiprocessing
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ANSWER = {
    "status": "queued",
    "direction": "outbound-api",
    "num_segments": "1",
    "error_code": None,
    "price": None,
    "date_created": "Mon, 23 Nov 2026 10:00:00 +0000",
}


Heard = Callable[[bytes], None]


def _serve(listener: socket.socket, delay: float, heard: Heard | None = None) -> None:
    counter = itertools.count(1)
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer_all, args=(connection, counter, delay, heard), daemon=True).start()


def _answer_all(connection: socket.socket, counter: Iterator[int], delay: float, heard: Heard | None) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            more = connection.recv(65536)
            if not more:
                return
            received += more
        head, _, received = received.partition(b"\r\n\r\n")
        length = next(
            (int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
        )
        while len(received) < length:
            received += connection.recv(65536)
        if heard is not None:
            heard(received[:length])
        received = received[length:]
        if delay:
            time.sleep(delay)
        body = json.dumps({**ANSWER, "sid": f"SM{next(counter):032x}"}).encode()
        connection.sendall(
            b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: "
            + str(len(body)).encode()
            + b"\r\n\r\n"
            + body
        )


@contextmanager
def running_stub(delay: float = 0.0) -> Iterator[str]:
    """Run the stub and yield its address."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    process = multiprocessing.get_context("fork").Process(target=_serve, args=(listener, delay), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        process.terminate()
        process.join()
        listener.close()


@contextmanager
def listening_stub(heard: Heard) -> Iterator[str]:
    """Run the stub in threads of this process, let it say what it hears the moment it does, and yield its address."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=128)
    threading.Thread(target=_serve, args=(listener, 0.0, heard), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
