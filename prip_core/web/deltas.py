"""``@odata.deltaLink``: what has changed in a list since it was read."""

from __future__ import annotations

from dataclasses import replace

from flask import Response
from werkzeug.exceptions import Gone

from prip_core.catalogue.changes import Change, ChangePage
from prip_core.odata import payload
from prip_core.odata.deltas import Moment, can_be_tracked, removed_text
from prip_core.odata.links import delta_link
from prip_core.odata.options import Listing, Pairs, Query, parse_delta_options
from prip_core.odata.positions import Position
from prip_core.web.context import WebContext
from prip_core.web.rendering import Renderer, json_response, service_root


class Tracking:
    """Follows the changes of a list while a client reads it from its beginning to its end.

    :param since: number of the last change when that began; ``None``: changes are not tracked.
    """

    def __init__(self, context: WebContext, query: Query, wished: bool) -> None:
        self._context = context
        self.since = query.after.since if query.after is not None else self._begun(query) if wished else None

    def position(self, after: Position | None) -> Position | None:
        """The position of the next page, with what must be remembered until the last one."""
        return None if after is None else replace(after, since=self.since)

    def link(self, pairs: Pairs) -> str:
        """The link behind the last page; to be made after that was read."""
        catalogue = self._context.catalogue
        moment = Moment(origin=catalogue.changes.origin, since=self.since or 0, known=catalogue.clock.last().seq)
        return delta_link(service_root(self._context), pairs, moment)

    def _begun(self, query: Query) -> int | None:
        whole = query.listing is Listing.PRODUCTS and not query.skip and query.top > 0
        return self._context.catalogue.clock.last().change_seq if whole and can_be_tracked(query.filter) else None


class Deltas:
    """The view of a delta link."""

    def __init__(self, context: WebContext) -> None:
        self._context = context

    def answer(self, pairs: Pairs, page_size: int) -> Response:
        """What has changed since the moment in the link, and the link to what will have changed.

        :param pairs: names and values of the request, decoded.
        :raises Gone: the link is of a moment that this catalogue does not know.
        """
        query, moment = parse_delta_options(pairs, page_size)
        self._check(moment)
        page = self._context.catalogue.changes.since(query, moment.since, list_evicted=self._context.list_evicted)
        render = Renderer(self._context, query)
        texts = [_text(change, render) for change in page.changes if change.row or change.seq <= moment.known]
        name = "nextLink" if page.more else "deltaLink"
        links = {name: delta_link(service_root(self._context), pairs, _later(moment, page))}
        return json_response(payload.collection_text(texts, "Products/$delta", count=None, links=links))

    def _check(self, moment: Moment) -> None:
        """:raises Gone: the catalogue has lost the moment: it is another one, or was restored from a copy."""
        catalogue = self._context.catalogue
        if moment.origin != catalogue.changes.origin or moment.since > catalogue.clock.last().change_seq:
            raise Gone("This link is of another catalogue, or of a later state of this one; read the list anew.")


def _text(change: Change, render: Renderer) -> bytes:
    return removed_text(change.id, gone=not change.online) if change.row is None else render.text(change.row)


def _later(moment: Moment, page: ChangePage) -> Moment:
    shown = (change.seq for change in page.changes if change.row is not None)
    return Moment(origin=moment.origin, since=page.upto, known=max([moment.known, *shown]))
