"""What products without a parent take over from their kin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from prip_core.catalogue import Catalogue, PublishOutcome
from prip_core.model import Attribute, Kin, TimeRange
from tests.unit.catalogue.families import BY_RULE, INHERITED, OF_STRIP, OWN, RECEIVED, answer, values

Publish = Callable[..., PublishOutcome]

DATATAKE = Attribute(name="productGroupId", value="GS2B_2025'0801")
KIN = Kin(attribute="productGroupId", product_types=("DS", "OTHER_DS"))
SENSED = TimeRange(start=BY_RULE - timedelta(hours=2), end=BY_RULE - timedelta(hours=1))


@pytest.fixture
def related(publish: Publish, catalogue: Catalogue) -> Callable[..., dict[str, Any]]:
    """Publishes a product without parent that has kin; what it knows then."""

    def related(**changes: Any) -> dict[str, Any]:
        values_ = {"attributes": (DATATAKE, *OWN), "content": SENSED, "origin_date": BY_RULE, "origin_estimated": True}
        uuid = uuid4()
        publish(**{"id": uuid, "product_type": "DS2", "inherits": INHERITED, "kin": KIN, **values_, **changes})
        return {**values(catalogue, uuid), "OriginDate": answer(catalogue, uuid)["OriginDate"]}

    return related


def test_a_product_without_parent_inherits_from_its_kin(
    strip: Callable[..., None], related: Callable[..., dict[str, Any]]
) -> None:
    assert related()["OriginDate"] == "2025-08-01T07:40:00.000Z"
    strip(attributes=(DATATAKE, *OF_STRIP), content=TimeRange(start=SENSED.end, end=BY_RULE))
    known = related()
    assert (known["caduSession"], known["OriginDate"]) == ("S2B_20250801071500043890", "2025-08-01T07:15:02.120Z")
    assert "operationalMode" not in known
    own = related(attributes=(DATATAKE, Attribute(name="caduSession", value="mine")), origin_estimated=False)
    assert (own["caduSession"], own["OriginDate"]) == ("mine", "2025-08-01T07:40:00.000Z")


@pytest.mark.parametrize(
    "other",
    [
        {"attributes": OF_STRIP},
        {"attributes": (Attribute(name="productGroupId", value="another"), *OF_STRIP)},
        {"content": TimeRange(start=SENSED.end + timedelta(milliseconds=1), end=BY_RULE)},
        {"product_type": "GR"},
    ],
    ids=["no datatake", "another datatake", "later", "another type"],
)
def test_what_is_no_kin_passes_nothing_on(
    strip: Callable[..., None], related: Callable[..., dict[str, Any]], other: dict[str, Any]
) -> None:
    strip(**{"attributes": (DATATAKE, *OF_STRIP), "content": SENSED, **other})
    known = related()
    assert "caduSession" not in known
    assert known["OriginDate"] == "2025-08-01T07:40:00.000Z"


def test_kin_that_disagree_pass_on_what_they_agree_upon(
    strip: Callable[..., None], related: Callable[..., dict[str, Any]]
) -> None:
    strip(attributes=(DATATAKE, *OF_STRIP), content=SENSED)
    second = (DATATAKE, OF_STRIP[0], Attribute(name="downlinkOrbitNumber", value=7))
    later = RECEIVED + timedelta(hours=1)
    strip(name="second.tar", product_type="OTHER_DS", attributes=second, content=SENSED, origin_date=later)
    strip(name="third.tar", attributes=(DATATAKE,), content=SENSED, origin_estimated=True)
    known = related()
    assert known["caduSession"] == "S2B_20250801071500043890"
    assert "downlinkOrbitNumber" not in known
    assert known["OriginDate"] == "2025-08-01T07:40:00.000Z"
    assert "caduSession" not in related(attributes=OWN)


def test_a_group_that_nobody_could_ask_for_has_no_kin(related: Callable[..., dict[str, Any]]) -> None:
    known = related(attributes=(Attribute(name="productGroupId", value="GS2B" * 10_000),))
    assert known["OriginDate"] == "2025-08-01T07:40:00.000Z"
