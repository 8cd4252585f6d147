"""Storing: where a product's bytes go, and the one read that puts them there and takes their digests."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

import structlog

from prip_core import crashpoints
from prip_core.catalogue import Ingestion
from prip_core.errors import TransientError
from prip_core.ingest.context import Delivery, IngestContext
from prip_core.ingest.delivered import DeliveredFile
from prip_core.ingest.digests import DigestReader, ReadProduct
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.sameness import FileFacts
from prip_core.ingest.sidecar import StatedChecksum
from prip_core.ingest.walks import walk_over
from prip_core.interfaces import ProductFiles, Storage
from prip_core.model import Claimed, InspectedProduct, ProductIdentity
from prip_core.rules import refusal

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProduct:
    """What lies in the storage now.

    :param quicklooks: keys of the pictures beside the product.
    """

    key: str
    read: ReadProduct
    quicklooks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A claimed file, ready to be stored.

    :param stated: the digest that the chain computed, if it told.
    :param seen: the file's facts before the first step read it; ``None`` of a stream.
    :param go_on: raises when the work must stop.
    """

    delivered: DeliveredFile
    claimed: Claimed
    files: ProductFiles
    seen: FileFacts | None
    go_on: Callable[[], None]
    stated: StatedChecksum | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Where the bytes of a product will lie: its row says so before the first is written."""

    storage: str
    key: str


def placement_of(delivery: Delivery, product: InspectedProduct) -> Placement:
    """Where the bytes of a product are to lie.

    What an earlier attempt has stored elsewhere, because the inbox had another storage then, cannot be deleted safely
    now: a worker that still has the old configuration may be about to publish it. An operator is told of it.

    :raises ProductRejected: the name cannot be a key (rule QC-01).
    """
    place = Placement(storage=delivery.served.section.storage, key=key_of(product.identity, delivery.claimed))
    row = delivery.ingestion
    if row.storage is not None and row.storage != place.storage:
        _log.warning("product changes its storage", product=row.name, id=str(row.uuid), left=row.storage, key=row.key)
    return place


def key_of(identity: ProductIdentity, claimed: Claimed) -> str:
    """Where a product lies: ``<type>/<yyyy>/<mm>/<dd of arrival>/<uuid>/<name>``.

    :raises ProductRejected: the name cannot be a key (rule QC-01).
    """
    if _UNSAFE.search(claimed.name) or claimed.name.startswith("."):
        raise refusal(
            "QC-01",
            f"{claimed.name}: a product's name has letters, digits, '.', '_' and '-' only, and begins with no dot",
        )
    return f"{_folder(identity, claimed.arrived)}/{claimed.uuid}/{claimed.name}"


def _folder(identity: ProductIdentity, arrived: datetime) -> str:
    return f"{_UNSAFE.sub('_', identity.product_type.code)}/{arrived:%Y/%m/%d}"


def store(context: IngestContext, delivery: Delivery, product: InspectedProduct, source: Source) -> StoredProduct:
    """Store a product and its quicklooks where its row says.

    :raises ProductRejected: the container is damaged, or the digest is not the one that the chain stated.
    :raises LeaseLost: another worker has taken over meanwhile.
    :raises TransientError: no space, no connection, or the file changed while it was read.
    """
    section = delivery.served.section
    key = delivery.ingestion.key
    assert key is not None, "placed before"
    storage = context.storage(section.storage)
    algorithms = [*context.checksums, *([source.stated.algorithm] if source.stated else [])]
    size = source.claimed.size
    walk = walk_over(source.files, MemberDigests(product.metadata.manifest, size=size))
    reader = DigestReader(source.delivered, walk, size=size, algorithms=algorithms, go_on=source.go_on)
    with reader, delivery.watch.reading(lambda: reader.position):
        reader.check(source.seen)
        read = _transfer(storage, key, source.delivered.path if section.take_over == "link" else None, reader)
        _compare(source.stated, read)
        quicklooks = _store_quicklooks(storage, key, product)
        reader.check(source.seen)
    crashpoints.reached("stored")
    return StoredProduct(key=key, read=read, quicklooks=quicklooks)


def _transfer(storage: Storage, key: str, link: Path | None, reader: DigestReader) -> ReadProduct:
    if link is None or not storage.adopt(key, link):
        try:
            storage.put(key, cast("BinaryIO", reader), size=reader.size)
        finally:
            reader.raise_failure()
    read = reader.finish()
    stored = storage.stat(key)
    if stored is None or stored.size != read.size:
        raise TransientError(f"the storage does not hold the {read.size} bytes of {key} that were given to it")
    return read


def _compare(stated: StatedChecksum | None, read: ReadProduct) -> None:
    if stated is None or stated.value.lower() == read.checksums[stated.algorithm]:
        return
    computed = read.checksums[stated.algorithm]
    raise refusal(
        "QC-16", f"the sidecar states the {stated.algorithm} {stated.value.lower()}, the delivered file has {computed}"
    )


def _store_quicklooks(storage: Storage, key: str, product: InspectedProduct) -> tuple[str, ...]:
    files = product.files
    present = set(files.names())
    keys = {}
    for member in product.metadata.quicklooks:
        if member in present:
            keys[quicklook_key(key, _picture_name(member))] = member
        else:
            _log.warning("quicklook missing", product=product.identity.name, member=member)
    for target, member in keys.items():
        with files.open(member) as picture:
            storage.put(target, picture, size=files.size(member))
    return tuple(keys)


def quicklook_key(key: str, name: str) -> str:
    """Where a picture lies in the storage, beside the product with this key.

    :param name: its file name.
    """
    return f"{key.rpartition('/')[0]}/quicklooks/{name}"


def _picture_name(member: str) -> str:
    return _UNSAFE.sub("_", PurePosixPath(member).name.lstrip(".")) or "_"


def delete_stored(context: IngestContext, delivery: Delivery) -> None:
    """Delete all that was stored for an ingestion whose verdict is durable and says that it is never published.

    :raises LeaseLost: another worker has taken over.
    """
    if delivery.ingestion.key is None:
        return
    context.catalogue.ingestions.renew(delivery.ingestion, context.lease)
    _delete(context, delivery.ingestion)


def delete_orphan(context: IngestContext, delivery: Delivery) -> None:
    """Delete what was stored by a worker that was paused, after another one had refused the product and closed it.

    :raises TransientError: the storage or the catalogue cannot be used now.
    """
    if delivery.ingestion.key is not None and context.catalogue.ingestions.is_forgotten(delivery.ingestion.uuid):
        _delete(context, delivery.ingestion)


def _delete(context: IngestContext, row: Ingestion) -> None:
    if row.key is None or row.storage is None:
        return
    storage = context.storage(row.storage)
    prefix = row.key.rpartition("/")[0] + "/"
    storage.delete([stored.key for stored in storage.list(prefix)])
