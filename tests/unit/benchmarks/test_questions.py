"""The questions: a delivery point answers each, and the service of comparison finds the same products."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from random import Random

import pytest

from benchmarks.client import Client
from benchmarks.odata import monitor, questions
from benchmarks.odata.databases import Database, Databases
from benchmarks.odata.questions import Question
from benchmarks.odata.stores import Server, Stores
from prip_core.testing.delivery_point import DeliveryPoint

_ROWS = 3000
_BOTH = (
    questions.poll,
    questions.poll_1000,
    questions.contains,
    questions.contains_rare,
    questions.contains_none,
    questions.starts_with,
    questions.by_name,
    questions.newer_half,
    questions.newer_half_counted,
    questions.tile,
    monitor.window_question,
    monitor.empty_window_question,
)
_OURS = (
    questions.attribute,
    questions.intersects,
    monitor.prefix_question,
    monitor.absent_prefix_question,
    monitor.absent_suffix_question,
    monitor.eviction_question,
)


@pytest.fixture(scope="module")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stores]:
    pytest.importorskip("fastapi", reason="the service of comparison needs prip[bench]")
    folder = tmp_path_factory.mktemp("questions")
    template = DeliveryPoint.make(folder / "template", ("sentinel1", "sentinel2"))
    with ExitStack() as stack:
        yield Stores(folder, template, Databases(folder, stack), stack)


def _answer(server: Server, question: Question, *, of_peer: bool = False) -> dict[str, object]:
    asked = question(Random(5), _ROWS)
    with Client(server.port, server.login) as client:
        answer: dict[str, object] = json.loads(client.get(asked.target(server.path, of_peer=of_peer)))
    if asked.finds:
        assert answer["value"]
    return answer


def _ids(answer: dict[str, object]) -> list[str]:
    products = answer["value"]
    assert isinstance(products, list)
    return [product["Id"] for product in products]


@pytest.mark.parametrize("question", _BOTH)
def test_both_services_find_the_same(stores: Stores, question: Question) -> None:
    ours = _answer(stores.ours(Database.SQLITE, _ROWS), question)
    theirs = _answer(stores.theirs(Database.SQLITE, _ROWS), question, of_peer=True)
    assert _ids(ours) == _ids(theirs)
    assert ours.get("@odata.count") == theirs.get("@odata.count")


@pytest.mark.parametrize("question", _OURS)
def test_a_delivery_point_answers(stores: Stores, question: Question) -> None:
    _answer(stores.ours(Database.SQLITE, _ROWS), question)


def test_a_catalogue_of_an_earlier_run_is_used_again(stores: Stores) -> None:
    made = stores.point(Database.SQLITE, 20).database
    before = made.stat().st_mtime_ns
    assert stores.point(Database.SQLITE, 20).database.stat().st_mtime_ns == before
