"""Addresses that answers give: of the next page, and of what has changed since."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from prip_core.odata.deltas import Moment, write_moment
from prip_core.odata.options import Listing, Pairs, Query, question_of
from prip_core.odata.positions import Position, write_position

_REPEATED = ("$filter", "$orderby", "$expand", "$select", "$count", "$format")
_REPEATED_BY_DELTAS = ("$filter", "$expand", "$select", "$format", "$top")


def next_link(root: str, pairs: Pairs, query: Query, rows: int, after: Position | None) -> str:
    """The link from a page to the one behind it. To be given whenever more results follow this page and it has rows.

    It repeats what was asked for, ``$top`` included: that is the size of the next page, too. Clients read ``$skip``
    out of it; the service goes on at ``$skiptoken``, at the same cost however far.

    :param root: absolute address of the service root without a slash at its end, ``https://host/odata/v1``.
    :param pairs: names and values of the request, decoded.
    :param query: what was read from them.
    :param rows: products on this page.
    :param after: position of the last one.
    """
    options = [(name, value) for name, value in pairs if name in _REPEATED]
    if any(name == "$top" for name, _ in pairs):
        options.append(("$top", str(query.top)))
    options.append(("$skip", str(query.skip + rows)))
    if after is not None:
        options.append(("$skiptoken", write_position(after, question_of(dict(pairs)))))
    return _address(root, query.listing, options)


def delta_link(root: str, pairs: Pairs, moment: Moment) -> str:
    """The link to what has changed in ``Products`` since a moment; parameters are those of :func:`next_link`."""
    options = [(name, value) for name, value in pairs if name in _REPEATED_BY_DELTAS]
    token = write_moment(moment, dict(pairs).get("$filter", ""))
    return _address(root, Listing.PRODUCTS, [*options, ("$deltatoken", token)])


def _address(root: str, listing: Listing, options: Iterable[tuple[str, str]]) -> str:
    """:param options: system options, whose names are a dollar sign and letters."""
    encoded = "&".join(f"%24{name[1:]}={quote(value, safe='')}" for name, value in options)
    return f"{root}/{listing}?{encoded}"
