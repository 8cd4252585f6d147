"""``POST Products/OData.CSC.FilterList``: which of these names are products here."""

from __future__ import annotations

from flask import Response, request

from prip_core.catalogue import ProductRow
from prip_core.errors import BadQuery
from prip_core.odata import payload
from prip_core.odata.filter_list import MOST_NAMES, read_names
from prip_core.odata.options import Query, decode_query, parse_action_options
from prip_core.web.context import WebContext
from prip_core.web.preferences import applied, read_preferences
from prip_core.web.rendering import Renderer, json_response

MOST_BYTES = 4 << 20
"""Of a request's body."""


class FilterList:
    """The view of the action."""

    def __init__(self, context: WebContext) -> None:
        self._context = context

    def __call__(self) -> Response:
        """Answer with the products of the names, in the order of the request; names that nobody has are left out."""
        request.max_content_length = MOST_BYTES
        if not request.is_json:
            raise BadQuery("the body has no Content-Type that says it is JSON; send application/json")
        names = read_names(request.get_data())
        query = parse_action_options(decode_query(request.query_string), MOST_NAMES)
        if read_preferences(request.headers.getlist("Prefer")).minimal:
            return applied(Response(status=204), "return=minimal")
        found = self._context.catalogue.products.by_name(names, query.expand, list_evicted=self._context.list_evicted)
        return self._answer([row for name in names for row in found.get(name, ())], query)

    def _answer(self, rows: list[ProductRow], query: Query) -> Response:
        render = Renderer(self._context, query)
        texts = [render.text(row) for row in rows[query.skip : query.skip + query.top]]
        return json_response(payload.collection_text(texts, count=len(rows) if query.count else None, links={}))
