import io
import json
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from outreach.logs import MASK, configure_logs, mask_numbers, take_over


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook)
    stream = io.StringIO()
    configure_logs(stream=stream)
    yield stream
    root.handlers[:], root.level, sys.excepthook, threading.excepthook, sys.unraisablehook = before
    structlog.reset_defaults()


def last(stream: io.StringIO) -> dict[str, Any]:
    line: dict[str, Any] = json.loads(stream.getvalue().splitlines()[-1])
    return line


@pytest.mark.parametrize(
    "written",
    [
        "+12135550177",
        "12135550177",
        "2135550177",
        "(213) 555-0177",
        "213-555-0177",
        "213.555.0177",
        "+1 213 555 0177",
        "%2B12135550177",
        "to:+12135550177;",
        "+525555550177",
    ],
)
def test_no_telephone_number_is_logged(log: io.StringIO, written: str) -> None:
    structlog.get_logger().info("text_sent", where={"deep": [f"/x?To={written}"]}, note=written)
    logging.getLogger("library").warning("calling %s", written)
    # Without the time, whose microseconds may be any digits.
    said = [
        {name: each for name, each in json.loads(line).items() if name != "timestamp"}
        for line in log.getvalue().splitlines()
    ]
    assert "555" not in json.dumps(said)
    assert log.getvalue().count(MASK) == 3


@pytest.mark.parametrize(
    "written", ["SM" + "1234567890" * 3 + "12", "2026-11-23T09:04:16+00:00", "2026-11-23 09:04", "12345", "0.0128"]
)
def test_what_is_no_number_stays_readable(log: io.StringIO, written: str) -> None:
    structlog.get_logger().info("seen", what=written)
    assert last(log)["what"] == written


@given(st.from_regex(r"\A\+1[2-9][0-9]{9}\Z"), st.sampled_from(["", " ", '"', "=", ":", "\n", "/", "é "]))
def test_a_number_is_masked_wherever_it_stands(number: str, around: str) -> None:
    event = mask_numbers(None, "info", {"event": f"a{around or ' '}{number}{around}"})
    assert number.lstrip("+") not in event["event"]


def fail() -> None:
    raise ValueError("Maria texted +12135550177")


def test_an_exception_is_logged_without_its_message(log: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        structlog.get_logger().exception("step_failed", conversation=7)
    line = last(log)
    assert line["error"] == "ValueError"
    assert line["conversation"] == 7
    assert line["frames"][-1].endswith(" fail")
    assert "Maria" not in log.getvalue()


def test_codes_and_causes_are_logged(log: io.StringIO) -> None:
    try:
        try:
            raise psycopg.errors.UniqueViolation("Key (phone)=(+12135550177) already exists")
        except psycopg.Error as violation:
            raise TwilioRestException(400, "/x", "Maria", code=21610) from violation
    except TwilioRestException as error:
        structlog.get_logger().error("send_failed", exc_info=error)
    line = last(log)
    assert line["error"] == "twilio.base.exceptions.TwilioRestException"
    assert line["code"] == 21610
    assert line["causes"] == ["psycopg.errors.UniqueViolation"]
    assert "Maria" not in log.getvalue()


def test_a_librarys_traceback_is_cut_off(log: io.StringIO) -> None:
    logging.getLogger("rq.worker").error("[Job 1]: exception raised\nTraceback …\nValueError: Maria")
    logging.getLogger("flask.app").error("Exception on /", exc_info=ValueError("Maria"))
    assert "Maria" not in log.getvalue()
    assert last(log)["error"] == "ValueError"


def test_chatty_libraries_are_quiet(log: io.StringIO) -> None:
    logging.getLogger("twilio.http_client").info("Body: hello")
    logging.getLogger("sqlalchemy.engine.Engine").info("[('Maria',)]")
    logging.getLogger("urllib3.connectionpool").warning("Retrying /Messages.json?To=Maria")
    logging.getLogger("werkzeug").info("GET /people/Maria")
    assert log.getvalue() == ""


def test_an_uncaught_exception_in_a_thread_is_logged_without_its_message(log: io.StringIO) -> None:
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    assert last(log)["error"] == "ValueError"
    assert "Maria" not in log.getvalue()


def test_a_loggers_own_handlers_are_taken_over(log: io.StringIO) -> None:
    own = io.StringIO()
    logger = logging.getLogger("gunicorn.error")
    logger.propagate = False
    logger.addHandler(logging.StreamHandler(own))
    take_over("gunicorn.error")
    logger.error("for %s", "+12135550177")
    assert own.getvalue() == ""
    assert last(log)["event"] == f"for {MASK}"
