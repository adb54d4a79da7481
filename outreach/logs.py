"""Logs that a stranger may read: JSON lines without telephone numbers, exception messages or statement parameters."""

import logging
import re
import sys
import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict, Processor, WrappedLogger

MASK = "<number>"
MOST_FRAMES = 12
MOST_CAUSES = 5
# Ten to fifteen digits, with a plus (as it is or as %2B) and separators between them; not a part of a longer word,
# so that Twilio's SIDs and UUIDs stay readable, and not the date and hour of a moment.
_NUMBER = re.compile(
    r"(?<![0-9A-Za-z])(?!\d{4}-\d\d-\d\d[ T])(?:%2B|\+)?\(?\d(?:[\s().\-/]{0,2}\d){9,14}(?![0-9A-Za-z])", re.IGNORECASE
)
# They log requests, statements, addresses or bodies below these levels.
QUIETED = {
    "sqlalchemy": logging.WARNING,
    "psycopg": logging.ERROR,
    "twilio": logging.ERROR,
    "urllib3": logging.ERROR,
    "rq": logging.WARNING,
    "werkzeug": logging.ERROR,
    "gunicorn.access": logging.CRITICAL,
    "alembic": logging.WARNING,
}


def configure_logs(level: int | str = logging.INFO, stream: TextIO | None = None) -> None:
    """Send this process's logs, ours and the libraries', to `stream` (standard error): JSON, or plain on a terminal."""
    stream = stream or sys.stderr
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        reduce_exception,
        mask_numbers,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=[keep_first_line, *shared],
            processors=[ProcessorFormatter.remove_processors_meta, _renderer(stream)],
            keep_exc_info=False,
            keep_stack_info=False,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, lowest in QUIETED.items():
        logging.getLogger(name).setLevel(lowest)
    _log_uncaught()


def take_over(*names: str) -> None:
    """Send a library's loggers through ours after it gave them handlers of its own, as gunicorn does."""
    for name in names:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True


def describe_exception(error: BaseException) -> dict[str, Any]:
    """Return what may be logged of an exception: its class, its code if it has one, its causes' classes, its frames.

    Never its message: PostgreSQL's holds the row, Twilio's the number.
    """
    described: dict[str, Any] = {"error": _class_name(error)}
    code = _code(error)
    if code is not None:
        described["code"] = code
    if causes := [_class_name(cause) for cause in _causes(error)]:
        described["causes"] = causes
    described["frames"] = _frames(error.__traceback__)
    return described


def reduce_exception(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Put in `exc_info`'s place what may be logged of it."""
    error: Any = event.pop("exc_info", None)
    event.pop("stack_info", None)
    if isinstance(error, tuple):
        error = error[1]
    elif error is not None and not isinstance(error, BaseException):
        error = sys.exc_info()[1] if error else None
    return event if error is None else {**event, **describe_exception(error)}


def keep_first_line(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut a library's message after its first line: below it come tracebacks, details and parameters."""
    event["event"] = str(event.get("event", "")).partition("\n")[0]
    return event


def mask_numbers(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Mask whatever looks like a telephone number in the event and its values, however deep."""
    return {key: value if key == "frames" else _masked(value) for key, value in event.items()}


def _masked(value: Any) -> Any:  # noqa: ANN401 - a log's values are anything
    if isinstance(value, str):
        return _NUMBER.sub(MASK, value)
    if isinstance(value, int) and not isinstance(value, bool):
        return MASK if _NUMBER.fullmatch(str(abs(value))) else value
    if isinstance(value, dict):
        return {_masked(key): _masked(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_masked(part) for part in value]
    if isinstance(value, BaseException):
        return _class_name(value)
    return value if value is None or isinstance(value, bool | float) else _NUMBER.sub(MASK, str(value))


def _renderer(stream: TextIO) -> Processor:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer()
    return structlog.processors.JSONRenderer(ensure_ascii=False)


def _class_name(error: BaseException) -> str:
    kind = type(error)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _code(error: BaseException) -> str | int | None:
    """Return PostgreSQL's SQLSTATE, Twilio's or the system's code."""
    origin = getattr(error, "orig", None) or error
    codes = (getattr(origin, name, None) for name in ("sqlstate", "code", "errno"))
    return next((code for code in codes if isinstance(code, int | str) and len(str(code)) <= 8), None)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    cause = error.__cause__ or error.__context__
    while cause is not None and len(found) < MOST_CAUSES:
        found.append(cause)
        cause = cause.__cause__ or cause.__context__
    return found


def _frames(trace: TracebackType | None) -> list[str]:
    steps = [(frame.f_globals.get("__name__", "?"), line, frame.f_code) for frame, line in traceback.walk_tb(trace)]
    return [f"{module}:{line} {code.co_name}" for module, line, code in steps[-MOST_FRAMES:]]


def _log_uncaught() -> None:
    logger = structlog.get_logger("uncaught")

    def log(error: BaseException | None) -> None:
        if isinstance(error, Exception):
            logger.error("uncaught_exception", exc_info=error)

    sys.excepthook = _exception_hook(log)
    threading.excepthook = lambda arguments: log(arguments.exc_value)
    sys.unraisablehook = lambda arguments: log(arguments.exc_value)


def _exception_hook(
    log: Callable[[BaseException | None], None],
) -> Callable[[type[BaseException], BaseException, TracebackType | None], None]:
    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, Exception):
            log(error)
        else:
            sys.__excepthook__(kind, error, trace)

    return hook
