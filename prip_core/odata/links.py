"""The address of the next page of products."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from prip_core.odata.options import Query, question_of
from prip_core.odata.positions import Position, write_position

_REPEATED = ("$filter", "$orderby", "$expand", "$select", "$count", "$format")


def next_link(root: str, pairs: Iterable[tuple[str, str]], query: Query, rows: int, after: Position | None) -> str:
    """The link from a page to the one behind it. To be given whenever more results follow this page and it has rows.

    It repeats what was asked for, ``$top`` included: that is the size of the next page, too. Clients read ``$skip``
    out of it; the service goes on at ``$skiptoken``, at the same cost however far.

    :param root: absolute address of the service root without a slash at its end, ``https://host/odata/v1``.
    :param pairs: names and values of the request, decoded.
    :param query: what was read from them.
    :param rows: products on this page.
    :param after: position of the last one.
    """
    given = list(pairs)
    options = [(name, value) for name, value in given if name in _REPEATED]
    if any(name == "$top" for name, _ in given):
        options.append(("$top", str(query.top)))
    options.append(("$skip", str(query.skip + rows)))
    if after is not None:
        options.append(("$skiptoken", write_position(after, question_of(dict(given)))))
    encoded = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in options)
    return f"{root}/{query.listing}?{encoded}"
