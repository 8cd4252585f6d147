"""The one place that turns errors into HTTP answers, each with an OData error body."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from prip_core.errors import (
    BadQuery,
    CatalogueUnavailable,
    NotAcceptable,
    ObjectMissing,
    PripError,
    SchemaMismatch,
    TransientError,
    UnsupportedQuery,
)
from prip_core.ingest.origin import origin_of
from prip_core.odata.payload import error_text

JSON = "application/json;odata.metadata=minimal"
_QUERY_ERRORS: Mapping[type[PripError], int] = {BadQuery: 400, UnsupportedQuery: 501, NotAcceptable: 406}
_RETRY_SECONDS = 5
_log = structlog.get_logger(__name__)


def error_response(status: int, message: str, headers: Mapping[str, str] | None = None) -> Response:
    """An answer with the OData error body, ``{"error": {"code", "message"}}``.

    :param status: HTTP status; its name without blanks is the code.
    :param message: a sentence for the client's user.
    """
    code = HTTPStatus(status).phrase.replace(" ", "").replace("-", "")
    return Response(error_text(code, message), status, dict(headers or {}), content_type=JSON)


def register_error_handlers(app: Flask, root: str) -> None:
    """Let every error of the application answer in OData's form.

    :param root: where the service document is, for whoever asks at a path where nothing is.
    """
    app.register_error_handler(HTTPException, partial(_http_error, root))
    for error in _QUERY_ERRORS:
        app.register_error_handler(error, _query_error)
    app.register_error_handler(CatalogueUnavailable, _unavailable)
    app.register_error_handler(SchemaMismatch, _unavailable)
    app.register_error_handler(TransientError, _unavailable)
    app.register_error_handler(ObjectMissing, _object_missing)
    app.register_error_handler(Exception, _internal_error)


def _http_error(root: str, error: HTTPException) -> Response:
    headers = {name: value for name, value in error.get_headers() if name not in {"Content-Type", "Content-Length"}}
    return error_response(error.code or 500, _sentence(root, error), headers)


def _sentence(root: str, error: HTTPException) -> str:
    """What is wrong, in our words where werkzeug's do not say what to do."""
    if isinstance(error, NotFound) and error.description == NotFound.description:
        return f"There is nothing at this path; the OData service is at {root}, the operator API at /docs."
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        return f"{request.method} is not served at this path; what is: {', '.join(sorted(error.valid_methods))}."
    return error.description or "The request failed."


def _query_error(error: PripError) -> Response:
    return error_response(_QUERY_ERRORS[type(error)], str(error))


def _unavailable(error: PripError) -> Response:
    _log.error("request not answered", error=type(error).__name__, reason=str(error))
    pause = error.retry_after if isinstance(error, TransientError) else None
    seconds = max(1, round(pause.total_seconds())) if pause else _RETRY_SECONDS
    message = "The service cannot answer at the moment; try again later."
    return error_response(503, message, {"Retry-After": str(seconds)})


def _object_missing(error: ObjectMissing) -> Response:
    _log.error("product missing in its storage", key=error.key)
    return error_response(404, "The product's file cannot be found; the operator has been told.")


def _internal_error(error: Exception) -> Response:
    reference = secrets.token_hex(6)
    _log.error("request failed", reference=reference, exc_info=error, **origin_of(error))
    return error_response(500, f"The service failed to answer; its log knows more under reference {reference}.")
