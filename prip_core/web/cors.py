"""Cross-origin requests (the Fetch standard): which pages of other origins may read answers, and what they may send."""

from __future__ import annotations

from flask import Flask, Response, request

_ALLOWED_HEADERS = (
    "Accept, Authorization, Content-Type, If-Match, If-Modified-Since, If-None-Match, If-Range, If-Unmodified-Since, "
    "OData-MaxVersion, OData-Version, Prefer, Range"
)
_EXPOSED_HEADERS = (
    "Accept-Ranges, Content-Disposition, Content-Length, Content-Range, ETag, Last-Modified, Location, OData-Version, "
    "Preference-Applied, Retry-After, WWW-Authenticate"
)
_METHODS = "GET, HEAD, POST, OPTIONS"
_SECONDS = "7200"
ANY = "*"
"""Any origin."""


def install_cors(app: Flask, origins: frozenset[str]) -> None:
    """Answer preflights before anything else looks at them, and mark every answer, errors included.

    :param origins: as browsers send them, ``https://gui.example.org``; :data:`ANY` for all; none: nothing is done.
    """
    if not origins:
        return

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers:
            return None
        response = Response(status=204)
        if _allowed(origins):
            response.headers["Access-Control-Allow-Methods"] = _METHODS
            response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
            response.headers["Access-Control-Max-Age"] = _SECONDS
        return response

    @app.after_request
    def mark(response: Response) -> Response:
        if ANY not in origins:
            response.vary.add("Origin")
        if _allowed(origins):
            origin = ANY if ANY in origins else request.headers["Origin"]
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
        return response


def _allowed(origins: frozenset[str]) -> bool:
    """The request names an origin, and that may read the answer."""
    return "Origin" in request.headers and (ANY in origins or request.headers["Origin"] in origins)
