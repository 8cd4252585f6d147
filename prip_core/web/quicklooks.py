"""``Products(<Id>)/Quicklooks('<file>')/$value``: a picture of a product. Looking at it is no download."""

from __future__ import annotations

from uuid import uuid5

from flask import Response, abort

from prip_core.catalogue import CataloguedProduct
from prip_core.content_disposition import disposition
from prip_core.interfaces import Storage
from prip_core.odata.members import read_text_key
from prip_core.odata.pictures import media_type
from prip_core.web.conditions import Validators
from prip_core.web.context import WebContext
from prip_core.web.download import storage_of
from prip_core.web.keys import find
from prip_core.web.sending import StoredFile, send

FIRST = "quick-look.jpg"
"""What some clients call the first picture of any product."""

_CACHING = "private, max-age=86400"


class QuicklookValue:
    """The view of a picture.

    :param alias: a name for the first picture, whatever that is called; none in the standard's own addresses.
    """

    def __init__(self, context: WebContext, alias: str | None = None) -> None:
        self._context = context
        self._alias = alias

    def __call__(self, key: str, file: str) -> Response:
        """Answer for a product's key and a picture's with the picture."""
        product = find(self._context.catalogue.products, key)
        wanted = read_text_key(file, "Image")
        found = self._key(product, wanted)
        picture = None if found is None else _picture(product, storage_of(self._context, product), found)
        if picture is None:
            abort(404, f"Product {product.id} has no quicklook {wanted:.80}.")
        return send(picture, {"Content-Disposition": disposition("inline", picture.name), "Cache-Control": _CACHING})

    def _key(self, product: CataloguedProduct, wanted: str) -> str | None:
        keys = {_name(key): key for key in product.quicklooks}
        if wanted not in keys and wanted == self._alias and keys:
            return product.quicklooks[0]
        return keys.get(wanted)


def _picture(product: CataloguedProduct, storage: Storage, key: str) -> StoredFile | None:
    """A picture as it lies in its storage; ``None``: it is not there any more."""
    stat = storage.stat(key)
    if stat is None:
        return None
    name = _name(key)
    return StoredFile(
        what=f"quicklook {name} of product {product.id}",
        storage=storage,
        key=key,
        size=stat.size,
        name=name,
        content_type=media_type(name),
        validators=_validators(product, name),
        kind="quicklook",
    )


def _name(key: str) -> str:
    return key.rpartition("/")[2]


def _validators(product: CataloguedProduct, name: str) -> Validators:
    """Pictures are stored before their product is published and never change."""
    return Validators(tag=uuid5(product.id, name).hex, modified=product.publication_date.replace(microsecond=0))
