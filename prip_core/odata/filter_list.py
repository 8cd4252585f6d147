"""The body of the action ``OData.CSC.FilterList``: names of products that a client wants to know about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from prip_core.errors import BadQuery

MOST_NAMES = 10_000
"""Names that one request may hold."""

_PARAMETER = "FilterProducts"
_EXAMPLE = f'{{"{_PARAMETER}": [{{"Name": "…"}}]}}'


def read_names(body: bytes) -> Sequence[str]:
    """The names in their order, each once; those that no product can have are left out.

    :param body: JSON; each entry of ``FilterProducts`` has a ``Name``, and may have other members.
    :raises BadQuery: it is something else, empty, or longer than ``MOST_NAMES``.
    """
    if not body.strip():
        raise BadQuery(f"the request has no body; expected {_EXAMPLE}")
    try:
        read = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise BadQuery(f"the body is not JSON: {error}; expected {_EXAMPLE}") from error
    if not isinstance(read, dict) or _PARAMETER not in read:
        raise BadQuery(f"parameter {_PARAMETER} is missing; expected {_EXAMPLE}")
    entries = read[_PARAMETER]
    if not isinstance(entries, list) or not entries:
        raise BadQuery(f"{_PARAMETER} is no list of products, or an empty one; expected {_EXAMPLE}")
    if len(entries) > MOST_NAMES:
        raise BadQuery(f"{_PARAMETER} has {len(entries)} entries; {MOST_NAMES} are the most, so ask in parts")
    names = dict.fromkeys(_name(position, entry) for position, entry in enumerate(entries))
    return tuple(name for name in names if "\0" not in name)  # PostgreSQL has no such texts, and nobody such a file


def _name(position: int, entry: Any) -> str:
    name = entry.get("Name") if isinstance(entry, dict) else None
    if not isinstance(name, str) or not name:
        raise BadQuery(f"{_PARAMETER}[{position}] has no Name that is a text; expected {_EXAMPLE}")
    return name
