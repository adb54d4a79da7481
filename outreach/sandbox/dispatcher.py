"""Doing things at their time, on a bounded number of threads."""

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable

Act = Callable[[], None]

log = logging.getLogger("outreach.sandbox")


class Dispatcher:
    """One thread waits for the next act to fall due, `threads` others carry acts out."""

    def __init__(self, name: str, threads: int) -> None:
        self._name = name
        self._threads = threads
        self._order = itertools.count()
        self._waiting: list[tuple[float, int, Act]] = []
        self._changed = threading.Condition()
        self._due: queue.SimpleQueue[Act | None] = queue.SimpleQueue()
        self._running = False

    def start(self) -> None:
        """Start the threads; they never keep the process alive."""
        self._running = True
        threading.Thread(target=self._watch, name=f"{self._name}-watch", daemon=True).start()
        for number in range(self._threads):
            threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()

    def stop(self) -> None:
        """Begin nothing more."""
        with self._changed:
            self._running = False
            self._waiting.clear()
            self._changed.notify_all()
        for _ in range(self._threads):
            self._due.put(None)

    def schedule(self, due: float, act: Act) -> None:
        """Have an act done at `due`, in seconds since 1970."""
        with self._changed:
            heapq.heappush(self._waiting, (due, next(self._order), act))
            if self._waiting[0][0] == due:
                self._changed.notify()

    def clear(self) -> None:
        """Forget all acts that have not begun."""
        with self._changed:
            self._waiting.clear()

    def _watch(self) -> None:
        while True:
            with self._changed:
                if not self._running:
                    return
                now = time.time()
                while self._waiting and self._waiting[0][0] <= now:
                    self._due.put(heapq.heappop(self._waiting)[2])
                self._changed.wait(self._waiting[0][0] - now if self._waiting else None)

    def _work(self) -> None:
        while (act := self._due.get()) is not None:
            if not self._running:
                return
            try:
                act()
            except Exception as error:  # noqa: BLE001 - one act that fails must not end the thread
                if self._running:
                    log.warning("sandbox: an act failed: %s", type(error).__name__)
