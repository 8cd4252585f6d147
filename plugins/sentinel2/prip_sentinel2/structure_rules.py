"""Rules about the files of a product: the class in its name, what must be there, whether it can be read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from prip_core import InspectedProduct, ProductFiles, ProductRejected, qc_rule
from prip_sentinel2.members import INVENTORY, MANIFEST, document, find_top_member, metadata_member, report_members
from prip_sentinel2.mtd import metadata_root
from prip_sentinel2.naming import Family, ProductName, inspected_name
from prip_sentinel2.olqc import ROOTS
from prip_sentinel2.pdi import WITH_MTD


@qc_rule("QC-01")
def file_class_is_operational(product: InspectedProduct) -> Iterator[str]:
    """The file class in the name is OPER: the product was made in operations."""
    found = inspected_name(product).fields.get("class", "OPER")
    if found != "OPER":
        yield f"the file class is {found}, expected OPER: test files are not offered here"


@qc_rule("QC-06")
def mandatory_files_present(product: InspectedProduct) -> Iterator[str]:
    """A SAFE folder has its manifest.safe, a TGZ its DBL file."""
    name, files = inspected_name(product), product.files
    if name.family in WITH_MTD or name.family is Family.USER_PRODUCT:
        if find_top_member(files, MANIFEST) is None:
            yield f"{MANIFEST} is missing"
    elif name.suffix.lower() == ".tgz" and not _has_data_block(files):
        yield "the .DBL file is missing"


@qc_rule("QC-07")
def metadata_is_sound(product: InspectedProduct) -> Iterator[str]:
    """Every metadata member is well-formed and has the root element that its place demands."""
    for member, roots in _expected_roots(inspected_name(product), product.files):
        try:
            found = document(product.files, member).root
        except ProductRejected as error:
            yield error.reason
            continue
        if found not in roots:
            yield f"{member}: the root element is {found}, expected {' or '.join(sorted(roots))}"


def _expected_roots(name: ProductName, files: ProductFiles) -> Iterator[tuple[str, frozenset[str]]]:
    for base_name, root in ((INVENTORY, "Inventory_Metadata"), (MANIFEST, "XFDU")):
        member = find_top_member(files, base_name)
        if member is not None:
            yield member, frozenset({root})
    if name.family in WITH_MTD:
        yield metadata_member(files), frozenset({metadata_root(name.family, name.product_type)})
    for member in report_members(files):
        yield member, ROOTS


def _has_data_block(files: ProductFiles) -> bool:
    return any(PurePosixPath(member).suffix.upper() == ".DBL" for member in files.names())
