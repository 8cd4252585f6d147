"""Several processes that bring one database up to date at the same time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from prip_core.catalogue import schema_status, upgrade


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with nothing in it, on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'prip.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = server.create("template0")
    yield server.url(name)
    server.drop(name)


def run_upgrade(url: str, results: Any) -> None:
    results.put(len(upgrade(url)))


def test_one_of_several_upgrades_does_all(url: str) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=run_upgrade, args=(url, results)) for _ in range(3)]
    for worker in workers:
        worker.start()
    applied = sorted(results.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(timeout=60)
    assert applied == [0, 0, schema_status(url).latest]
