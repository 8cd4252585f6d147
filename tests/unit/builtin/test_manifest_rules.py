"""Products held against their manifests: missing files, wrong sizes, wrong digests."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from prip_core import (
    InspectedProduct,
    ListedMember,
    ProductIdentity,
    ProductMetadata,
    ProductType,
    Severity,
    TimeRange,
    open_product,
)
from prip_core.builtin.manifest_rules import MANIFEST_RULES
from prip_core.ingest.digests import DigestReader
from prip_core.ingest.member_digests import MemberDigests
from prip_core.ingest.walks import walk_over
from prip_core.testing.packages import write_gzipped_tar, write_tar, write_zip

MEMBERS = {"P/manifest": b"<m/>", "P/data/a.bin": bytes(range(256)) * 40, "P/data/b.bin": b"b"}
MOMENT = datetime(2025, 8, 1, tzinfo=UTC)
TYPE = ProductType(code="T", mission="m", description="a type")
WRITERS = {"tar": write_tar, "gzipped tar": write_gzipped_tar, "zip": write_zip}


def listing(algorithm: str, hashlib_name: str) -> dict[str, ListedMember]:
    """What a true manifest says of all members but itself."""
    return {
        name: ListedMember(
            size=len(content), algorithm=algorithm, digest=hashlib.new(hashlib_name, content).hexdigest().upper()
        )
        for name, content in MEMBERS.items()
        if name != "P/manifest"
    }


def read(path: Path, manifest: Mapping[str, ListedMember]) -> InspectedProduct:
    """A product after its one read."""
    files, size = open_product(path), path.stat().st_size
    walk = walk_over(files, MemberDigests(manifest, size=size))
    with DigestReader(path, walk, size=size, algorithms=("MD5",), go_on=lambda: None) as reader:
        members = reader.finish().members
    return InspectedProduct(
        identity=ProductIdentity(name=path.name, product_type=TYPE, platform="X"),
        metadata=ProductMetadata(content=TimeRange(start=MOMENT, end=MOMENT), attributes=(), manifest=manifest),
        files=files,
        size=size,
        now=MOMENT,
        members=members,
    )


def findings(product: InspectedProduct) -> list[str]:
    found = [finding for rule in MANIFEST_RULES for finding in rule(product)]
    assert {(finding.rule, finding.severity) for finding in found} <= {("QC-08", Severity.ERROR)}
    return [finding.message for finding in found]


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize(("algorithm", "name"), [("MD5", "md5"), ("SHA3-256", "sha3_256"), ("sha256", "sha256")])
def test_a_product_that_is_what_its_manifest_says_passes(form: str, algorithm: str, name: str, tmp_path: Path) -> None:
    WRITERS[form](tmp_path / "P", MEMBERS)
    assert findings(read(tmp_path / "P", listing(algorithm, name))) == []


@pytest.mark.parametrize("form", WRITERS)
def test_a_changed_byte_is_found(form: str, tmp_path: Path) -> None:
    WRITERS[form](tmp_path / "P", MEMBERS | {"P/data/b.bin": b"c"})
    (message,) = findings(read(tmp_path / "P", listing("SHA3-256", "sha3_256")))
    assert message == (
        f"P/data/b.bin has the SHA3-256 {hashlib.sha3_256(b'c').hexdigest()},"
        f" the manifest states {hashlib.sha3_256(b'b').hexdigest()}"
    )


def test_a_bare_file_can_be_listed_too(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"image")
    good = ListedMember(size=5, algorithm="MD5", digest=hashlib.md5(b"image").hexdigest())
    assert findings(read(tmp_path / "image", {"image": good})) == []
    assert len(findings(read(tmp_path / "image", {"image": replace(good, digest="00")}))) == 1


def test_a_missing_file_and_a_wrong_size_are_found_before_the_read(tmp_path: Path) -> None:
    write_tar(tmp_path / "P", {"P/manifest": b"<m/>", "P/data/b.bin": b"bb"})
    product = replace(read(tmp_path / "P", listing("MD5", "md5")), members={})
    assert findings(product) == [
        "P/data/a.bin is missing, the manifest lists it",
        "P/data/b.bin has 2 bytes, the manifest states 1",
    ]


@pytest.mark.parametrize(
    ("listed", "messages"),
    [
        (ListedMember(), []),
        (ListedMember(size=1), []),
        (
            ListedMember(algorithm="MD5"),
            ["P/data/b.bin has the MD5 92eb5ffee6ae2fec3ad71c777531578f, the manifest states nothing"],
        ),
        (
            ListedMember(algorithm="CRC32", digest="00"),
            ["P/data/b.bin: the manifest states a digest called CRC32, which cannot be computed here"],
        ),
    ],
)
def test_a_manifest_may_say_less(listed: ListedMember, messages: list[str], tmp_path: Path) -> None:
    write_tar(tmp_path / "P", MEMBERS)
    assert findings(read(tmp_path / "P", {"P/data/b.bin": listed})) == messages
