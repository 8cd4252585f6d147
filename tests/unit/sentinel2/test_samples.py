"""Real products: described, and without a finding that would keep them out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from prip_core import InspectedProduct, ProductRejected, Severity, format_utc
from prip_core.builtin.manifest_rules import listed_files_intact
from prip_core.ingest.digests import DigestReader
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.walks import walk_over
from prip_sentinel2.rules import rules_for

Deliver = Callable[[Path], InspectedProduct]
Pack = Callable[[str], Path]

DESCRIBED = {
    "S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.SAFE": "2021-07-13T03:20:51.024Z",
    "S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE": "2021-09-08T04:27:01.024Z",
    "S2A_MSIL2A_20230821T221941_N0509_R029_T01KAB_20230822T021825.SAFE": "2023-08-21T22:19:41.024Z",
    "S2B_MSIL2A_20220413T150759_N0400_R025_T33XWJ_20220414T082126.SAFE": "2022-04-13T15:07:59.024Z",
    "S2A_OPER_AUX_SADATA_EPAE_20190222T003515_V20190221T190438_20190221T204519_A019158_WF_LN": (
        "2019-02-21T19:04:38.000Z"
    ),
    "S2A_OPER_MSI_L0__GR_SGS__20191001T101733_S20191001T083650_D01_N02.08": "2019-10-01T08:36:50.840Z",
    "S2A_OPER_PRD_HKTM___20191203T051837_20191203T051842_0001.SAFE": "2019-12-03T05:18:37.000Z",
    "S2B_OPER_GIP_DATATI_MPC__20170428T123038_V20170322T000000_21000101T000000_B00": "2017-03-22T00:00:00.000Z",
    "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11": "2025-08-01T07:06:20.464Z",
    "S2B_OPER_MSI_L1C_DS_REFS_20221124T170956_S20221011T064025_N04.00": "2022-10-11T06:40:25.456Z",
    "S2B_OPER_MSI_L2A_TL_2BPS_20250801T074829_A043890_T47XMH_N05.11": "2025-08-01T07:06:50.156Z",
    "S2__OPER_AUX_UT1UTC_PDMC_20220407T000000_V20220408T000000_20230407T000000": "2022-04-08T00:00:00.000Z",
}

INCOMPLETE = {
    "S2A_OPER_MSI_L1B_DS_VGS1_20210827T055640_S20210827T034536_N03.01": "Inventory_Metadata.xml is missing",
    "S2B_OPER_MSI_L0__DS_2BPS_20250801T074015_S20250801T070620_N05.11": "metadata file .* is missing",
    "S2B_MSIL2A_20230823T095559_N0509_R122_T34UCF_20230823T124759.SAFE": "MTD_MSIL2A.xml is missing",
}


def errors(product: InspectedProduct) -> list[str]:
    found = [finding for rule in rules_for(product.identity.product_type) for finding in rule(product)]
    return [f"{finding.rule} {finding.message}" for finding in found if finding.severity is Severity.ERROR]


@pytest.mark.parametrize("folder", DESCRIBED)
def test_a_real_product_is_described_and_accepted(folder: str, packed: Pack, deliver: Deliver) -> None:
    product = deliver(packed(folder))
    assert format_utc(product.metadata.content.start) == DESCRIBED[folder]
    assert errors(product) == []


@pytest.mark.parametrize("folder", INCOMPLETE)
def test_a_sample_without_its_metadata_is_refused(folder: str, packed: Pack, deliver: Deliver) -> None:
    with pytest.raises(ProductRejected, match=INCOMPLETE[folder]):
        deliver(packed(folder))


@pytest.mark.parametrize(
    "name, start, end, parts",
    [
        (
            "S2B_OPER_MSI_L0__DS_2BPS_20250801T074015_S20250801T070620_N05.11",
            "2025-08-01T07:06:20.464Z",
            "2025-08-01T07:08:26.736Z",
            432,
        ),
        (
            "S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11",
            "2025-08-01T07:06:20.464Z",
            "2025-08-01T07:06:20.464Z",
            0,
        ),
        (
            "S2B_OPER_MSI_L2A_TL_2BPS_20250801T074829_A043890_T47XMH_N05.11",
            "2025-08-01T07:06:50.156Z",
            "2025-08-01T07:06:50.156Z",
            0,
        ),
    ],
)
def test_a_real_delivery_gzipped_by_its_collector_is_described(
    name: str, start: str, end: str, parts: int, samples: Path, deliver: Deliver
) -> None:
    product = deliver(samples / name / f"{name}.tar")
    assert product.files.container == "gzipped tar"
    assert (format_utc(product.metadata.content.start), format_utc(product.metadata.content.end)) == (start, end)
    assert len(product.metadata.parts) == parts
    assert errors(product) == []


def test_a_real_true_colour_image_is_described(samples: Path, deliver: Deliver) -> None:
    product = deliver(samples / "S2B_OPER_MSI_L1C_TC_EPAE_20191001T102654_A013417_T39UWP_N02.08.jp2")
    values = {attribute.name: attribute.value for attribute in product.metadata.attributes}
    assert (values["tileId"], values["cloudCover"], values["orbitNumber"]) == ("39UWP", 98.4378, 13417)
    assert "dsParentId" not in values
    assert product.metadata.footprint is not None
    assert len(product.metadata.footprint.polygons[0]) == 7
    assert errors(product) == []


def test_real_quality_reports_are_described_and_consistent(samples: Path, deliver: Deliver) -> None:
    reports = sorted(samples.glob("S2*/QI_DATA/S2*_report.xml"))
    assert len(reports) == 8
    for report in reports:
        product = deliver(report)
        values = {attribute.name: attribute.value for attribute in product.metadata.attributes}
        assert values["qualityStatus"] == "NOMINAL"
        assert values["parentProduct"] == report.parent.parent.name
        assert errors(product) == []


def test_a_real_quality_report_of_the_level_2a_processor_is_consistent(
    samples: Path, tmp_path: Path, deliver: Deliver
) -> None:
    (source,) = samples.glob("S2B_MSIL2A_20230823*/GRANULE/*/QI_DATA/L2A_QUALITY.xml")
    path = tmp_path / "S2B_OPER_MSI_L2A_TL_2BPS_20230823T124759_A033753_T34UCF_L2A_QUALITY_report.xml"
    path.write_bytes(source.read_bytes())
    product = deliver(path)
    assert errors(product) == []


def test_a_user_product_under_another_name_is_found_out(samples: Path, packed: Pack, deliver: Deliver) -> None:
    path = packed("S2A_MSIL1C_20210908T042701_N0301_R133_T46RER_20210908T070248.SAFE")
    renamed = path.with_name("S2A_MSIL1C_20210908T042701_N0301_R133_T46RFR_20210908T070248.SAFE.zip")
    path.rename(renamed)
    found = errors(deliver(renamed))
    assert [message[:17] for message in found] == ["QC-11 PRODUCT_URI", "QC-11 granuleIden"]


@pytest.mark.parametrize(
    ("folder", "whole"),
    [
        ("S2A_MSIL1C_20210713T032051_N0301_R032_T48LWP_20210713T054224.SAFE", 12),
        ("S2B_OPER_MSI_L0__GR_2BPS_20250801T074015_S20250801T070620_D04_N05.11", 1),
        ("S2B_OPER_MSI_L2A_TL_2BPS_20250801T074829_A043890_T47XMH_N05.11", 1),
    ],
)
def test_real_manifests_are_kept_by_the_files_that_are_there(
    folder: str, whole: int, packed: Pack, deliver: Deliver
) -> None:
    """Samples lack their images, or have them cut; what is whole has the digests that the chain wrote down."""
    path = packed(folder)
    product = deliver(path)
    listed = product.metadata.manifest
    assert {each.algorithm for each in listed.values()} == {"SHA3-256"}
    uncut = {name for name in product.files.names() if name in listed and product.files.size(name) == listed[name].size}
    assert len(uncut) == whole
    walk = walk_over(product.files, MemberDigests(listed, size=product.size))
    with DigestReader(path, walk, size=product.size, algorithms=(), go_on=lambda: None) as reader:
        members = reader.finish().members
    found = listed_files_intact(replace(product, members={name: members[name] for name in uncut}))
    assert list(found) == []
