"""Processes that publish and withdraw without a pause, and a mirror that follows delta links meanwhile."""

from __future__ import annotations

import multiprocessing
import os
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from prip_core.catalogue import open_catalogue
from prip_core.clock import SystemClock
from prip_core.model import Candidate
from prip_core.products import NewProduct
from tests.singly import begin_one, publish_one

pytestmark = pytest.mark.parametrize("url", ["sqlite", "postgres"], indirect=True)

PRODUCTS = 3000 if os.environ.get("PRIP_SOAK") else 100
"""Of each process."""

LIST = "/odata/v1/Products"
LEASE = timedelta(minutes=1)


def write(url: str, model: NewProduct, ready: Any, seed: int) -> None:
    """In a process of its own: publish products as soon as all are ready, and take some of them off the list again."""
    catalogue, chance, mine = open_catalogue(url, SystemClock()), random.Random(seed), list[UUID]()
    ready.wait()
    for _ in range(PRODUCTS):
        product = replace(model, id=(uuid := uuid4()), name=f"S2B_OPER_MSI_L2A_TL_{uuid.hex}.tar")
        candidate = Candidate(name=product.name, path="x", size=1, arrived=datetime.now(UTC))
        ingestion = begin_one(catalogue.ingestions, product.id, "chain", candidate, LEASE)
        publish_one(catalogue.publication, product, ingestion)
        mine.append(product.id)
        match chance.randrange(4):
            case 0:
                catalogue.transitions.withdraw(chance.choice(mine), "Duplicated product")
            case 1:
                catalogue.transitions.begin_eviction(chance.choice(mine))
    catalogue.close()


def entries(client: Any, headers: dict[str, str], link: str, last: list[str]) -> Iterator[dict[str, Any]]:
    """What a link and the next links behind it tell; the delta link at the end is left in ``last``."""
    while link:
        answer = client.get(link, headers=headers)
        assert answer.status_code == 200, answer.text
        yield from answer.json["value"]
        last[:] = [answer.json.get("@odata.deltaLink", "")]
        link = answer.json.get("@odata.nextLink", "")


@pytest.mark.soak
def test_a_mirror_is_the_list_that_processes_write(house: Any, ann: dict[str, str]) -> None:
    processes = multiprocessing.get_context("spawn")
    model, ready = house.product(1, b"x"), processes.Barrier(4)
    writers = [processes.Process(target=write, args=(house.database, model, ready, seed)) for seed in (1, 2, 3)]
    for writer in writers:
        writer.start()
    ready.wait(120)
    client = house.client(page_size=7)
    headers = {**ann, "Prefer": "odata.track-changes"}
    mirror: set[str] = set()
    last = [LIST]
    ended = False
    while not ended:
        ended = not any(writer.is_alive() for writer in writers)  # before the last look, which sees all they did
        for entry in entries(client, headers, last[0], last):
            (mirror.discard if "@removed" in entry else mirror.add)(entry["Id"])
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    unread: list[str] = []
    assert mirror == {entry["Id"] for entry in entries(client, ann, LIST, unread)}
    assert 0 < len(mirror) < 3 * PRODUCTS
