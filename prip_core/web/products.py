"""The OData pages: service document, metadata document, the lists, and what leads to single products."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request

from prip_core.odata import csdl, payload
from prip_core.odata.csdl_json import metadata_json
from prip_core.odata.links import next_link
from prip_core.odata.options import (
    Listing,
    Pairs,
    Query,
    decode_query,
    metadata_format,
    parse_collection_options,
)
from prip_core.web.context import WebContext
from prip_core.web.deltas import Deltas, Tracking
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
        self._deltas = Deltas(context)

    def page(self) -> Response:
        """Answer with a page of the list, or of what has changed in it."""
        pairs = decode_query(request.query_string)
        wished = read_preferences(request.headers.getlist("Prefer"))
        page_size = min(self._context.page_size, wished.page_size or self._context.page_size)
        granted = [f"odata.maxpagesize={page_size}"] if wished.page_size else []
        if wished.page_size and all(name != "$top" for name, _ in pairs):
            pairs = [*pairs, ("$top", str(page_size))]
        if self._listing is Listing.PRODUCTS and any(name == "$deltatoken" for name, _ in pairs):
            return applied(self._deltas.answer(pairs, page_size), *granted)
        query = parse_collection_options(pairs, page_size, self._listing)
        tracking = Tracking(self._context, query, wished.track_changes)
        if tracking.since is not None:
            granted.append("odata.track-changes")
        return applied(self._answer(pairs, query, tracking), *granted)

    def _answer(self, pairs: Pairs, query: Query, tracking: Tracking) -> Response:
        page = self._context.catalogue.products.page(query, list_evicted=self._context.list_evicted)
        links = {}
        if page.more and page.rows:
            after = tracking.position(page.after)
            links["nextLink"] = next_link(service_root(self._context), pairs, query, len(page.rows), after)
        elif tracking.since is not None and not page.more:
            links["deltaLink"] = tracking.link(pairs)
        render = Renderer(self._context, query)
        texts = [render.text(row) for row in page.rows]
        return json_response(payload.collection_text(texts, self._listing, count=page.total, links=links))

    def count(self) -> Response:
        """Answer with the number of products that match, as bare text."""
        query = parse_collection_options(decode_query(request.query_string), self._context.page_size, self._listing)
        counted = replace(query, top=0, count=True)
        page = self._context.catalogue.products.page(counted, list_evicted=self._context.list_evicted)
        return Response(str(page.total), content_type="text/plain")


def _service() -> Response:
    return json_response(csdl.service_text())


def _metadata() -> Response:
    """As XML, unless JSON is asked for."""
    asked = metadata_format(decode_query(request.query_string))
    if asked is None:
        asked = request.accept_mimetypes.best_match(["application/xml", "application/json"]) or "application/xml"
    body = metadata_json() if asked == "application/json" else csdl.metadata_xml()
    return Response(body, content_type=asked)
