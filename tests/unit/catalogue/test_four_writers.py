"""Four writers on one database: none is locked out, and a poller sees every product, in order."""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

import orjson
import pytest

from prip_core.catalogue import Catalogue, open_catalogue
from prip_core.clock import SystemClock
from prip_core.model import Candidate
from prip_core.odata.options import parse_collection_options
from prip_core.products import NewProduct
from tests.singly import begin_one, publish_one

PRODUCTS = 3000 if os.environ.get("PRIP_SOAK") else 100
"""Of each writer."""

PAGE = 1000
LEASE = timedelta(minutes=1)


def write(url: str, model: NewProduct, ready: Any, published: Any) -> None:
    """In a process of its own: publish products without a pause as soon as all are ready; report their names."""
    catalogue = open_catalogue(url, SystemClock())
    names = []
    ready.wait()
    for _ in range(PRODUCTS):
        product = replace(model, id=(uuid := uuid4()), name=f"S2B_OPER_MSI_L2A_TL_{uuid.hex}.tar")
        candidate = Candidate(name=product.name, path="x", size=1, arrived=datetime.now(UTC))
        ingestion = begin_one(catalogue.ingestions, product.id, "chain", candidate, LEASE)
        publish_one(catalogue.publication, product, ingestion, channels=["trace"])
        catalogue.ingestions.close(ingestion)
        names.append(product.name)
    published.put(names)


def poll(catalogue: Catalogue, last: str) -> Sequence[dict[str, Any]]:
    """What a client that polls is given: a page of what was published after the last one that it saw."""
    options = [("$filter", f"PublicationDate gt {last}"), ("$orderby", "PublicationDate")]
    page = catalogue.products.page(parse_collection_options(options, PAGE), list_evicted=False)
    return [orjson.loads(b"{%b}" % row.fixed) for row in page.rows]


@pytest.mark.soak
def test_a_poller_sees_what_four_writers_publish(url: str, new_product: Callable[..., NewProduct]) -> None:
    context = multiprocessing.get_context("spawn")
    published, ready = context.Queue(), context.Barrier(4)
    writers = [context.Process(target=write, args=(url, new_product(), ready, published)) for _ in range(4)]
    for writer in writers:
        writer.start()
    catalogue = open_catalogue(url, SystemClock())
    seen: list[dict[str, Any]] = []
    shares: list[list[str]] = []
    while True:
        all_done = len(shares) == len(writers)  # before the last look, so that it sees what they did at the end
        found = poll(catalogue, seen[-1]["PublicationDate"] if seen else "2000-01-01")
        seen.extend(found)
        if all_done and not found:
            break
        if not found:
            time.sleep(0.01)
        assert all(writer.exitcode in {None, 0} for writer in writers)
        while not published.empty():
            shares.append(published.get())
    catalogue.close()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert all(earlier["PublicationDate"] < later["PublicationDate"] for earlier, later in pairwise(seen))
    assert len(seen) == 4 * PRODUCTS
    assert sorted(product["Name"] for product in seen) == sorted(name for share in shares for name in share)
