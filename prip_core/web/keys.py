"""The key of a product as clients write it between the parentheses of ``Products(…)``."""

from __future__ import annotations

from uuid import UUID

from werkzeug.exceptions import NotFound

from prip_core.catalogue import CataloguedProduct, Products
from prip_core.odata.members import read_text_key


def read_key(text: str) -> UUID:
    """The Id in ``<guid>``, ``'<guid>'`` or ``Id=<guid>``.

    :raises NotFound: it is no GUID, so no product has it.
    """
    bare = read_text_key(text, "Id")
    try:
        uuid = UUID(bare)
    except ValueError:
        raise no_such_product(text) from None
    if str(uuid) != bare.lower():
        raise no_such_product(text)
    return uuid


def no_such_product(key: object) -> NotFound:
    """The answer for an Id that no product has."""
    return NotFound(f"There is no product {key}.")


def find(products: Products, text: str) -> CataloguedProduct:
    """The product of a key.

    :raises NotFound: there is none.
    """
    product = products.find(read_key(text))
    if product is None:
        raise no_such_product(text)
    return product
