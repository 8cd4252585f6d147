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
    assert {(finding["rule"], finding["severity"]) for finding in shown["findings"]} == {
        ("QC-17", "warning"),
        ("QC-20", "warning"),
    }
    words = "finding  QC-17 warning: SENSOR_QUALITY: the inspection hrefExist is FAILED: hrefExist: FAILED"
    assert words in instance.done("product", "show", path.name).splitlines()


def report(instance: Any, **changes: Any) -> str:
    """Delivers a report about the tile of :func:`tile`; its name."""
    about = Sentinel2Specification(product_type="OLQC_REPORT", reported="MSI_L1C_TL", **changes)
    return build_sentinel2(about, instance.inbox).name


def tile(instance: Any, **changes: Any) -> str:
    return build_sentinel2(Sentinel2Specification(product_type="MSI_L1C_TL", **changes), instance.inbox).name


def test_the_reports_about_a_product_make_its_quality(instance: Any) -> None:
    product = tile(instance)
    instance.done("ingest", "--once")
    assert shown_quality(instance, product) == ("unreported", [])
    good, bad = report(instance), report(instance, check="SENSOR_QUALITY", status="FAILED")
    report(instance, check="SENSOR_QUALITY", tile="48XMH")
    instance.done("ingest", "--once")
    verdict, reports = shown_quality(instance, product)
    assert verdict == "failed"
    assert {each["name"]: (each["check"], each["status"], each["date"]) for each in reports} == {
        good: ("GENERAL_QUALITY", "NOMINAL", "2025-08-01T07:40:20.000Z"),
        bad: ("SENSOR_QUALITY", "DEGRADED", "2025-08-01T07:40:20.000Z"),
    }
    failed = {finding["message"] for each in reports for finding in each["findings"]}
    assert "SENSOR_QUALITY: the inspection hrefExist is FAILED: hrefExist: FAILED" in failed
    lines = instance.done("product", "show", product).splitlines()
    assert "quality  failed" in lines
    assert f"report   SENSOR_QUALITY  DEGRADED  2025-08-01T07:40:20.000Z  {bad}" in lines
    assert any(line.startswith("  finding  QC-17 warning: SENSOR_QUALITY: the inspection") for line in lines)


def test_good_reports_and_findings_of_its_own_are_told_apart(instance: Any) -> None:
    good, doubtful = tile(instance), tile(instance, tile="48XMH", quality=100.0, cloud_cover=120.0)
    about, same = report(instance), report(instance, tile="48XMH")
    instance.done("ingest", "--once")
    assert [shown_quality(instance, name)[0] for name in (good, doubtful)] == ["passed", "warned"]
    assert [instance.json("product", "show", name)[0]["parent"] + ".tar" for name in (about, same)] == [good, doubtful]


def shown_quality(instance: Any, name: str) -> tuple[str, list[Any]]:
    (shown,) = instance.json("product", "show", name)
    return shown["quality"]["verdict"], shown["quality"]["reports"]
