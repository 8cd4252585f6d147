"""Basic authentication of everything below the OData service root, and the roles that downloads need."""

from __future__ import annotations

import base64
import binascii
import re
from typing import cast

import structlog
from flask import Flask, Response, g, request

from prip_core.principals import Credentials, Principal, Role
from prip_core.web.context import WebContext
from prip_core.web.errors import error_response

ANONYMOUS = Principal(name="anonymous", roles=frozenset())
OPEN_BLUEPRINTS = frozenset({"health", "docs", "api-docs"})
_CONTROLS = re.compile("[\x00-\x1f\x7f]")
"""Neither a user name nor a password has them (RFC 7617, clause 2)."""

_log = structlog.get_logger(__name__)


def install_authentication(app: Flask, context: WebContext) -> None:
    """Ask for credentials before anything below the OData path is answered, errors included."""

    @app.before_request
    def authenticate() -> Response | None:
        if request.blueprint in OPEN_BLUEPRINTS or not _below(context.odata_path, request.path):
            return None
        principal = _principal(context)
        if principal is None:
            return challenge(context)
        g.principal = principal
        return None


def principal() -> Principal:
    """Who makes this request."""
    return cast("Principal", g.principal)


def refuse_download(context: WebContext) -> Response | None:
    """The refusal of whoever may not download, ``None`` for whoever may."""
    if Role.DOWNLOAD in principal().roles:
        return None
    if principal() is ANONYMOUS:
        return challenge(context)
    return error_response(403, f"User {principal().name} may not download: the role {Role.DOWNLOAD} is missing.")


def challenge(context: WebContext) -> Response:
    """The answer to missing or wrong credentials."""
    header = f'Basic realm="{context.name}", charset="UTF-8"'
    shown = read_basic(request.headers.get("Authorization"))
    said = "The user name or the password is wrong." if shown else "A user name and its password are needed."
    return error_response(401, said, {"WWW-Authenticate": header})


def read_basic(header: str | None) -> Credentials | None:
    """The credentials in an ``Authorization`` header, ``None`` when there are no well-formed Basic ones.

    They are UTF-8 as the challenge asks; ISO 8859-1 is understood, too, as some clients send nothing else.
    """
    scheme, _, encoded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True)
    except (binascii.Error, ValueError):
        return None
    text = _decode(decoded)
    username, colon, password = text.partition(":")
    return Credentials(username=username, password=password) if colon and not _CONTROLS.search(text) else None


def _decode(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return octets.decode("iso-8859-1")


def _below(root: str, path: str) -> bool:
    return path.startswith(root) and path[len(root) : len(root) + 1] in {"", "/"}


def _principal(context: WebContext) -> Principal | None:
    header = request.headers.get("Authorization")
    if header is None and context.anonymous:
        return ANONYMOUS
    credentials = read_basic(header)
    if credentials is None:
        return None
    known = context.authenticate(credentials)
    if known is None:
        _log.warning("login refused", user=credentials.username, address=request.remote_addr)
    return known
