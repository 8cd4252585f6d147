"""A disk fills up while everything runs: nothing more is claimed, the chain can read why, and it goes on by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint, wait_for
from tests.e2e.small_disk import SmallDisk, small_disk


@pytest.fixture
def disk(point: DeliveryPoint) -> Iterator[SmallDisk]:
    """Six MiB for the archive, of which two are to stay free."""
    point.environment |= {"PRIP__INGEST__MIN_FREE": "2"}
    with small_disk(point.archive) as disk:
        yield disk
        point.stop()  # before the disk goes


def said(point: DeliveryPoint, words: str) -> int:
    """How often they stand in the log."""
    return point.log_file.read_text().count(words)


def test_a_full_archive_stops_claims_until_there_is_room(
    disk: SmallDisk, point: DeliveryPoint, granule: Callable[..., Path]
) -> None:
    mark = point.inbox / ".paused"
    point.start()
    first = point.deliver(granule(1))
    point.listed(first)
    assert not mark.exists()
    with disk.full():
        wait_for(lambda: said(point, "ingest paused") == 2 and mark.exists(), "pause of both workers")
        assert (
            "the storage 'archive' has 0 MiB free, and 2 MiB are the least ([ingest] min_free); make room, 3 MiB"
            in mark.read_text()
        )
        second = point.deliver(granule(2))
        third = point.deliver(granule(3))
        overview = point.prip("inbox", "list", "--json").stdout
        assert '"unclaimed": 2' in overview
        assert sorted(path.name for path in (point.inbox / ".work").iterdir()) == [".spare"]
        assert point.page(count="true")["@odata.count"] == 1
    for name in (second, third):
        point.listed(name)
    wait_for(lambda: said(point, "ingest goes on") == 2 and not mark.exists(), "both workers at work")
    assert point.stop() == 0
    assert said(point, "ingest paused") == 2, "once for each worker"
