"""Conditional requests (RFC 9110, clause 13): what a client already has, or insists on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from werkzeug.datastructures import Headers
from werkzeug.http import http_date, parse_date, parse_etags, quote_etag


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What tells one state of a file from another.

    :param tag: its MD5; the same tag means the same bytes.
    :param modified: last change, UTC, whole seconds.
    """

    tag: str
    modified: datetime

    def headers(self) -> dict[str, str]:
        """``ETag`` and ``Last-Modified``."""
        return {"ETag": quote_etag(self.tag), "Last-Modified": http_date(self.modified)}


def evaluate(headers: Headers, validators: Validators) -> int | None:
    """What the request's conditions lead to: 412 (not the expected file), 304 (the client has it), ``None`` (go on)."""
    if "If-Match" in headers:
        if not parse_etags(headers["If-Match"]).contains(validators.tag):
            return 412
    elif _date(headers, "If-Unmodified-Since", validators.modified) < validators.modified:
        return 412
    if "If-None-Match" in headers:
        return 304 if parse_etags(headers["If-None-Match"]).contains_weak(validators.tag) else None
    if "If-Modified-Since" in headers:
        since = parse_date(headers["If-Modified-Since"])
        return 304 if since is not None and validators.modified <= since else None
    return None


def range_applies(headers: Headers, validators: Validators) -> bool:
    """Whether a ``Range`` header counts: without ``If-Range``, or when that names exactly this file."""
    condition = headers.get("If-Range")
    if condition is None:
        return True
    if condition.lstrip().startswith(('"', "W/")):
        return condition.strip() == quote_etag(validators.tag)
    return parse_date(condition) == validators.modified


def _date(headers: Headers, name: str, otherwise: datetime) -> datetime:
    return parse_date(headers.get(name)) or otherwise
