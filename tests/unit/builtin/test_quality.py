"""The quality rules for every mission."""

from __future__ import annotations

import tarfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core import (
    Finding,
    InspectedProduct,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    Severity,
    TimeRange,
    open_product,
)
from prip_core.builtin.plugin import prip_qc_rules
from prip_core.builtin.quality import CHECKED_XML_LIMIT
from prip_core.testing.packages import write_tar, write_zip

TYPE = ProductType(code="T", mission="m", description="a type")
MOMENT = datetime(2025, 8, 1, tzinfo=UTC)


def findings(path: Path) -> list[Finding]:
    metadata = ProductMetadata(content=TimeRange(start=MOMENT, end=MOMENT), attributes=())
    identity = ProductIdentity(name=path.name, product_type=TYPE, platform="X")
    product = InspectedProduct(
        identity=identity, metadata=metadata, files=open_product(path), size=path.stat().st_size, now=MOMENT
    )
    return [finding for rule in prip_qc_rules(TYPE) for finding in rule(product)]


@pytest.mark.parametrize(
    "name, members",
    [
        ("P_N05.11.tar", ["P_N05.11/Inventory_Metadata.txt", "P_N05.11/QI_DATA/r"]),
        ("S1A.SAFE.zip", ["S1A.SAFE/manifest", "S1A.SAFE/annotation/calibration/a"]),
        ("S2A.zip", ["S2A.SAFE/manifest"]),
        ("S2A.SAFE.tar", ["S2A.SAFE/manifest"]),
        ("HKTM_0001.tar", ["HKTM_0001.SAFE/manifest"]),
        ("GIPP.TGZ", ["GIPP.HDR.txt", "GIPP.DBL"]),
        ("GIPP.tar.gz", ["GIPP/GIPP.DBL"]),
        ("orbit.EOF.zip", ["orbit"]),
    ],
)
def test_good_containers_pass(tmp_path: Path, name: str, members: list[str]) -> None:
    write_container(tmp_path / name, dict.fromkeys(members, b"bytes"))
    assert findings(tmp_path / name) == []


@pytest.mark.parametrize(
    "name, members, said",
    [
        ("P.tar", ["Q/file"], "top folder is Q, expected P or P.SAFE"),
        ("P.tar", ["P/file", "Q/file"], "2 entries at the top (P, Q)"),
        ("P.zip", ["P/file", "loose"], "2 entries at the top (P, loose)"),
        ("S1A.SAFE.zip", ["S1A/manifest"], "top folder is S1A, expected S1A.SAFE"),
        ("P.tar", ["p/file"], "top folder is p"),
        ("P.zip", [], "holds no file"),
        ("P.tar", [f"{number}/file" for number in range(9)], "9 entries at the top (0, 1, 2, 3, 4, …)"),
    ],
)
def test_containers_of_another_shape_do_not(tmp_path: Path, name: str, members: list[str], said: str) -> None:
    write_container(tmp_path / name, dict.fromkeys(members, b"bytes"))
    (found,) = findings(tmp_path / name)
    assert (found.rule, found.severity) == ("QC-05", Severity.ERROR)
    assert said in found.message


@pytest.mark.parametrize("member", ["P/Inventory_Metadata.xml", "P/manifest.safe", "P/orbit.EOF", "P/gipp.HDR"])
@pytest.mark.parametrize(
    "content, said",
    [
        (b"<open>", "well-formed"),
        (b"", "well-formed"),
        (b"not XML at all", "well-formed"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "document type"),
    ],
)
def test_members_near_the_top_are_xml(tmp_path: Path, member: str, content: bytes, said: str) -> None:
    write_tar(tmp_path / "P.tar", {"P/good.xml": b"<a/>", member: content})
    (found,) = findings(tmp_path / "P.tar")
    assert (found.rule, found.severity, found.member) == ("QC-07", Severity.ERROR, member)
    assert said in found.message


def test_a_bare_xml_product_is_looked_at_too(tmp_path: Path) -> None:
    (tmp_path / "report.xml").write_bytes(b"<a><b></a>")
    assert [found.member for found in findings(tmp_path / "report.xml")] == ["report.xml"]


def test_members_deep_large_or_of_another_kind_are_left_to_the_mission(tmp_path: Path) -> None:
    members = {
        "P/QI_DATA/deep.xml": b"<open>",
        "P/large.xml": b"<" * CHECKED_XML_LIMIT,
        "P/image.jp2": b"<open>",
        "P/envi.hdr": b"<open>",
    }
    write_tar(tmp_path / "P.tar", members)
    assert findings(tmp_path / "P.tar") == []


def write_container(path: Path, members: dict[str, bytes]) -> None:
    if path.suffix == ".zip":
        write_zip(path, members)
    elif path.suffix == ".tar":
        write_tar(path, members)
    else:
        plain = path.with_suffix(".plain")
        write_tar(plain, members)
        with tarfile.open(plain) as source, tarfile.open(path, "w:gz") as target:
            for member in source:
                target.addfile(member, source.extractfile(member))
