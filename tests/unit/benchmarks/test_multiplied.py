"""A catalogue several times over: what was there stays, the copies come later and have Ids and names of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from benchmarks.client import Client
from benchmarks.odata import filling
from benchmarks.odata.documents import REPORTS
from benchmarks.odata.multiplied import multiply
from benchmarks.odata.questions import moment
from benchmarks.serving import serving
from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.postgres import PostgresServer

_ROWS = 200


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer) -> Iterator[Client]:
    """Of a delivery point with three times 200 products."""
    template = DeliveryPoint.make(tmp_path_factory.mktemp("point") / "point", ("sentinel2",))
    name = postgres.create()
    settings = {setting: value for setting, value in template.environment.items() if setting != "PRIP__SERVE__PORT"}
    point = DeliveryPoint(template.folder, settings | {"PRIP__DATABASE__URL": postgres.url(name)})
    filling.fill(point, postgres.url(name), _ROWS, REPORTS)
    multiply(partial(postgres.execute, database=name), _ROWS, 3)
    with ExitStack() as stack:
        served = stack.enter_context(serving(point))
        yield stack.enter_context(Client(served.port, served.credentials))
    postgres.drop(name)


def _answer(client: Client, filter_: str) -> list[dict[str, str]]:
    path = f"/odata/v1/Products?$count=true&$top=1000&$orderby=PublicationDate&$filter={filter_}".replace(" ", "%20")
    answer = json.loads(client.get(path))
    assert answer["@odata.count"] == len(answer["value"])
    products: list[dict[str, str]] = answer["value"]
    return products


def test_copies_are_later(client: Client) -> None:
    found = _answer(client, f"PublicationDate ge {moment(0)}")
    assert [each["ModificationDate"] for each in found] == [moment(number) for number in range(3 * _ROWS)]


@pytest.mark.parametrize(
    "condition",
    [
        "contains(Name,'_C002')",
        f"PublicationDate gt {moment(2 * _ROWS - 1)}",
        f"EvictionDate ge {moment(2 * _ROWS + 7 * 86400 / 0.13)}",
    ],
)
def test_a_copy_is_found(client: Client, condition: str) -> None:
    assert len(_answer(client, condition)) == _ROWS


@pytest.mark.parametrize("unit", "ABC")
def test_values_of_attributes_have_the_products_of_all_copies(client: Client, unit: str) -> None:
    serial = "Attributes/any(a:a/Name eq 'platformSerialIdentifier' and a/Value eq '{}')"
    all_of_it = _answer(client, serial.format(unit))
    assert len(all_of_it) == 3 * len(_answer(client, f"{serial.format(unit)} and PublicationDate lt {moment(_ROWS)}"))
