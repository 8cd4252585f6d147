"""Quality rules for Sentinel-1: mandatory attributes, name against metadata, dates, footprint, plausibility, CRC."""

from __future__ import annotations

import binascii
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from prip_core import (
    AttributeValue,
    InspectedProduct,
    ProductType,
    QcRule,
    Severity,
    footprint_present,
    format_utc,
    made_after_sensing,
    not_in_the_future,
    period_in_order,
    qc_rule,
    sensed_after_launch,
    unlisted_files,
)
from prip_sentinel1.earth_explorer import read_header
from prip_sentinel1.manifest import read_manifest
from prip_sentinel1.naming import Kind, ProductName, parse_name
from prip_sentinel1.product_types import MISSION, kinds

_AGREEMENT = timedelta(seconds=1.001)
"""Names give whole seconds: some are cut, others rounded."""

_COMMON = ("productType", "beginningDateTime", "endingDateTime", "platformShortName")
_SENSED = (*_COMMON, "platformSerialIdentifier", "orbitNumber", "processingDate")
_RADAR = (
    *_SENSED,
    "relativeOrbitNumber",
    "instrumentShortName",
    "operationalMode",
    "polarisationChannels",
    "productClass",
    "instrumentConfigurationID",
    "datatakeID",
    "orbitDirection",
)
_MANDATORY = {
    Kind.RAW: _RADAR,
    Kind.IMAGE: _RADAR,
    Kind.AUXILIARY_RAW: _SENSED,
    Kind.HOUSEKEEPING: _SENSED,
    Kind.AUXILIARY: (*_COMMON, "processingDate"),
    Kind.EARTH_EXPLORER: (*_COMMON, "processingDate"),
    Kind.MASK: _COMMON,
    Kind.MEMORY: (*_COMMON, "processingDate"),
}

_sensed_after_launch = sensed_after_launch(
    {
        "S1A": datetime(2014, 4, 3, tzinfo=UTC),
        "S1B": datetime(2016, 4, 25, tzinfo=UTC),
        "S1C": datetime(2024, 12, 5, tzinfo=UTC),
        "S1D": datetime(2025, 11, 4, tzinfo=UTC),
    }
)
_MODES = {f"S{number}": "SM" for number in range(1, 7)} | {mode: mode for mode in ("IW", "EW", "WV", "RF", "EN")}
"""The mode as metadata state it, by the mode in the name, where that is known."""

_RELATIVE_ORBITS = 175

_no_other_files = unlisted_files("manifest.safe", "support/*", "preview/icons/*", "*-report-*")
"""Schemas, the icons of the preview and quality reports stand in no manifest."""


def rules_for(product_type: ProductType) -> Sequence[QcRule]:
    """The rules that apply to a product type; none to another mission's."""
    if product_type.mission != MISSION:
        return ()
    kind = kinds()[product_type.code]
    common = (mandatory_attributes, period_in_order, name_agrees_in_time, name_agrees_in_type)
    match kind:
        case Kind.RAW | Kind.IMAGE:
            return (*common, *_SENSED_RULES, name_agrees_in_mode, footprint_present, plausible_slices)
        case Kind.AUXILIARY_RAW | Kind.HOUSEKEEPING:
            return (*common, *_SENSED_RULES)
        case Kind.AUXILIARY:
            return (*common, _no_other_files)
        case Kind.EARTH_EXPLORER:
            return (*common, header_names_the_file)
        case _:
            return common


@qc_rule("QC-10")
def mandatory_attributes(product: InspectedProduct) -> Iterator[str]:
    """Every attribute that a product of this kind must have is known."""
    values = _values(product)
    for attribute in _MANDATORY[_name(product).kind]:
        if attribute not in values:
            yield f"the metadata give no {attribute}, which is mandatory for {product.identity.product_type.code}"


@qc_rule("QC-11")
def name_agrees_in_time(product: InspectedProduct) -> Iterator[str]:
    """Start and stop in the name are those of the metadata."""
    name, content = _name(product), product.metadata.content
    for what, stated, named in (("start", content.start, name.start), ("stop", content.end, name.stop)):
        if named is not None and abs(stated - named) >= _AGREEMENT:
            yield f"{what} is {format_utc(stated)}, the name says {format_utc(named)}"


