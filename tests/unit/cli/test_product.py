"""What names mean, and products that are not there."""

from __future__ import annotations

from typing import Any

import pytest

from prip_core.testing.sentinel1 import Sentinel1Specification, build_sentinel1
from prip_core.testing.sentinel2 import Sentinel2Specification, build_sentinel2

HKTM = "S2A_OPER_PRD_HKTM___20250801T070620_20250801T071012_0001.tar"


@pytest.mark.parametrize("name", ["nothing", "3d40010a-f220-4667-9d38-1083994e5e48"])
def test_an_unknown_product_is_exit_code_1(instance: Any, name: str) -> None:
    result = instance.prip("product", "show", name)
    assert result.exit_code == 1
    assert name in result.stderr
    assert result.stdout == ""


def test_recognise_says_what_each_mission_makes_of_a_name(instance: Any) -> None:
    rows = instance.json("product", "recognise", f"/somewhere/{HKTM}")
    verdicts = {row["mission"]: (row["verdict"], row["type"], row["platform"]) for row in rows}
    assert verdicts == {"sentinel1": ("not mine", None, None), "sentinel2": ("mine", "PRD_HKTM__", "S2A")}
    assert all(row["name"] == HKTM for row in rows)


def test_a_name_that_nobody_claims_is_exit_code_1(instance: Any) -> None:
    result = instance.prip("product", "recognise", HKTM, "nonsense.bin")
    assert result.exit_code == 1
    assert "nonsense.bin: no mission claims this name" in result.stderr
    assert "PRD_HKTM__" in result.stdout


CLAIMING = """
from prip_core import MissionAdapter, ProductIdentity, ProductRejected, ProductType, hookimpl

class Greedy(MissionAdapter):
    NAME = "greedy"

    def product_types(self):
        return [ProductType(code="ANY", mission="greedy", description="anything")]

    def recognise(self, candidate):
        if candidate.name.startswith("refused"):
            raise ProductRejected(f"{candidate.name}: not to be offered")
        return ProductIdentity(name=candidate.name, product_type=self.product_types()[0], platform="X")

    def inspect(self, identity, files):
        raise ProductRejected("never asked here")

@hookimpl
def prip_register_missions():
    return [Greedy]
"""


def test_a_name_that_two_claim_or_one_refuses_is_exit_code_1(instance: Any) -> None:
    (instance.folder / "greedy.py").write_text(CLAIMING)
    text = instance.config.read_text().replace('missions = ["', 'missions = ["greedy", "')
    instance.config.write_text(text + '\n[plugins]\nlocal = ["greedy.py"]\n')
    assert instance.prip("product", "recognise", "anything").exit_code == 0
    both = instance.prip("product", "recognise", HKTM)
    assert both.exit_code == 1
    assert "greedy" in both.stderr
    assert "sentinel2" in both.stderr
    refused = instance.prip("product", "recognise", "refused.bin")
    assert refused.exit_code == 1
    assert "not to be offered" in refused.stderr


def test_a_name_that_is_no_text_is_no_product(instance: Any) -> None:
    shown = instance.prip("product", "show", "\udcff")
    assert shown.exit_code == 1
    assert "no product of this name" in shown.stderr


def test_a_product_is_withdrawn_once(instance: Any) -> None:
    name = build_sentinel1(Sentinel1Specification(product_type="AUX_POEORB"), instance.inbox).name
    instance.done("ingest", "--once")
    done = instance.prip("product", "withdraw", name, "--reason", "Corrupted product")
    assert (done.exit_code, done.stdout.startswith(name)) == (0, True)
    (shown,) = instance.json("product", "show", name)
    assert (shown["state"], shown["online"]) == ("WITHDRAWN", False)
    assert (shown["deleted"], shown["deletion_cause"]) == (shown["modified"], "Corrupted product")
    again = instance.prip("product", "withdraw", shown["id"], "--reason", "x")
    assert again.exit_code == 1
    assert "its state is WITHDRAWN" in again.stderr


def test_withdrawing_needs_a_product_and_a_reason(instance: Any) -> None:
    assert instance.prip("product", "withdraw", "nothing", "--reason", "x").exit_code == 1
    assert instance.prip("product", "withdraw", "nothing").exit_code == 2


def test_warnings_of_quality_control_are_shown(instance: Any) -> None:
    path = build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_TL", status="FAILED"), instance.inbox)
    instance.done("ingest", "--once")
    (shown,) = instance.json("product", "show", path.name)
    assert {(finding["rule"], finding["severity"]) for finding in shown["findings"]} == {("QC-17", "warning")}
    words = "finding  QC-17 warning: SENSOR_QUALITY: the inspection hrefExist is FAILED: hrefExist: FAILED"
    assert words in instance.done("product", "show", path.name).splitlines()
