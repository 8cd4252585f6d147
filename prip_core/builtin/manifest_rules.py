"""Quality rules that hold a product against its manifest (``ProductMetadata.manifest``), whatever its mission."""

from __future__ import annotations

from collections.abc import Iterator

from prip_core import InspectedProduct, QcRule, Stage, qc_rule


@qc_rule("QC-08")
def listed_files_present(product: InspectedProduct) -> Iterator[str]:
    """Every file that the manifest lists is there, with the size that it states."""
    present = frozenset(product.files.names())
    for name, listed in product.metadata.manifest.items():
        if name not in present:
            yield f"{name} is missing, the manifest lists it"
        elif listed.size is not None and listed.size != product.files.size(name):
            yield f"{name} has {product.files.size(name)} bytes, the manifest states {listed.size}"


@qc_rule("QC-08", stage=Stage.CONTENT)
def listed_files_intact(product: InspectedProduct) -> Iterator[str]:
    """Every file that the manifest lists has the digest that it states."""
    for name, listed in product.metadata.manifest.items():
        if listed.algorithm is None or name not in product.members:
            continue  # what is missing was said before
        stated, found = (listed.digest or "").lower(), product.members[name].stated
        if found is None:
            yield f"{name}: the manifest states a digest called {listed.algorithm}, which cannot be computed here"
        elif stated != found:
            yield f"{name} has the {listed.algorithm} {found}, the manifest states {stated or 'nothing'}"


MANIFEST_RULES: tuple[QcRule, ...] = (listed_files_present, listed_files_intact)
