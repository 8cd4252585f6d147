"""A catalogue moves: what one delivery point answers, another imports, lists, and offers where it has the bytes."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from prip_core.testing.delivery_point import DeliveryPoint


def test_an_answer_is_imported_with_its_ids_and_dates(
    point: DeliveryPoint, template: DeliveryPoint, granule: Callable[..., Path], tmp_path: Path
) -> None:
    products = [granule(number) for number in range(7)]
    for product in products:
        point.deliver(product)
    point.start()
    for product in products:
        point.listed(product.name)
    answer = point.page(expand="Attributes", orderby="PublicationDate")
    (tmp_path / "answer.json").write_text(json.dumps(answer))
    other = template.copy(tmp_path / "other")
    for _ in range(2):
        imported = other.prip("import", str(tmp_path / "answer.json"))
        assert imported.returncode == 0, imported.stderr
    assert "imported 0, already there 7" in imported.stdout
    other.start(PRIP__SERVE__LIST_EVICTED="true")
    try:
        listed = other.page(expand="Attributes", orderby="PublicationDate")["value"]
        assert [{**product, "Online": True} for product in listed] == answer["value"]
        assert not any(product["Online"] for product in listed)
        status, _ = other.get(f"{other.products_url}({listed[0]['Id']})/$value")
        assert status == 404
        new = granule(8)
        other.deliver(new)
        assert other.listed(new.name)["PublicationDate"] > listed[-1]["PublicationDate"]
    finally:
        other.stop()


def test_what_is_imported_as_online_is_offered_from_the_archive(
    point: DeliveryPoint, template: DeliveryPoint, granule: Callable[..., Path], tmp_path: Path
) -> None:
    product = granule(1)
    point.deliver(product)
    point.start()
    point.listed(product.name)
    (tmp_path / "answer.json").write_text(json.dumps(point.page(expand="Attributes")))
    other = template.copy(tmp_path / "other")
    shutil.copytree(point.archive, other.archive, dirs_exist_ok=True)
    imported = other.prip("import", "--online", str(tmp_path / "answer.json"))
    assert "online 1" in imported.stdout, imported.stderr
    other.start()
    try:
        found = other.listed(product.name)
        assert found["Online"] is True
        assert other.get(f"{other.products_url}({found['Id']})/$value") == (200, product.read_bytes())
    finally:
        other.stop()
