"""Ways that a product may take, one for each: what was delivered is given back, to be looked for at the end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from prip_core.crashpoints import LABELS
from prip_core.testing.delivery_point import DeliveryPoint

Ingest = Callable[[DeliveryPoint], None]
Build = Callable[..., Path]

REFUSING = tuple(label for label in LABELS if label.startswith("reject."))
PUBLISHING = tuple(label for label in LABELS if label not in REFUSING)
LINK = '[{"path": "inbox", "quarantine": "quarantine", "take_over": "link"}]'


def publish(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> dict[str, bytes]:
    product = granule(1)
    point.deliver(product)
    return {product.name: product.read_bytes()}


def side_by_side(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> dict[str, bytes]:
    products = [granule(number) for number in (1, 2, 3)]
    for product in products:
        point.deliver(product)
    return {product.name: product.read_bytes() for product in products}


def take_over_by_link(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> dict[str, bytes]:
    point.environment["PRIP__INBOX"] = LINK
    return publish(point, granule, ingest_all)


def duplicate(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> dict[str, bytes]:
    delivered = publish(point, granule, ingest_all)
    ingest_all(point)
    point.deliver(granule(1))
    return delivered


def refuse_by_name(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> dict[str, bytes]:
    name = point.deliver(granule(1), name="HOLIDAY_PICTURES.tar")
    return {name: granule(1).read_bytes()}


def refuse_by_metadata(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> dict[str, bytes]:
    product = granule(2, without=("Inventory_Metadata.xml", "manifest.safe"), baseline="05.12")
    point.deliver(product)
    return {product.name: product.read_bytes()}


def refuse_by_content(point: DeliveryPoint, granule: Build, ingest_all: Ingest) -> dict[str, bytes]:
    product = granule(1)
    other = hashlib.md5(b"other bytes").hexdigest()
    point.deliver(product, sidecar={"checksum": {"algorithm": "MD5", "value": other}})
    return {product.name: product.read_bytes()}