@qc_rule("QC-11")
def name_agrees_in_type(product: InspectedProduct) -> Iterator[str]:
    """Product type and platform in the name are those of the metadata."""
    name, values = _name(product), _values(product)
    yield from _differs("productType", values.get("productType"), name.code)
    if name.platform[2] != "_":
        yield from _differs("platformSerialIdentifier", values.get("platformSerialIdentifier"), name.platform[2])


@qc_rule("QC-11")
def name_agrees_in_mode(product: InspectedProduct) -> Iterator[str]:
    """Mode, product class and the kind of processing in the name are those of the manifest, where it states them."""
    name, values = _name(product), _values(product)
    yield from _differs("operationalMode", values.get("operationalMode"), _MODES.get(name.mode or ""))
    if name.code[3:6] == "ETA":
        return
    yield from _differs("productClass", values.get("productClass"), name.code[9].strip("_") or None)
    if name.kind is Kind.IMAGE:
        stated = read_manifest(product.files).text("standAloneProductInformation", "productType")
        yield from _differs("standAloneProductInformation/productType", stated, name.code[3:6])


@qc_rule("QC-11")
def header_names_the_file(product: InspectedProduct) -> Iterator[str]:
    """The header of an auxiliary file says its own name and mission."""
    name = _name(product)
    header = read_header(name, product.files)
    yield from _differs("File_Name", header.text("File_Name"), name.stem)
    mission = (header.text("Mission") or "")[-2:]
    if mission in ("1A", "1B", "1C", "1D") and name.platform[2] != "_":
        yield from _differs("Mission ends with", mission, name.platform[1:])


@qc_rule("QC-14", severity=Severity.WARNING)
def plausible_orbits(product: InspectedProduct) -> Iterator[str]:
    """Orbit numbers are in range."""
    values = _values(product)
    for attribute, highest in (("orbitNumber", 999_999), ("relativeOrbitNumber", _RELATIVE_ORBITS)):
        value = values.get(attribute)
        if isinstance(value, int) and not 1 <= value <= highest:
            yield f"{attribute} is {value}, expected 1 to {highest}"


@qc_rule("QC-14", severity=Severity.WARNING)
def plausible_slices(product: InspectedProduct) -> Iterator[str]:
    """The number of a slice is at most that of all slices."""
    values = _values(product)
    number, total = values.get("sliceNumber"), values.get("totalSlices")
    if isinstance(number, int) and isinstance(total, int) and not 1 <= number <= total:
        yield f"sliceNumber is {number}, expected 1 to {total}"


@qc_rule("QC-18")
def orbit_and_datatake_in_name(product: InspectedProduct) -> Iterator[str]:
    """Orbit and datatake in the name are the manifest's."""
    name, values = _name(product), _values(product)
    orbit, datatake = values.get("orbitNumber"), values.get("datatakeID")
    if orbit is not None and orbit != name.orbit:
        yield f"orbitNumber is {orbit}, the name says {name.orbit}"
    if isinstance(datatake, int) and datatake != name.datatake:
        named = "none" if name.datatake is None else f"{name.datatake:06X}"
        yield f"datatakeID is {datatake} (hexadecimal {datatake:06X}), the name says {named}"


@qc_rule("QC-18", severity=Severity.WARNING)
def crc_in_name(product: InspectedProduct) -> Iterator[str]:
    """The last field of the name is the CRC-16 (CCITT, begun with FFFF) of the manifest."""
    crc, named = binascii.crc_hqx(read_manifest(product.files).content, 0xFFFF), _name(product).crc
    if crc != named:
        yield f"the CRC-16 of manifest.safe is {crc:04X}, the name says {named:04X}"


_SENSED_RULES = (
    _sensed_after_launch,
    not_in_the_future,
    made_after_sensing,
    plausible_orbits,
    orbit_and_datatake_in_name,
    crc_in_name,
    _no_other_files,
)


def _name(product: InspectedProduct) -> ProductName:
    name = parse_name(product.identity.name)
    assert name is not None, "a product that was recognised has a name that can be read"
    return name


def _values(product: InspectedProduct) -> dict[str, AttributeValue]:
    return {attribute.name: attribute.value for attribute in product.metadata.attributes}


def _differs(what: str, stated: AttributeValue | None, named: str | None) -> Iterator[str]:
    if stated is not None and named is not None and stated != named:
        yield f"{what} is {stated}, the name says {named}"
