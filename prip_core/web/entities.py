"""Single products, online or gone, and their parts: ``Products(<Id>)/Name/$value``, ``…/Attributes('x')``."""

from __future__ import annotations

import orjson
from flask import Response, request
from werkzeug.exceptions import NotFound

from prip_core.catalogue import ProductRow
from prip_core.odata import payload
from prip_core.odata.members import NoSuchMember, Raw, member_at, member_text
from prip_core.odata.options import (
    ENTITIES,
    EntityQuery,
    Listing,
    decode_query,
    parse_entity_options,
    parse_member_options,
)
from prip_core.web.context import WebContext
from prip_core.web.keys import no_such_product, read_key
from prip_core.web.rendering import Renderer, json_response


class Entities:
    """The views of one list's entities."""

    def __init__(self, context: WebContext, listing: Listing) -> None:
        self._context = context
        self._listing = listing

    def entity(self, key: str) -> Response:
        """Answer for a product's key with the product."""
        query = parse_entity_options(decode_query(request.query_string), self._listing)
        text = Renderer(self._context, query).text(self._row(key))
        return json_response(payload.entity_text(text, self._listing))

    def member(self, key: str, path: str) -> Response:
        """Answer for a product's key and a path behind it with a part of the product."""
        parse_member_options(decode_query(request.query_string))
        whole = EntityQuery(
            expand=frozenset(navigation.name for navigation in ENTITIES[self._listing].navigations),
            listing=self._listing,
        )
        row = self._row(key)
        product = orjson.loads(Renderer(self._context, whole).text(row))
        try:
            found = member_at(product, f"{self._listing}({row.id})", path.split("/"))
        except NoSuchMember as error:
            raise NotFound(f"{error}.") from error
        if isinstance(found, Raw):
            return Response(found.text, content_type="text/plain;charset=utf-8")
        return Response(status=204) if found.value is None else json_response(member_text(found))

    def _row(self, key: str) -> ProductRow:
        row = self._context.catalogue.products.row(read_key(key))
        if row is None or (row.online and self._listing is Listing.DELETED_PRODUCTS):
            raise no_such_product(key)
        return row
