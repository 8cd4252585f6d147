"""A mission of one product type that fulfils the contract: the ground for the broken ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from prip_core import (
    Attribute,
    Candidate,
    Finding,
    MissionAdapter,
    ProductFiles,
    ProductIdentity,
    ProductMetadata,
    ProductRejected,
    ProductType,
    Severity,
    TimeRange,
    footprint_of_ring,
    parse_utc,
    read_xml,
    xml_text,
)
from prip_core.testing.packages import write_tar

TOY = ProductType(code="TOY_IMAGE", mission="toy", description="a toy's image", indexed=("cloudCover",))
PATTERN = re.compile(r"TOY_(?P<platform>[AB])_(?P<made>[0-9]{8}T[0-9]{6})\.tar")
METADATA = (
    "<Toy><Begin>2025-08-01T07:00:00Z</Begin><End>2025-08-01T07:01:00Z</End>"
    "<Made>2025-08-01T08:00:00Z</Made><Cloud>12.5</Cloud></Toy>"
)
RING = ((10.0, 50.0), (11.0, 50.0), (11.0, 51.0), (10.0, 51.0))


class ToyMission(MissionAdapter):
    """Recognises ``TOY_A_20250801T080000.tar``."""

    NAME = "toy"

    def product_types(self) -> Sequence[ProductType]:
        return [TOY]

    def recognise(self, candidate: Candidate) -> ProductIdentity | None:
        found = PATTERN.fullmatch(candidate.name)
        return found and ProductIdentity(name=candidate.name, product_type=TOY, platform=found["platform"])

    def inspect(self, identity: ProductIdentity, files: ProductFiles) -> ProductMetadata:
        member = f"{identity.name.removesuffix('.tar')}/toy.xml"
        root = read_xml(files, member, root="Toy")
        try:
            begin, end, made = (parse_utc(xml_text(root, step) or "") for step in ("Begin", "End", "Made"))
            cloud = float(xml_text(root, "Cloud") or "")
        except ValueError as error:
            raise refused(member, str(error)) from error
        if not (begin <= end and 0 <= cloud <= 100):
            raise refused(member, "its values contradict each other")
        return described(identity, begin, end, made, cloud)


def described(
    identity: ProductIdentity, begin: datetime, end: datetime, made: datetime, cloud: float
) -> ProductMetadata:
    """The metadata of a good product."""
    return ProductMetadata(
        content=TimeRange(start=begin, end=end),
        attributes=(
            Attribute(name="productType", value=identity.product_type.code),
            Attribute(name="beginningDateTime", value=begin),
            Attribute(name="cloudCover", value=cloud),
        ),
        footprint=footprint_of_ring(RING),
        quicklooks=(f"{identity.name.removesuffix('.tar')}/quicklook.jpg",),
        generated=made,
    )


def refused(member: str, message: str) -> ProductRejected:
    """The refusal of a member."""
    finding = Finding(rule="QC-10", severity=Severity.ERROR, message=message, member=member)
    return ProductRejected(f"{member}: {message}", (finding,))


def build_toy(folder: Path) -> Path:
    """A good product."""
    path = folder / "TOY_A_20250801T080000.tar"
    write_tar(path, {f"{path.stem}/toy.xml": METADATA.encode(), f"{path.stem}/quicklook.jpg": b"picture"})
    return path
