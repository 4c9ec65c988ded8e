"""Structured logs and metrics. Only names, counts and codes go in: never an address, a name or a text."""

from __future__ import annotations

import logging
import sys
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

# What may be said about an event. A fact under any other name is dropped, so that no text slips in by mistake.
SAFE_FACTS: Final = frozenset(
    {
        "channel",
        "kind",
        "code",
        "next",
        "calls",
        "state",
        "intent",
        "engine",
        "count",
        "seconds",
        "path",
        "status",
        "reason",
        "method",
        "version",
        "where",
        "key",
    }
)


def start_logging(*, quiet: bool = False) -> None:
    """Write events as JSON lines on stderr (`quiet`: warnings only).

    Library loggers stay at WARNING: some log request addresses below that.
    """
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s")
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING if quiet else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


class Telemetry:
    """The Notebook of a running Batea, with a registry of its own so that two may live in one process."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()
        self._registry = CollectorRegistry()
        self._events = Counter("batea_events_total", "What happened", ("event", "channel"), registry=self._registry)
        self._turns = Histogram("batea_turn_seconds", "From webhook to commit", registry=self._registry)

    def event(self, name: str, **facts: Any) -> None:
        """Count an event and log its safe facts."""
        self._events.labels(name, str(facts.get("channel", ""))).inc()
        self._log.info(name, **{key: value for key, value in facts.items() if key in SAFE_FACTS})

    def turn_took(self, seconds: float) -> None:
        """Observe the time of one turn, in seconds."""
        self._turns.observe(seconds)

    def metrics(self) -> bytes:
        """The Prometheus text form."""
        return generate_latest(self._registry)
