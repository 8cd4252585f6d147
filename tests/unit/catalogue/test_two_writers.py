"""Two processes write attributes: what one remembers of their names, the other may have changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from prip_core.catalogue import Catalogue, open_catalogue
from prip_core.model import Attribute, Candidate
from prip_core.testing.clock import FixedClock
from tests.singly import begin_one, publish_one

ORBIT = (Attribute(name="orbitNumber", value=43_829),)


@pytest.fixture
def publish_by(new_product: Callable[..., Any], clock: FixedClock) -> Callable[..., None]:
    """Publishes a product with an orbit number through one of the catalogues."""

    def publish(catalogue: Catalogue, *indexed: str) -> None:
        product = new_product(attributes=ORBIT, indexed=indexed)
        candidate = Candidate(name=product.name, path=product.name, size=1, arrived=clock.now())
        ingestion = begin_one(catalogue.ingestions, product.id, "chain", candidate, timedelta(minutes=1))
        publish_one(catalogue.publication, product, ingestion)

    return publish


def test_an_index_that_another_process_began_lacks_nothing(
    url: str,
    catalogue: Catalogue,
    clock: FixedClock,
    publish_by: Callable[..., None],
    sql: Callable[[str], list[tuple[Any, ...]]],
) -> None:
    other = open_catalogue(url, clock)
    try:
        publish_by(catalogue)
        publish_by(other, "orbitNumber")
        publish_by(catalogue)
        publish_by(other)
        assert sql("SELECT seq FROM attribute_number ORDER BY seq") == [(1,), (2,), (3,), (4,)]
    finally:
        other.close()
