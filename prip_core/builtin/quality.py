"""Quality rules for products of every mission: one top folder, well-formed XML, what their manifest says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from prip_core import (
    Finding,
    InspectedProduct,
    ProductRejected,
    QcRule,
    Severity,
    Stage,
    parse_xml,
    qc_rule,
)
from prip_core.builtin.manifest_rules import MANIFEST_RULES

XML_SUFFIXES = frozenset({".xml", ".safe", ".EOF", ".HDR"})
"""Members with these suffixes are XML in every mission."""

CHECKED_XML_LIMIT = 8 * 1024 * 1024
"""Larger members are left to the mission's own reading; bytes."""

_CONTAINER_SUFFIXES = (".tar.gz", ".tgz", ".tar", ".zip", ".gz")


@qc_rule("QC-05")
def one_top_folder(product: InspectedProduct) -> Iterator[str]:
    """A container holds one folder that is named as the product; or plain files only, as an AUX pair does."""
    files = product.files
    if files.container == "file":
        return
    names = files.names()
    if not names:
        yield f"the {files.container} holds no file"
    if all("/" not in name for name in names):
        return
    tops = sorted({name.partition("/")[0] for name in names})
    expected = _folder_names(product.identity.name)
    if len(tops) != 1:
        listed = ", ".join(tops[:5]) + (", …" if len(tops) > 5 else "")
        yield f"the {files.container} has {len(tops)} entries at the top ({listed}), expected one folder {expected[0]}"
    elif tops[0] not in expected:
        yield f"the top folder is {tops[0]}, expected {' or '.join(expected)}"


@dataclass(frozen=True, slots=True)
class WellFormedXml:
    """Every XML member near the top is well-formed and has no document type declaration."""

    id: str = "QC-07"
    severity: Severity = Severity.ERROR
    stage: Stage = Stage.METADATA
    sentence: str = "Every XML member near the top is well-formed and has no document type declaration."

    def __call__(self, product: InspectedProduct) -> Iterable[Finding]:
        for name in product.files.names():
            if _is_near_xml(name) and product.files.size(name) < CHECKED_XML_LIMIT:
                yield from _findings(product, name)


QC_RULES: tuple[QcRule, ...] = (one_top_folder, WellFormedXml(), *MANIFEST_RULES)


def _is_near_xml(name: str) -> bool:
    return name.count("/") <= 1 and PurePosixPath(name).suffix in XML_SUFFIXES


def _findings(product: InspectedProduct, member: str) -> Iterable[Finding]:
    try:
        parse_xml(product.files.read(member, CHECKED_XML_LIMIT), member=member)
    except ProductRejected as rejected:
        return rejected.findings or (
            Finding(rule="QC-07", severity=Severity.ERROR, message=rejected.reason, member=member),
        )
    return ()


def _folder_names(product_name: str) -> tuple[str, ...]:
    """Its name without the container's suffix; a SAFE product may leave ``.SAFE`` to its folder."""
    bare = product_name
    for suffix in _CONTAINER_SUFFIXES:
        if product_name.lower().endswith(suffix):
            bare = product_name[: -len(suffix)]
            break
    return (bare,) if bare.endswith(".SAFE") else (bare, f"{bare}.SAFE")
