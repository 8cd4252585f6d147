"""What has changed since: products in the order of their last change, as a list shows them now, or as gone from it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b
from uuid import UUID

from prip_core.catalogue.answers import ProductRow
from prip_core.catalogue.database import Database
from prip_core.catalogue.filters import mentions
from prip_core.catalogue.products import Products
from prip_core.catalogue.schema import made_at
from prip_core.catalogue.tables import Product
from prip_core.odata.ast import And, AnyOf, Collection, In, IsNotTrue, Node, Not, PropertyValue
from prip_core.odata.edm import PATHS
from prip_core.odata.options import Query
from prip_core.odata.parts import inside

_CHANGING = ("online", "modification_date", "eviction_date", "origin_date")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """The last change of a product.

    :param row: the product as the list shows it now; ``None``: it is not there.
    :param online: it has not left the catalogue's list of what can be downloaded.
    """

    seq: int
    id: UUID
    row: ProductRow | None
    online: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """Some of what has changed, the oldest change first.

    :param changes: of products that are or may have been in the list.
    :param upto: number of the last change that is told of here.
    :param more: there are later ones.
    """

    changes: Sequence[Change]
    upto: int
    more: bool


class Changes:
    """Reads what has changed, at the same cost however long ago the last look was. Everything here may raise
    ``CatalogueUnavailable``."""

    def __init__(self, database: Database, products: Products) -> None:
        self._database = database
        self._products = products

    @cached_property
    def origin(self) -> str:
        """What tells this catalogue from others, even from one that its products were taken over into: the numbers of
        changes mean something here alone."""
        return blake2b(made_at(self._database).encode(), digest_size=6).hexdigest()

    def since(self, query: Query, change: int, *, list_evicted: bool = False) -> ChangePage:
        """What has changed in a list.

        A product is told of once, with its last change. One that changes again while this is read may be shown as it
        is then: that change is told of again by the question that follows.

        :param query: its filter, ``top`` and ``expand`` count.
        :param change: number of the last change that is known already.
        :param list_evicted: as of :meth:`Products.page`.
        :raises BadQuery: the filter is nested too deeply.
        """
        found = self._database.rows(
            Product.select(Product.change_seq, Product.seq, Product.id, Product.online)
            .where(Product.change_seq > change)
            .order_by(Product.change_seq)
            .limit(query.top + 1)
        )
        facts = found[: query.top]
        matching = self._matching(query, [UUID(bytes=bytes(uuid)) for _, _, uuid, _ in facts])
        offline_too = list_evicted or _mentions(query.filter, ("online",))
        varies = _mentions(query.filter, _CHANGING) or _asks_for_lack(query.filter)
        changes = [
            Change(
                seq=seq,
                id=UUID(bytes=bytes(uuid)),
                row=matching[seq] if seq in matching and (matching[seq].online or offline_too) else None,
                online=bool(online),
            )
            for _, seq, uuid, online in facts
            if seq in matching or varies
        ]
        return ChangePage(changes=changes, upto=facts[-1][0] if facts else change, more=len(found) > query.top)

    def _matching(self, query: Query, ids: Sequence[UUID]) -> Mapping[int, ProductRow]:
        """Those of the products that the filter finds, online or not, by ``seq``."""
        if not ids:
            return {}
        these = In(PropertyValue(PATHS["Id"]), tuple(ids))
        both = these if query.filter is None else And((these, query.filter))
        asked = replace(query, filter=both, order=(), top=len(ids), skip=0, count=False, after=None)
        return {row.seq: row for row in self._products.page(asked, list_evicted=True).rows}


def _asks_for_lack(condition: Node | None) -> bool:
    """Products gain attributes and lose none: one leaves a list by that only where it is there for lack of some."""
    found = inside(condition) if condition is not None else ()
    return any(
        isinstance(part, AnyOf) and part.collection is Collection.ATTRIBUTES
        for negation in found
        if isinstance(negation, Not | IsNotTrue)
        for part in inside(negation)
    )


def _mentions(condition: Node | None, columns: Sequence[str]) -> bool:
    return condition is not None and any(mentions(condition, column) for column in columns)
