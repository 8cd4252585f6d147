"""The OData pages: service document, metadata document, the lists, and what leads to single products."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from prip_core.odata import csdl, payload
from prip_core.odata.links import next_link
from prip_core.odata.options import Listing, decode_query, parse_collection_options
from prip_core.web.context import WebContext
from prip_core.web.download import Download
from prip_core.web.entities import Entities
from prip_core.web.filter_list import FilterList
from prip_core.web.preferences import applied, read_preferences
from prip_core.web.quicklooks import FIRST, QuicklookValue
from prip_core.web.rendering import Renderer, json_response, service_root


def odata_blueprint(context: WebContext) -> Blueprint:
    """Everything below the service root."""
    blueprint = Blueprint("odata", __name__, url_prefix=context.odata_path or None)
    blueprint.add_url_rule("" if context.odata_path else "/", "service", _service)
    blueprint.add_url_rule("/$metadata", "metadata", _metadata)
    for listing in Listing:
        lists, entities = Lists(context, listing), Entities(context, listing)
        blueprint.add_url_rule(f"/{listing}", f"{listing}", lists.page)
        blueprint.add_url_rule(f"/{listing}/$count", f"{listing}-count", lists.count)
        blueprint.add_url_rule(f"/{listing}(<key>)", f"{listing}-entity", entities.entity)
        blueprint.add_url_rule(f"/{listing}(<key>)/<path:path>", f"{listing}-member", entities.member)
    blueprint.add_url_rule("/Products(<key>)/$value", "value", Download(context))
    blueprint.add_url_rule("/Products(<key>)/Quicklooks(<file>)/$value", "quicklook", QuicklookValue(context))
    filter_list = FilterList(context)
    for path in ("/Products/OData.CSC.FilterList", "/Products/FilterList", "/Products.FilterList"):
        blueprint.add_url_rule(path, "filter-list", filter_list, methods=["POST"])
    attached = QuicklookValue(context, alias=FIRST)
    blueprint.add_url_rule("/Products(<key>)/AttachedFiles(<file>)/$value", "attached", attached)
    return blueprint


class Lists:
    """The views of one list."""

    def __init__(self, context: WebContext, listing: Listing) -> None:
        self._context = context
        self._listing = listing

    def page(self) -> Response:
        """Answer with a page of the list."""
        pairs = decode_query(request.query_string)
        wished = read_preferences(request.headers.getlist("Prefer")).page_size
        page_size = min(self._context.page_size, wished or self._context.page_size)
        query = parse_collection_options(pairs, page_size, self._listing)
        page = self._context.catalogue.products.page(query, list_evicted=self._context.list_evicted)
        links = {}
        if page.more and page.rows:
            sized = [*pairs, ("$top", str(page_size))] if wished else pairs  # links keep the size without the wish
            links["nextLink"] = next_link(service_root(self._context), sized, query, len(page.rows), page.after)
        render = Renderer(self._context, query)
        texts = [render.text(row) for row in page.rows]
        answer = json_response(payload.collection_text(texts, self._listing, count=page.total, links=links))
        return applied(answer, f"odata.maxpagesize={page_size}") if wished else answer

    def count(self) -> Response:
        """Answer with the number of products that match, as bare text."""
        query = parse_collection_options(decode_query(request.query_string), self._context.page_size, self._listing)
        counted = replace(query, top=0, count=True)
        page = self._context.catalogue.products.page(counted, list_evicted=self._context.list_evicted)
        return Response(str(page.total), content_type="text/plain")


def _service() -> Response:
    return json_response(csdl.service_text())


def _metadata() -> Response:
    return Response(csdl.metadata_xml(), content_type="application/xml")
