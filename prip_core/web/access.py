"""The access log: one line for each request, with its user, status, bytes and milliseconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import structlog
from flask import Flask, Response, g, request

_log = structlog.get_logger(__name__)


def install_access_log(app: Flask) -> None:
    """Log every answer: refusals and downloads at level info, the many successful queries at level debug."""

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        level = logging.INFO if response.status_code >= 400 else logging.DEBUG
        if not response.direct_passthrough and _log.is_enabled_for(level):
            facts = _facts(response.status_code)
            _log.log(level, "request", **facts, bytes=response.content_length or 0, ms=_elapsed(g.began))
        return response


def log_transfer(status: int, kind: str = "download") -> Callable[[int], None]:
    """The line of a file is written when its body is sent: call the answer with the number of bytes then.

    :param kind: ``download``, at level info; others at level debug, because there are many.
    """
    facts, began = _facts(status), g.began

    def done(sent: int) -> None:
        write = _log.info if kind == "download" else _log.debug
        write(kind, **facts, bytes=sent, ms=_elapsed(began))

    return done


def _facts(status: int) -> dict[str, object]:
    user = g.principal.name if "principal" in g else None
    return {
        "method": request.method,
        "path": request.path,
        "query": request.query_string.decode("ascii", "replace"),
        "status": status,
        "user": user,
        "address": request.remote_addr,
    }


def _elapsed(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 3)
