"""The catalogue made by rule: different products by date of publication, as a delivery point answers them."""

from __future__ import annotations

from itertools import pairwise

import orjson
import pytest

from benchmarks.odata.documents import document, documents
from prip_core.model import ProductType
from prip_core.odata.payload import expanded_text, product_text, render_attributes, render_fixed
from prip_core.odata.reading import read_product
from prip_core.times import to_milliseconds


def _kind_of(name: str, code: str | None) -> ProductType:
    return ProductType(code=code or name, mission="sentinel2", description="")


def test_no_two_products_share_an_id_or_a_name() -> None:
    found = list(documents(10_000))
    assert len({each["Id"] for each in found}) == len({each["Name"] for each in found}) == 10_000


def test_products_come_in_order_of_publication() -> None:
    assert all(first["PublicationDate"] < then["PublicationDate"] for first, then in pairwise(documents(1000)))


def test_a_smaller_catalogue_is_the_beginning_of_a_larger_one() -> None:
    assert list(documents(3)) == [document(0), document(1), document(2)] == list(documents(300))[:3]


@pytest.mark.parametrize("share", (0.0, 0.77, 1.0))
def test_the_share_of_reports(share: float) -> None:
    found = list(documents(2000, share))
    reports = [each for each in found if each["Name"].endswith("_report.xml")]
    assert len(reports) / len(found) == pytest.approx(share, abs=0.03)
    assert all(each["GeoFootprint"] is None for each in reports)


@pytest.mark.parametrize("number", range(40))
def test_a_product_is_written_as_a_delivery_point_answers_it(number: int) -> None:
    written = document(number)
    read = read_product(orjson.loads(orjson.dumps(written)), _kind_of)
    answered = product_text(
        render_fixed(read.product, read.publication_date).encode(),
        expanded_text("Attributes", render_attributes(read.product.attributes).encode()),
        online=read.online,
        eviction_ms=to_milliseconds(read.product.eviction_date),
        modification_ms=to_milliseconds(read.modification_date),
    )
    found, expected = orjson.loads(answered), orjson.loads(orjson.dumps(written))
    for each in (found, expected):
        each["Attributes"].sort(key=lambda attribute: attribute["Name"])
        for attribute in each["Attributes"]:
            attribute.pop("@odata.type", None)
    assert found == expected
