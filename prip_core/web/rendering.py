"""From rows of the catalogue to the text of answers."""

from __future__ import annotations

from flask import Response, request

from prip_core.catalogue import ProductRow
from prip_core.errors import BadQuery
from prip_core.odata import payload, pictures
from prip_core.odata.options import EntityQuery, Listing, Query
from prip_core.web.context import WebContext
from prip_core.web.errors import JSON


def json_response(text: bytes) -> Response:
    """An answer with a JSON body, which is UTF-8."""
    return Response(text, content_type=JSON)


def service_root(context: WebContext) -> str:
    """What absolute links begin with, without a slash at its end.

    :raises BadQuery: nobody says it.
    """
    if not context.public_url and not request.host:
        raise BadQuery("The Host header names no host, so there can be no absolute link.")
    return (context.public_url or f"{request.scheme}://{request.host}") + context.odata_path


class Renderer:
    """Renders products as one request wants them.

    :raises BadQuery: links are wanted, and nobody says what they begin with.
    """

    def __init__(self, context: WebContext, query: Query | EntityQuery) -> None:
        self._expand = query.expand
        self._select = query.select
        self._gone = query.listing is Listing.DELETED_PRODUCTS
        self._root = service_root(context) if "Assets" in query.expand else ""

    def text(self, row: ProductRow) -> bytes:
        """A product, JSON in UTF-8, with the members that are wanted."""
        expanded = self._expanded(row) if self._expand else b""
        if self._gone:
            text = payload.deleted_text(
                row.fixed, expanded, deletion_ms=row.deletion_ms, deletion_cause=row.deletion_cause
            )
        else:
            text = payload.product_text(
                row.fixed,
                expanded,
                online=row.online,
                eviction_ms=row.eviction_ms,
                modification_ms=row.modification_ms,
            )
        return text if self._select is None else payload.select_members(text, self._select)

    def _expanded(self, row: ProductRow) -> bytes:
        expand = self._expand
        text = payload.expanded_text("Attributes", row.attributes or b"[]") if "Attributes" in expand else b""
        if len(expand) == 1 and text:
            return text
        if "Quicklooks" in expand:
            text += payload.expanded_text("Quicklooks", pictures.render_quicklooks(row.quicklooks))
        if "Assets" in expand:
            text += payload.expanded_text("Assets", pictures.render_assets(self._root, row.id, row.quicklooks))
        return text + payload.expanded_text("Locations", b"[]") if "Locations" in expand else text
