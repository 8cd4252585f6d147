"""From the query string of a request to a typed query."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from types import MappingProxyType
from typing import TypeAlias, TypeVar
from urllib.parse import unquote_to_bytes

from prip_core.errors import BadQuery, UnsupportedQuery
from prip_core.odata import option_values
from prip_core.odata.ast import Node, OrderBy
from prip_core.odata.deltas import Moment, read_moment
from prip_core.odata.edm import DELETED_PRODUCT, PRODUCT, EntityType
from prip_core.odata.parse import parse_filter, parse_order
from prip_core.odata.positions import Position, is_publication_order, read_position

_COLLECTION_OPTIONS = frozenset(
    {"$filter", "$orderby", "$top", "$skip", "$skiptoken", "$count", "$expand", "$select", "$format"}
)
_ENTITY_OPTIONS = frozenset({"$expand", "$select", "$format"})
_MEMBER_OPTIONS = frozenset({"$format"})
_ACTION_OPTIONS = frozenset({"$top", "$skip", "$count", "$expand", "$select", "$format"})
_DELTA_OPTIONS = frozenset({"$filter", "$expand", "$select", "$format", "$top", "$deltatoken"})
_ASKED_OF = {
    _ACTION_OPTIONS: "an action's answer",
    _DELTA_OPTIONS: "a delta link, which is to be followed as it stands",
}
_NOT_SERVED = frozenset({"$search", "$apply", "$compute"})

_Read = TypeVar("_Read")

Pairs: TypeAlias = Sequence[tuple[str, str]]
"""Names and values of a query string in their order, as :func:`decode_query` gives them."""


class Listing(StrEnum):
    """Which list is asked for, by the name of its entity set."""

    PRODUCTS = "Products"
    DELETED_PRODUCTS = "DeletedProducts"


ENTITIES: Mapping[Listing, EntityType] = MappingProxyType(
    {Listing.PRODUCTS: PRODUCT, Listing.DELETED_PRODUCTS: DELETED_PRODUCT}
)
"""What each list is a list of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked of the products.

    :param filter: ``None``: all of them.
    :param order: the most important key first; empty: by publication. Publication order breaks every tie.
    :param top: the most products of the answer; 0 or more, at most a page.
    :param skip: products that come before the answer.
    :param count: the number of all matches is wanted.
    :param expand: names of the navigations that are wanted.
    :param select: names of the members that are wanted, in the order of the table; ``None``: all of them.
    :param after: the last product before the answer, which begins behind that one; ``skip`` only says how many there
        were. ``None``: the answer begins where ``skip`` says.
    :param listing: the list that is asked for.
    """

    filter: Node | None = None
    order: tuple[OrderBy, ...] = ()
    top: int
    skip: int = 0
    count: bool = False
    expand: frozenset[str] = frozenset()
    select: tuple[str, ...] | None = None
    after: Position | None = None
    listing: Listing = Listing.PRODUCTS

    @property
    def in_publication_order(self) -> bool:
        """The order is that of ``seq``, or its reverse."""
        return is_publication_order(self.order)

    @property
    def newest_first(self) -> bool:
        """The order is the reverse of ``seq``."""
        return self.in_publication_order and bool(self.order) and self.order[0].descending


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityQuery:
    """What is asked of one product; the fields are those of :class:`Query`."""

    expand: frozenset[str] = frozenset()
    select: tuple[str, ...] | None = None
    listing: Listing = Listing.PRODUCTS


def decode_query(raw: str | bytes) -> Pairs:
    """The options of a query string in their order, percent-decoded; ``+`` is a blank.

    :param raw: what follows the ``?`` of the address; text beyond ASCII is UTF-8.
    :raises BadQuery: it is not UTF-8.
    """
    data = raw.encode() if isinstance(raw, str) else raw
    parts = (part.partition(b"=") for part in data.replace(b"+", b" ").split(b"&") if part)
    try:
        return [(unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()) for name, _, value in parts]
    except UnicodeDecodeError as error:
        raise BadQuery("the query string is not UTF-8") from error


def parse_collection_options(pairs: Pairs, page_size: int, listing: Listing = Listing.PRODUCTS) -> Query:
    """The query of a collection.

    :param pairs: names and values as :func:`decode_query` gives them; names without ``$`` are ignored.
    :param page_size: products that an answer has at the most, and where ``$top`` is absent.
    :raises BadQuery: an option is unknown, double, or has a value that cannot be understood.
    :raises UnsupportedQuery: an option or a part of one belongs to OData, but is not served.
    :raises NotAcceptable: ``$format`` is not JSON.
    """
    options = _collected(pairs, _COLLECTION_OPTIONS)
    entity = ENTITIES[listing]
    by_publication: tuple[OrderBy, ...] = ()
    order = _read(options, "$orderby", partial(parse_order, entity=entity), by_publication)
    position = partial(read_position, order=order, question=question_of(options))
    return Query(
        filter=_read(options, "$filter", partial(parse_filter, entity=entity), None),
        order=order,
        top=min(_read(options, "$top", option_values.top, page_size), page_size),
        skip=_read(options, "$skip", option_values.skip, 0),
        count=_read(options, "$count", option_values.count, False),
        expand=_read(options, "$expand", partial(option_values.expand, entity=entity), frozenset()),
        select=_read(options, "$select", partial(option_values.select, entity=entity), None),
        after=_read(options, "$skiptoken", position, None),
        listing=listing,
    )


def parse_entity_options(pairs: Pairs, listing: Listing = Listing.PRODUCTS) -> EntityQuery:
    """The query of a single product; parameters and errors are those of :func:`parse_collection_options`."""
    options = _collected(pairs, _ENTITY_OPTIONS)
    entity = ENTITIES[listing]
    return EntityQuery(
        expand=_read(options, "$expand", partial(option_values.expand, entity=entity), frozenset()),
        select=_read(options, "$select", partial(option_values.select, entity=entity), None),
        listing=listing,
    )


def parse_delta_options(pairs: Pairs, page_size: int) -> tuple[Query, Moment]:
    """The query of a delta link: of what, and since when. Parameters are those of :func:`parse_collection_options`.

    :raises BadQuery: the link was changed.
    """
    options = _collected(pairs, _DELTA_OPTIONS)
    moment = read_moment(options["$deltatoken"], options.get("$filter", ""))
    query = parse_collection_options([pair for pair in pairs if pair[0] != "$deltatoken"], page_size)
    return replace(query, top=max(query.top, 1)), moment


def parse_member_options(pairs: Pairs) -> None:
    """Make sure that nothing is asked of a part of a product, except that it be JSON.

    Parameters and errors are those of :func:`parse_collection_options`.
    """
    _collected(pairs, _MEMBER_OPTIONS)


def metadata_format(pairs: Pairs) -> str | None:
    """The MIME type that ``$format`` asks of the metadata document; ``None``: it is not given. Others are ignored.

    :raises NotAcceptable: it is neither XML nor JSON.
    """
    text = dict(pairs).get("$format")
    return None if text is None else option_values.metadata_format(text)


def parse_action_options(pairs: Pairs, page_size: int) -> Query:
    """The query of the products that an action gives back, which are neither filtered nor ordered.

    Parameters and errors are those of :func:`parse_collection_options`.
    """
    _collected(pairs, _ACTION_OPTIONS)
    return parse_collection_options(pairs, page_size)


def question_of(options: Mapping[str, str]) -> str:
    """What decides which products come in which order: the text that a ``$skiptoken`` belongs to."""
    return "\n".join(options.get(name, "") for name in ("$filter", "$orderby"))


def _read(options: Mapping[str, str], name: str, reader: Callable[[str], _Read], absent: _Read) -> _Read:
    return reader(options[name]) if name in options else absent


def _collected(pairs: Pairs, allowed: frozenset[str]) -> Mapping[str, str]:
    """The system options by name; ``$format`` is checked here, because every answer is JSON."""
    options: dict[str, str] = {}
    for name, value in pairs:
        if not name.startswith("$"):
            continue
        _check_name(name, allowed)
        if name in options and name != "$expand":
            raise BadQuery(f"{name} is given twice")
        options[name] = f"{options[name]},{value}" if name in options else value
    if "$format" in options:
        option_values.check_format(options["$format"])
    return options


def _check_name(name: str, allowed: frozenset[str]) -> None:
    if name in _NOT_SERVED:
        raise UnsupportedQuery(f"{name} is not served")
    if name in allowed:
        return
    known = ", ".join(sorted(allowed))
    if name in _COLLECTION_OPTIONS:
        asked = _ASKED_OF.get(allowed, "a single product")
        raise BadQuery(f"{name} cannot be asked of {asked}; what can: {known}")
    if name == "$deltatoken":
        raise UnsupportedQuery("$deltatoken is served of Products alone")
    raise BadQuery(f"there is no query option {name:.60}; there are {known}")
