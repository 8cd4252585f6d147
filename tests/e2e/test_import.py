"""A catalogue moves: what one delivery point answers, another imports, lists, and offers where it has the bytes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from prip_core.testing.delivery_point import DeliveryPoint
from prip_core.testing.postgres import PostgresServer
from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1

FEW = {"PRIP__INGEST__WORKERS": "1", "PRIP__SERVE__PROCESSES": "1"}


@pytest.fixture
def point(point: DeliveryPoint) -> DeliveryPoint:
    """With as few processes as can be: there are two delivery points in each test."""
    point.environment |= FEW
    return point


@pytest.fixture
def other(template: DeliveryPoint, tmp_path: Path) -> Iterator[DeliveryPoint]:
    """Where the catalogue goes."""
    other = template.copy(tmp_path / "other")
    other.environment |= FEW
    yield other
    other.stop()


def test_an_answer_is_imported_with_its_ids_and_dates(
    point: DeliveryPoint, other: DeliveryPoint, granule: Callable[..., Path], tmp_path: Path
) -> None:
    products = [granule(number) for number in range(7)]
    for product in products:
        point.deliver(product)
    point.start()
    for product in products:
        point.listed(product.name)
    answer = point.page(expand="Attributes", orderby="PublicationDate")
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    for _ in range(2):
        imported = other.prip("import", str(tmp_path / "answer.json"))
        assert imported.returncode == 0, imported.stderr
    assert "imported 0, already there 7" in imported.stdout
    other.start(PRIP__SERVE__LIST_EVICTED="true")
    listed = other.page(expand="Attributes", orderby="PublicationDate")["value"]
    assert [{**product, "Online": True} for product in listed] == answer["value"]
    assert not any(product["Online"] for product in listed)
    status, _ = other.get(f"{other.products_url}({listed[0]['Id']})/$value")
    assert status == 404
    new = granule(8)
    other.deliver(new)
    assert other.listed(new.name)["PublicationDate"] > listed[-1]["PublicationDate"]


def test_what_is_imported_as_online_is_offered_from_the_archive(
    point: DeliveryPoint, other: DeliveryPoint, granule: Callable[..., Path], tmp_path: Path
) -> None:
    product = granule(1)
    point.deliver(product)
    point.start()
    point.listed(product.name)
    (tmp_path / "answer.json").write_text(json.dumps(point.page(expand="Attributes")))
    shutil.copytree(point.archive, other.archive, dirs_exist_ok=True)
    imported = other.prip("import", "--online", str(tmp_path / "answer.json"))
    assert "with their bytes here 1" in imported.stdout, imported.stderr
    other.start()
    found = other.listed(product.name)
    assert found["Online"] is True
    assert other.get(f"{other.products_url}({found['Id']})/$value") == (200, product.read_bytes())


def test_a_catalogue_moves_to_the_other_kind_of_database(
    point: DeliveryPoint,
    other: DeliveryPoint,
    granule: Callable[..., Path],
    postgres: PostgresServer,
    tmp_path: Path,
) -> None:
    pictured = build_sentinel1(Sentinel1Specification(), tmp_path)
    names = [point.deliver(product) for product in (pictured, granule(1), granule(2))]
    point.start()
    ids = [point.listed(name)["Id"] for name in names]
    assert point.prip("product", "withdraw", names[2], "--reason", "Obsolete product").returncode == 0
    pages = ("Products?$expand=Attributes,Quicklooks", "DeletedProducts?$expand=Attributes")
    before = [json.loads(point.get(f"/odata/v1/{page}")[1])["value"] for page in pages]
    point.stop()
    assert point.prip("export", "-o", str(tmp_path / "catalogue.ndjson")).returncode == 0

    other.environment["PRIP__DATABASE__URL"] = postgres.url(postgres.create())
    shutil.copytree(point.archive, other.archive, dirs_exist_ok=True)
    (tmp_path / "password").write_text(other.credentials[1])
    for command in (
        ("db", "upgrade"),
        ("import", "--online", str(tmp_path / "catalogue.ndjson")),
        ("user", "add", "ada", "--password-file", str(tmp_path / "password"), "--role", "Download"),
    ):
        done = other.prip(*command)
        assert done.returncode == 0, done.stderr
    other.start()
    assert [json.loads(other.get(f"/odata/v1/{page}")[1])["value"] for page in pages] == before
    assert len(before[0]) == 2
    assert len(before[1]) == 1
    assert other.get(f"/odata/v1/Products({ids[0]})/$value") == (200, pictured.read_bytes())
    status, picture = other.get(f"/odata/v1/Products({ids[0]})/Quicklooks('quick-look.png')/$value")
    assert (status, picture[:4]) == (200, b"\x89PNG")
    new = granule(3)
    other.deliver(new)
    assert other.listed(new.name)["PublicationDate"] > max(each["PublicationDate"] for each in before[0] + before[1])
