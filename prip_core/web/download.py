"""``Products(<Id>)/$value``: the file of a product, whole or a range of it."""

from __future__ import annotations

from flask import Response, abort

from prip_core.catalogue import CataloguedProduct
from prip_core.content_disposition import disposition
from prip_core.errors import PermanentError
from prip_core.interfaces import Storage
from prip_core.web.auth import refuse_download
from prip_core.web.conditions import Validators
from prip_core.web.context import WebContext
from prip_core.web.keys import find
from prip_core.web.sending import StoredFile, send


class Download:
    """The view of ``$value``."""

    def __init__(self, context: WebContext) -> None:
        self._context = context

    def __call__(self, key: str) -> Response:
        """Answer for a product's key with its bytes, or with where they are."""
        refusal = refuse_download(self._context)
        if refusal is not None:
            return refusal
        product = find(self._context.catalogue.products, key)
        if not product.online:
            abort(self._context.gone_status, f"Product {product.id} is not available any more.")
        file = StoredFile(
            what=f"product {product.id}",
            storage=storage_of(self._context, product),
            key=product.key,
            size=product.content_length,
            name=product.name,
            content_type=product.content_type,
            validators=_validators(product),
        )
        return send(file, {"Content-Disposition": disposition("attachment", product.name)})


def storage_of(context: WebContext, product: CataloguedProduct) -> Storage:
    """The storage that keeps a product.

    :raises PermanentError: it is not configured.
    """
    storage = context.storages.get(product.storage)
    if storage is None:
        raise PermanentError(
            f"product {product.id} lies in storage {product.storage!r}, which is not configured; "
            f"add [storages.{product.storage}]"
        )
    return storage


def _validators(product: CataloguedProduct) -> Validators:
    tag = product.checksums[0].value if product.checksums else str(product.id)
    return Validators(tag=tag, modified=product.publication_date.replace(microsecond=0))
