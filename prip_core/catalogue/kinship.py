"""Kinship: products without a parent take over from others of their group that were sensed at the same time."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from prip_core.catalogue.products import Products
from prip_core.errors import BadQuery
from prip_core.model import Kin
from prip_core.odata.options import Query
from prip_core.odata.parse import parse_filter
from prip_core.products import NewProduct
from prip_core.times import format_utc

_MOST = 100


class Kinship:
    """Finds the kin of products in the catalogue, by the attribute that they share."""

    def __init__(self, products: Products) -> None:
        self._products = products

    def of(self, product: NewProduct) -> Sequence[UUID]:
        """Ids of those products that a new one may take over from, listed or not.

        :raises CatalogueUnavailable: the database cannot be used.
        """
        kin = product.kin
        group = next((each.value for each in product.attributes if kin and each.name == kin.attribute), None)
        if kin is None or not isinstance(group, str):
            return ()
        try:
            condition = parse_filter(_question(product, kin, group))
        except BadQuery:
            return ()  # nobody could ask for such a group: it is too long, for one
        return [row.id for row in self._products.page(Query(filter=condition, top=_MOST), list_evicted=True).rows]


def _question(product: NewProduct, kin: Kin, group: str) -> str:
    types = " or ".join(_has("productType", code) for code in kin.product_types)
    start, end = format_utc(product.content.start), format_utc(product.content.end)
    return f"{_has(kin.attribute, group)} and ({types}) and ContentDate/Start le {end} and ContentDate/End ge {start}"


def _has(attribute: str, value: str) -> str:
    quoted = value.replace("'", "''")
    return f"Attributes/any(a:a/Name eq '{attribute}' and a/OData.CSC.StringAttribute/Value eq '{quoted}')"
