"""``Products(<Id>)/$value``: the file of a product, whole or a range of it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from flask import Response, abort, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from prip_core.catalogue import CataloguedProduct
from prip_core.errors import ObjectMissing, PermanentError, TransientError
from prip_core.interfaces import Storage
from prip_core.web.access import log_transfer
from prip_core.web.auth import refuse_download
from prip_core.web.conditions import Validators, evaluate, range_applies
from prip_core.web.context import WebContext
from prip_core.web.errors import error_response
from prip_core.web.keys import find
from prip_core.web.ranges import ByteRange, UnsatisfiableRange, read_range
from prip_core.web.transfer import BLOCK_SIZE, FilePart, stream

_URL_LIFETIME = timedelta(minutes=10)


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
        validators = _validators(product)
        headers = {**validators.headers(), **_file_headers(product)}
        status = evaluate(request.headers, validators)
        if status == 412:
            return error_response(412, "The product is not the one that If-Match or If-Unmodified-Since names.")
        if status is not None:
            return Response(status=status, headers=headers)
        return self._answer(product, _asked_part(product, validators), headers)

    def _answer(self, product: CataloguedProduct, part: ByteRange | None, headers: dict[str, str]) -> Response:
        storage = self._storage(product)
        status = 200 if part is None else 206
        if part is not None:
            headers["Content-Range"] = str(part)
        sent = part or ByteRange(0, product.content_length, product.content_length)
        path = storage.local_path(product.key)
        if path is None:
            url = storage.download_url(product.key, lifetime=_URL_LIFETIME, filename=product.name)
            if url is not None:
                return _redirect(url, headers)
        headers["Content-Length"] = str(sent.size)
        if request.method == "HEAD":
            _check(product, storage)
            return Response(status=status, headers=headers)
        body = _remote(product, storage, sent, status) if path is None else _local(product, path, sent, status)
        return Response(body, status, headers, direct_passthrough=True)

    def _storage(self, product: CataloguedProduct) -> Storage:
        storage = self._context.storages.get(product.storage)
        if storage is None:
            raise PermanentError(
                f"product {product.id} lies in storage {product.storage!r}, which is not configured; "
                f"add [storages.{product.storage}]"
            )
        return storage


def _asked_part(product: CataloguedProduct, validators: Validators) -> ByteRange | None:
    if request.method != "GET" or not range_applies(request.headers, validators):
        return None
    try:
        return read_range(request.headers.get("Range"), product.content_length)
    except UnsatisfiableRange as error:
        raise RequestedRangeNotSatisfiable(error.length) from None


def _validators(product: CataloguedProduct) -> Validators:
    tag = product.checksums[0].value if product.checksums else str(product.id)
    return Validators(tag=tag, modified=product.publication_date.replace(microsecond=0))


def _file_headers(product: CataloguedProduct) -> dict[str, str]:
    return {
        "Content-Type": product.content_type,
        "Content-Disposition": _attachment(product.name),
        "Accept-Ranges": "bytes",
    }


def _attachment(name: str) -> str:
    plain = "".join(character if " " <= character <= "~" and character not in '"\\' else "_" for character in name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{extended}'


def _redirect(url: str, headers: dict[str, str]) -> Response:
    kept = {"Location": url, "Content-Disposition": headers["Content-Disposition"], "Cache-Control": "no-store"}
    return Response(status=307, headers=kept)


def _check(product: CataloguedProduct, storage: Storage) -> None:
    found = storage.stat(product.key)
    if found is None:
        raise ObjectMissing(product.key)
    _check_size(product, found.size)


def _check_size(product: CataloguedProduct, size: int) -> None:
    if size != product.content_length:
        raise PermanentError(
            f"product {product.id} has {size} bytes in storage {product.storage!r} under {product.key!r}, "
            f"but {product.content_length} in the catalogue"
        )


def _remote(product: CataloguedProduct, storage: Storage, part: ByteRange, status: int) -> Iterable[bytes]:
    source = storage.open(product.key, start=part.start, stop=part.stop)
    return stream(source, part, log_transfer(status))


def _local(product: CataloguedProduct, path: Path, part: ByteRange, status: int) -> Iterable[bytes]:
    try:
        _check_size(product, path.stat().st_size)
        part_of_file = FilePart(path, part, log_transfer(status))
    except FileNotFoundError:
        raise ObjectMissing(product.key) from None
    except OSError as error:
        raise TransientError(f"{path} cannot be read: {error}") from error
    return wrap_file(request.environ, part_of_file, BLOCK_SIZE)
