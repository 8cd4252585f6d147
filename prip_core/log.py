"""Logging: one line for each event on standard error, as text for eyes or JSON for machines."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import structlog
import structlog.tracebacks
from structlog.typing import EventDict, Processor

from prip_core.visible import visible

_QUOTED = frozenset(" \t=\r\n\"'")
Level = Literal["debug", "info", "warning", "error"]
Format = Literal["text", "json"]


def configure(level: Level = "warning", form: Format = "text") -> None:
    """Set up logging for this process; the last call counts.

    :param level: the least that is logged.
    :param form: ``text``: aligned, coloured on a terminal; ``json``: one object for each line.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *_written_as(form),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def _spelled_out(_logger: object, _method: str, event: EventDict) -> EventDict:
    """Names of delivered files are written by others: none of them may speak to the terminal."""
    return {name: _spelled(value) if isinstance(value, str) else value for name, value in event.items()}


def _spelled(text: str) -> str:
    # The renderer spells these out itself, in quotes, with whatever stands beside them.
    return text if _QUOTED & set(text) else visible(text)


def _written_as(form: Format) -> list[Processor]:
    if form == "json":
        # The local variables of a frame may hold a password.
        without_locals = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
        return [structlog.processors.ExceptionRenderer(without_locals), structlog.processors.JSONRenderer()]
    return [
        _spelled_out,
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback),
    ]
