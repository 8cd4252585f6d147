"""The OData pages: service document, metadata document, ``Products`` and single products."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from prip_core.catalogue import ProductRow
from prip_core.errors import BadQuery
from prip_core.odata import csdl, payload
from prip_core.odata.links import next_link
from prip_core.odata.options import decode_query, parse_collection_options, parse_entity_options
from prip_core.web.context import WebContext
from prip_core.web.download import Download
from prip_core.web.errors import JSON
from prip_core.web.keys import no_such_product, read_key


def odata_blueprint(context: WebContext) -> Blueprint:
    """Everything below the service root."""
    blueprint = Blueprint("odata", __name__, url_prefix=context.odata_path or None)
    pages = _Pages(context)
    blueprint.add_url_rule("" if context.odata_path else "/", "service", pages.service)
    blueprint.add_url_rule("/$metadata", "metadata", pages.metadata)
    blueprint.add_url_rule("/Products", "products", pages.products)
    blueprint.add_url_rule("/Products/$count", "count", pages.count)
    blueprint.add_url_rule("/Products(<key>)", "product", pages.product)
    blueprint.add_url_rule("/Products(<key>)/$value", "value", Download(context))
    return blueprint


class _Pages:
    def __init__(self, context: WebContext) -> None:
        self._context = context

    def service(self) -> Response:
        return _json(csdl.service_text())

    def metadata(self) -> Response:
        return Response(csdl.metadata_xml(), content_type="application/xml")

    def products(self) -> Response:
        pairs = decode_query(request.query_string)
        query = parse_collection_options(pairs, self._context.page_size)
        page = self._context.catalogue.products.page(query, list_evicted=self._context.list_evicted)
        link = None
        if page.more and page.rows:
            link = next_link(self._root(), pairs, query, len(page.rows), page.after)
        texts = [_text(row, expand="Attributes" in query.expand, select=query.select) for row in page.rows]
        return _json(payload.collection_text(texts, count=page.total, next_link=link))

    def count(self) -> Response:
        query = parse_collection_options(decode_query(request.query_string), self._context.page_size)
        counted = replace(query, top=0, count=True)
        page = self._context.catalogue.products.page(counted, list_evicted=self._context.list_evicted)
        return Response(str(page.total), content_type="text/plain")

    def product(self, key: str) -> Response:
        query = parse_entity_options(decode_query(request.query_string))
        row = self._context.catalogue.products.row(read_key(key))
        if row is None:
            raise no_such_product(key)
        return _json(payload.entity_text(_text(row, expand="Attributes" in query.expand, select=query.select)))

    def _root(self) -> str:
        """:raises BadQuery: nobody says what absolute links begin with."""
        if not self._context.public_url and not request.host:
            raise BadQuery("The Host header names no host, so there can be no link to the next page.")
        return (self._context.public_url or request.host_url.rstrip("/")) + self._context.odata_path


def _text(row: ProductRow, *, expand: bool, select: tuple[str, ...] | None) -> str:
    text = payload.product_text(
        row.fixed,
        (row.attributes or "[]") if expand else None,
        online=row.online,
        eviction_ms=row.eviction_ms,
        modification_ms=row.modification_ms,
    )
    return text if select is None else payload.select_members(text, select)


def _json(text: str) -> Response:
    return Response(text.encode(), content_type=JSON)
