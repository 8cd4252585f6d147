"""What a server process builds from its settings."""

from __future__ import annotations

from typing import Any

import pytest

from prip_core.catalogue.sqlite import database
from prip_core.cli.serving import build
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

LABORIOUS = " or ".join(f"endswith(tolower(Name),'no{number}')" for number in range(300))


@pytest.mark.parametrize("seconds, status", (("0.000001", 400), ("60", 200)))
def test_questions_are_given_the_time_that_the_settings_say(
    instance: Any, monkeypatch: pytest.MonkeyPatch, seconds: str, status: int
) -> None:
    for code in ("MSI_L1C_TL", "MSI_L0__GR", "PRD_HKTM__", "MSI_L1C_DS"):
        build_sentinel2(Sentinel2Specification(product_type=code, size=50_000), instance.inbox)
    instance.done("ingest", "--once")
    monkeypatch.setattr(database, "_STEPS", 2000)
    monkeypatch.setenv("PRIP__AUTH__ANONYMOUS", "true")
    monkeypatch.setenv("PRIP__SERVE__ANSWER_WITHIN", seconds)
    answer = build(instance.config).test_client().get("/odata/v1/Products", query_string={"$filter": LABORIOUS})
    assert answer.status_code == status
    assert ("takes too long" in answer.text) == (status == 400)
