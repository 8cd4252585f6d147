"""What every answer must be, whatever the request was."""

from __future__ import annotations

import http.client
import json
import socket
from dataclasses import dataclass

from tests.fuzz.requests import Sent

PATIENCE = 120.0
"""Seconds for an answer; a server that takes longer has hung."""


@dataclass(frozen=True)
class Answered:
    """What came back.

    :param status: 0: the connection was closed without an answer.
    :param fault: what is wrong with it.
    """

    status: int
    fault: str | None = None


def ask(port: int, sent: Sent) -> Answered:
    """Send a request to a server of this machine, and look at its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(sent.data)
            connection.shutdown(socket.SHUT_WR)
            answer = http.client.HTTPResponse(connection, method=sent.method.upper())
            answer.begin()
            body = answer.read()
        except TimeoutError:
            return Answered(0, f"no answer within {PATIENCE:g} s")
        except OSError:
            return Answered(0)  # what is no request may be hung up on
        except http.client.HTTPException as error:
            return Answered(0, f"no HTTP: {error!r}")
    return Answered(answer.status, _fault(answer, body, sent))


def _fault(answer: http.client.HTTPResponse, body: bytes, sent: Sent) -> str | None:
    if answer.status >= 500 and answer.status != 501:
        return f"{answer.status} {body[:300]!r}"
    if sent.method.upper() == "HEAD":
        return f"HEAD with {body[:100]!r}" if body else None
    kind = answer.headers.get("Content-Type", "")
    if answer.status >= 400:
        return _error_fault(answer.status, kind, body)
    if kind.startswith("application/json"):
        try:
            json.loads(body)
        except ValueError as error:
            return f"{answer.status} {kind} is no JSON: {error}"
    return None


def _error_fault(status: int, kind: str, body: bytes) -> str | None:
    """OData's error body, whose message is a sentence."""
    try:
        error = json.loads(body)["error"]
        code, message = error["code"], error["message"]
    except (ValueError, KeyError, TypeError):
        return f"{status} {kind} without an OData error: {body[:300]!r}"
    if not (isinstance(code, str) and code and isinstance(message, str) and message.strip()):
        return f"{status} says nothing: {body[:300]!r}"
    return None
