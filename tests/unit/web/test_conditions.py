"""Conditional requests: every combination of header and state."""

from datetime import UTC, datetime

import pytest
from werkzeug.datastructures import Headers

from prip_core.web.conditions import Validators, evaluate, range_applies

_STATE = Validators(tag="abc", modified=datetime(2025, 8, 1, 12, tzinfo=UTC))
_THEN = "Fri, 01 Aug 2025 12:00:00 GMT"
_BEFORE = "Fri, 01 Aug 2025 11:59:59 GMT"
_LATER = "Fri, 01 Aug 2025 12:00:01 GMT"


def test_the_headers_that_clients_send_back() -> None:
    assert _STATE.headers() == {"ETag": '"abc"', "Last-Modified": _THEN}


@pytest.mark.parametrize(
    "headers, status",
    [
        ({}, None),
        ({"If-None-Match": '"abc"'}, 304),
        ({"If-None-Match": 'W/"abc"'}, 304),
        ({"If-None-Match": '"x", "abc"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"x"'}, None),
        ({"If-None-Match": '"x"', "If-Modified-Since": _LATER}, None),
        ({"If-Modified-Since": _THEN}, 304),
        ({"If-Modified-Since": _LATER}, 304),
        ({"If-Modified-Since": _BEFORE}, None),
        ({"If-Modified-Since": "yesterday"}, None),
        ({"If-Match": '"abc"'}, None),
        ({"If-Match": '"x", "abc"'}, None),
        ({"If-Match": "*"}, None),
        ({"If-Match": '"x"'}, 412),
        ({"If-Match": 'W/"abc"'}, 412),
        ({"If-Match": '"abc"', "If-Unmodified-Since": _BEFORE}, None),
        ({"If-Match": '"abc"', "If-None-Match": '"abc"'}, 304),
        ({"If-Unmodified-Since": _THEN}, None),
        ({"If-Unmodified-Since": _LATER}, None),
        ({"If-Unmodified-Since": _BEFORE}, 412),
        ({"If-Unmodified-Since": "yesterday"}, None),
    ],
)
def test_conditions(headers: dict[str, str], status: int | None) -> None:
    assert evaluate(Headers(headers), _STATE) == status


@pytest.mark.parametrize(
    "condition, applies",
    [
        (None, True),
        ('"abc"', True),
        ('"x"', False),
        ('W/"abc"', False),
        (_THEN, True),
        (_BEFORE, False),
        (_LATER, False),
        ("nonsense", False),
        ("", False),
    ],
)
def test_if_range(condition: str | None, applies: bool) -> None:
    headers = Headers() if condition is None else Headers({"If-Range": condition})
    assert range_applies(headers, _STATE) is applies
