"""What every invocation reports: structured logs, OpenTelemetry spans and metrics, and its store operations.

A facade over structlog and the OpenTelemetry API. Without an exporter (``clients/app_insights``) spans and metrics
cost next to nothing and go nowhere. Nothing personal goes in: ids and counts only, no hashes of visitors, no text.
"""

import contextvars
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Literal

import orjson
import structlog
from opentelemetry import metrics, trace
from structlog.typing import FilteringBoundLogger

from shared.kernel.clock import Clock

Operation = Literal["read", "write", "delete", "queue", "mongo"]
"""What the stores bill: documents read, written and deleted, queue calls, and calls of the analytics store (design/architecture.md,
Cost rules).
"""

_tracer: Final = trace.get_tracer("cabeceo")
_meter: Final = metrics.get_meter("cabeceo")
_durations: Final = _meter.create_histogram("cabeceo.duration", "ms", "How long a named event took")
_events: Final = _meter.create_counter("cabeceo.events", "1", "How often a named event happened")
_operations: Final = _meter.create_counter("cabeceo.store_operations", "1", "Store operations by kind")

_gauges: Final = _meter.create_gauge("cabeceo.gauge", "1", "A named figure of the whole installation")

_totals: Final[Counter[Operation]] = Counter()
_longest: Final[dict[str, float]] = {}
_after: Final[list[Callable[[], None]]] = []
_bill: contextvars.ContextVar["Counter[Operation] | None"] = contextvars.ContextVar("bill", default=None)
_bound: contextvars.ContextVar[Mapping[str, str]] = contextvars.ContextVar(
    "bound", default=MappingProxyType({})
)
_log: Final[FilteringBoundLogger] = structlog.get_logger("cabeceo")


def count(kind: Operation, number: int = 1) -> None:
    """Add store operations to the invocation that is running, if any, and to those of this process."""
    _operations.add(number, {"kind": kind})
    _totals[kind] += number
    bill = _bill.get()
    if bill is not None:
        bill[kind] += number


def totals() -> "Counter[Operation]":
    """The store operations of this process since it began."""
    return _totals.copy()


@contextmanager
def timed(name: str, clock: Clock) -> Iterator[None]:
    """Around a named piece of work inside an invocation: how long it took, whether or not it came to an end."""
    started = clock.monotonic()
    try:
        yield
    finally:
        milliseconds = (clock.monotonic() - started) * 1000
        _durations.record(milliseconds, {"event": name})
        _longest[name] = max(milliseconds, _longest.get(name, 0.0))


def take_longest(name: str) -> float:
    """The longest that a timed piece of work took since this was last asked, in milliseconds; 0 when there was none."""
    return _longest.pop(name, 0.0)


def gauge(name: str, value: float, **labels: str) -> None:
    """Report a figure as it stands now; labels as in ``event``."""
    _gauges.set(value, {"gauge": name, **labels})


def after_each(listener: Callable[[], None] | None) -> None:
    """Call this after each reported event, in place of what was called before; None calls nothing."""
    _after[:] = [listener] if listener else []


@contextmanager
def counted() -> Iterator["Counter[Operation]"]:
    """Collect the store operations of everything awaited inside; an outer collection gets them as well."""
    bill: Counter[Operation] = Counter()
    outer = _bill.get()
    token = _bill.set(bill)
    try:
        yield bill
    finally:
        _bill.reset(token)
        if outer is not None:
            outer.update(bill)


@contextmanager
def span(name: str, **attributes: str | float | bool) -> Iterator[trace.Span]:
    """A span around a block. An error is marked by its type only: its text may hold what nobody should see."""
    current = _tracer.start_span(name, attributes=attributes)
    if not current.get_span_context().is_valid:  # nobody listens
        yield current
        return
    with trace.use_span(current, end_on_exit=True, record_exception=False, set_status_on_exception=False):
        try:
            yield current
        except BaseException as error:
            current.set_status(trace.StatusCode.ERROR, type(error).__name__)
            raise


def event(
    name: str, *, milliseconds: float, bill: Mapping[Operation, int], **labels: str | int | bool
) -> None:
    """Report a named event (``message_decision``, ``message_ack``, …): a log line, a duration and a count.

    ``labels`` become metric dimensions, so each must have few values: a status, a channel; never an id.
    """
    dimensions = {"event": name, **labels}
    _durations.record(milliseconds, dimensions)
    _events.add(1, dimensions)
    log().info(name, duration_ms=round(milliseconds, 2), operations=dict(bill), **labels)
    for listener in _after:
        listener()


@contextmanager
def invocation(name: str, clock: Clock) -> Iterator["Counter[Operation]"]:
    """Around a queue or timer function: every log line carries its name, and its end is reported as ``invocation``.

    An error is reported by its type and place, and goes on to the host, which puts a queue message back.
    """
    token = bind(function=name)
    started, outcome = clock.monotonic(), "done"
    with counted() as bill:
        try:
            with span(name):
                yield bill
        except BaseException as error:
            outcome = type(error).__name__
            log().error("invocation_failed", exc_info=error)
            raise
        finally:
            milliseconds = (clock.monotonic() - started) * 1000
            event("invocation", milliseconds=milliseconds, bill=bill, function=name, outcome=outcome)
            unbind(token)


def log() -> FilteringBoundLogger:
    """The structured logger; request and correlation ids are added by themselves."""
    return _log


def bind(**values: str) -> contextvars.Token[Mapping[str, str]]:
    """Add values (request id, function name) to every later log line of this invocation."""
    return _bound.set({**_bound.get(), **values})


def unbind(token: contextvars.Token[Mapping[str, str]]) -> None:
    """Take back what ``bind`` added."""
    _bound.reset(token)


def configure_logging(level: str = "INFO") -> None:
    """JSON lines through the standard library's logging, which the Functions host collects.

    Records carry neither place nor process nor thread, which cost more than all the rest: a line says itself where it comes from.
    """
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    structlog.configure(
        processors=[
            _add_bound,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _error_type_only,
            structlog.processors.JSONRenderer(serializer=_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Lines(logging.getLogger("cabeceo")),
        cache_logger_on_first_use=True,
    )
    logging.getLogger("cabeceo").setLevel(level)


class _Lines:
    """Hands finished lines to the standard library's logger without looking up who called."""

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self.debug = partial(self._line, logging.DEBUG)
        self.info = partial(self._line, logging.INFO)
        self.warning = partial(self._line, logging.WARNING)
        self.error = partial(self._line, logging.ERROR)

    def _line(self, level: int, text: str) -> None:
        if self._logger.isEnabledFor(level):
            self._logger.handle(logging.LogRecord(self._logger.name, level, "", 0, text, None, None))


def _add_bound(_logger: Any, _method: str, entry: Any) -> Any:
    return {**_bound.get(), **entry}


def _json(entry: Any, default: Any) -> str:
    return orjson.dumps(entry, default).decode()


def _error_type_only(_logger: Any, _method: str, entry: Any) -> Any:
    """Replace an exception by its type and place: its text may quote a phone number or a token."""
    info = entry.pop("exc_info", None)
    if info is True:
        info = sys.exc_info()
    error = info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        trail, places = error.__traceback__, []
        while trail is not None:
            places.append(f"{trail.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trail.tb_lineno}")
            trail = trail.tb_next
        entry["error"], entry["at"] = type(error).__name__, places[-6:]
    return entry
