import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from outreach.sandbox.dispatcher import Dispatcher
from tests.laws import laws
from tests.sandbox.factories import wait_for


@laws(20)
@given(st.lists(st.floats(0, 0.02), max_size=20))
def test_everything_is_done_once_and_never_early(delays: list[float]) -> None:
    dispatcher, done = Dispatcher("test", 2), []
    dispatcher.start()
    start = time.time()
    for index, delay in enumerate(delays):
        dispatcher.schedule(start + delay, lambda index=index: done.append((index, time.time())))  # type: ignore[misc]
    wait_for(lambda: len(done) == len(delays))
    dispatcher.stop()
    assert sorted(index for index, _ in done) == list(range(len(delays)))
    assert all(at >= start + delays[index] for index, at in done)


def test_an_act_that_fails_does_not_end_the_thread() -> None:
    dispatcher, done = Dispatcher("test", 1), threading.Event()

    def fail() -> None:
        raise RuntimeError

    dispatcher.start()
    dispatcher.schedule(0, fail)
    dispatcher.schedule(0, done.set)
    assert done.wait(5)
    dispatcher.stop()


def test_what_was_cleared_is_not_done() -> None:
    dispatcher, done = Dispatcher("test", 1), []
    dispatcher.start()
    dispatcher.schedule(time.time() + 60, lambda: done.append(1))
    dispatcher.clear()
    dispatcher.stop()
    assert done == []
