"""The values of the query options other than ``$filter`` and ``$orderby``: what each may be, and what it means."""

from __future__ import annotations

import re

from prip_core.errors import BadQuery, NotAcceptable, UnsupportedQuery
from prip_core.odata import edm

MOST_SKIPPED = 2**53
"""The largest ``$skip``."""

_TRUTH = {"true": True, "1": True, "false": False, "0": False}
_NUMBER = re.compile(r"[0-9]+")


def top(text: str) -> int:
    """``$top``: any whole number from 0; what is beyond ``MOST_SKIPPED`` is that.

    :raises BadQuery: it is none.
    """
    return min(_whole_number("$top", text), MOST_SKIPPED)


def skip(text: str) -> int:
    """``$skip``: a whole number from 0 to ``MOST_SKIPPED``.

    :raises BadQuery: it is none.
    """
    number = _whole_number("$skip", text)
    if number > MOST_SKIPPED:
        raise BadQuery(f"$skip is larger than {MOST_SKIPPED}")
    return number


def _whole_number(name: str, text: str) -> int:
    digits = text.strip()
    if not _NUMBER.fullmatch(digits):
        raise BadQuery(f"{name} is {text[:60]!r}, expected a whole number, 0 or more")
    return int(digits) if len(digits) < 20 else 10**20


def count(text: str) -> bool:
    """``$count``: true, false, 1 or 0, in any case.

    :raises BadQuery: it is none of these.
    """
    try:
        return _TRUTH[text.strip().lower()]
    except KeyError:
        raise BadQuery(f"$count is {text[:60]!r}, expected true or false") from None


def expand(text: str, entity: edm.EntityType = edm.PRODUCT) -> frozenset[str]:
    """``$expand``: names of the entity's navigations, also more than once; all of them for ``*``.

    :raises BadQuery: it names something else.
    :raises UnsupportedQuery: it has options of its own in brackets.
    """
    if "(" in text:
        raise UnsupportedQuery("$expand with options in brackets is not served")
    expandable = _expandable(entity)
    names = {part.strip() for part in text.split(",")}
    for name in sorted(names.difference(expandable, {"*"})):
        raise BadQuery(f"$expand: {name[:60]!r} cannot be expanded; what can: {', '.join(expandable)}")
    return frozenset(expandable if "*" in names else names)


def select(text: str, entity: edm.EntityType = edm.PRODUCT) -> tuple[str, ...] | None:
    """``$select``: the members in the order of the table, Id always among them; ``None`` for all (``*``).

    :raises BadQuery: it names what the entity does not have.
    """
    selectable = tuple(declared.name for declared in entity.properties)
    names = [part.strip() for part in text.split(",")]
    wanted = {edm.ALIASES.get(name, name) for name in names}
    for name in sorted(wanted.difference(selectable, _expandable(entity), {"*"})):
        raise BadQuery(f"$select: a product has no property {name[:60]!r}; it has {', '.join(selectable)}")
    if "*" in wanted:
        return None
    wanted.add("Id")
    return tuple(name for name in selectable if name in wanted)


def _expandable(entity: edm.EntityType) -> tuple[str, ...]:
    return tuple(navigation.name for navigation in entity.navigations)


def check_format(text: str) -> None:
    """``$format``: ``json`` or ``application/json``, with any parameters.

    :raises NotAcceptable: it is another one.
    """
    if text.partition(";")[0].strip().lower() not in {"json", "application/json"}:
        raise NotAcceptable(f"$format is {text[:60]!r}; answers are JSON (json or application/json)")


def metadata_format(text: str) -> str:
    """``$format`` of the metadata document: its MIME type, ``application/xml`` or ``application/json``.

    :raises NotAcceptable: it is another one.
    """
    name = text.partition(";")[0].strip().lower().removeprefix("application/")
    if name not in {"xml", "json"}:
        raise NotAcceptable(f"$format is {text[:60]!r}; the metadata document is xml or json")
    return f"application/{name}"
