"""Products that tell filters apart: few values, equal dates, odd names, attributes stored in several types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from random import Random
from typing import Any, NamedTuple
from uuid import UUID

import shapely

from prip_core.model import Attribute, Checksum, Footprint, ProductionType, TimeRange
from prip_core.products import NewProduct, PublishedProduct
from tests.differential.logic import Kind
from tests.differential.pen import EPOCH
from tests.differential.shapes import Shape, random_shape

PRODUCTS = 1000
SEED = 3
NEVER = 253_402_300_799_999
NOON = 1_772_366_400_000  # 2026-03-01T12:00:00Z
NOW = NOON + 36 * 3_600_000

NAMES = (
    "S2A_MSI_L2A.tar", "S2A_MSI_L2A.zip", "s2a_msi_l2a.TAR", "S2A%MSI.tar", "S2AAMSI.tar", "S2B_'quoted'.tar", "S2",
    "S1A_IW_RAW__0S",
    "ä_é.tar", "Ä_É.tar", "STRASSE", "straße.SAFE", "ΟΔΟΣ Σ", "ΐ.zip", "İı.tar", "\ud7ff.tar", "\ue000.tar",
    "\U0010ffff\U0001f6f0.tar", "a\u0301.tar", "á.tar", "S2B*", "S2B?", "S2B\\", "S2B_", '"S1"',
    "\u00a0padded\u2003", " blank ", "\tx\x1f", "\x85y", "\u200bz\u3000", "x" * 60, "%", "_", "null", "true", "43829",
)  # fmt: skip
CAUSES = (None, "Obsolete product", "Duplicated product", "it's broken")
CONTENT_TYPES = ("application/x-tar", "application/zip", "application/octet-stream", "APPLICATION/ZIP")
LENGTHS = (0, 1, 2, 3, 7, 10, 11, 12, 99, 100, 1000, 4_294_967_296, 2**53 + 1, 2**62)
MOMENTS = (
    -1, 0, 1, 951_782_400_000, 951_868_799_999, NOON, NOON + 1, NOON + 999, NOON + 1000, NOON + 3_600_000,
    NOON + 43_200_000, NOON - 43_200_000, 1_767_225_599_999, 1_767_225_600_000, NOW, NOW + 1,
)  # fmt: skip
TEXTS = (
    "A",
    "B",
    "SENTINEL-1",
    "SENTINEL-2",
    "true",
    "False",
    "12",
    "12.0",
    "-3",
    "2026-03-01T12:00:00Z",
    "VV&VH",
    "ä",
    "it's",
    "",
)
WHOLES = (-3, 0, 1, 2, 12, 43829, 2**53 + 1, -(2**63), 2**63 - 1)
REALS = (-3.0, -0.5, 0.0, 0.5, 1.5, 2.5, 12.0, 12.5, 99.9, 0.1, 1e100)
INDEXED = ("cloudCover", "processingDate", "anyValue")


@dataclass(frozen=True, eq=False)
class Element:
    """An attribute or a checksum.

    :param members: what a lambda may ask of it, ``Value`` of an attribute apart.
    :param kind: of an attribute's value.
    """

    members: Mapping[str, Any]
    kind: Kind
    value: Any


@dataclass(frozen=True, eq=False)
class Facts:
    """All that filters can ask of a product; dates in milliseconds since 1970-01-01 UTC."""

    values: Mapping[str, Any]
    attributes: Sequence[Element]
    checksums: Sequence[Element]
    shape: Shape | None

    @cached_property
    def by_name(self) -> Mapping[str, Element]:
        """Its attributes: of one name there is one at the most."""
        return {element.members["Name"]: element for element in self.attributes}

    @property
    def geometry(self) -> shapely.Geometry | None:
        return None if self.shape is None else self.shape.geometry


class Scope(NamedTuple):
    """What an expression is asked of: a product, and within a lambda the element that it looks at."""

    product: Facts
    element: Any = None


@dataclass
class _Maker:
    """Makes products; equal elements are one object, so that what is known of one need not be found again."""

    chance: Random
    known: dict[tuple[Any, ...], Element] = field(default_factory=dict)

    def product(self, number: int) -> Facts:
        choice = self.chance.choice
        values = {
            "Id": UUID(int=self.chance.getrandbits(8) << 120 | number),
            "Name": self._name(number),
            "ContentType": choice(CONTENT_TYPES),
            "ContentLength": choice(LENGTHS),
            "OriginDate": choice(MOMENTS),
            "PublicationDate": NOON + number // 3 * 997,  # equal dates, and whole seconds now and then
            "Online": self.chance.random() < 0.8,
            "EvictionDate": choice((NEVER, NEVER, *MOMENTS)),
            "ProductionType": choice((0, 1, 2)),
            "ContentDate/Start": choice(MOMENTS),
            "ContentDate/End": choice(MOMENTS),
        }
        values["ModificationDate"] = values["PublicationDate"] + choice((0, 0, 1, 86_400_000))
        if not values["Online"]:
            values |= {
                "DeletionDate": values["ModificationDate"] + choice((0, 1, 1000)),
                "DeletionCause": choice(CAUSES),
            }
        shape = random_shape(self.chance) if self.chance.random() < 0.8 else None
        return Facts(values, self._attributes(), self._checksums(number), shape)

    def _name(self, number: int) -> str:
        # Names of what is online are unique; the first products have the names as they stand.
        name = NAMES[number % len(NAMES)]
        return name if number < len(NAMES) else f"{name}{number // len(NAMES)}"

    def _attributes(self) -> Sequence[Element]:
        if self.chance.random() < 0.05:
            return ()
        return [
            self._attribute(name, kind)
            for name, kinds in ATTRIBUTES.items()
            if self.chance.random() < 0.6
            for kind in [self.chance.choice(kinds)]
        ]

    def _attribute(self, name: str, kind: Kind) -> Element:
        value = self.chance.choice(VALUES[kind])
        members = {"Name": name, "ValueType": VALUE_TYPES[kind]}
        return self.known.setdefault((name, kind, value), Element(members, kind, value))

    def _checksums(self, number: int) -> Sequence[Element]:
        found = [self._checksum("MD5", f"{number % 50:032x}")]
        if self.chance.random() < 0.5:
            found.append(self._checksum("BLAKE3", f"{number % 7:064x}"))
        return found

    def _checksum(self, algorithm: str, value: str) -> Element:
        date = self.chance.choice(MOMENTS)
        members = {"Algorithm": algorithm, "Value": value, "ChecksumDate": date}
        return self.known.setdefault((algorithm, value, date), Element(members, Kind.TEXT, value))


VALUES: Mapping[Kind, Sequence[Any]] = {
    Kind.TEXT: TEXTS,
    Kind.WHOLE: WHOLES,
    Kind.REAL: REALS,
    Kind.FLAG: (True, False),
    Kind.DATE: MOMENTS,
}
VALUE_TYPES = {
    Kind.TEXT: "String",
    Kind.WHOLE: "Integer",
    Kind.REAL: "Double",
    Kind.FLAG: "Boolean",
    Kind.DATE: "DateTimeOffset",
}
ATTRIBUTES: Mapping[str, Sequence[Kind]] = {
    "platformShortName": (Kind.TEXT,),
    "orbitNumber": (Kind.WHOLE, Kind.WHOLE, Kind.TEXT),
    "cloudCover": (Kind.REAL, Kind.REAL, Kind.WHOLE),
    "processingDate": (Kind.DATE, Kind.DATE, Kind.TEXT),
    "sliceProductFlag": (Kind.FLAG, Kind.FLAG, Kind.TEXT),
    "anyValue": tuple(VALUES),
    "orderOrigin": (Kind.TEXT, Kind.WHOLE),  # keywords of the language at its beginning
}


def made() -> Sequence[Facts]:
    """The products, in the order of their publication; always the same ones."""
    maker = _Maker(Random(SEED))
    return [maker.product(number) for number in range(PRODUCTS)]


def published(facts: Facts) -> PublishedProduct:
    """A product as it is taken over into a catalogue."""
    dates = {name: EPOCH + timedelta(milliseconds=facts.values[name]) for name in facts.values if name in _DATES}
    product = NewProduct(
        id=facts.values["Id"],
        name=facts.values["Name"],
        product_type="T",
        mission="m",
        content_type=facts.values["ContentType"],
        content_length=facts.values["ContentLength"],
        content=TimeRange(start=dates["ContentDate/Start"], end=dates["ContentDate/End"]),
        origin_date=dates["OriginDate"],
        origin_estimated=False,
        eviction_date=dates["EvictionDate"],
        production_type=list(ProductionType)[facts.values["ProductionType"]],
        checksums=tuple(_checksum(element) for element in facts.checksums),
        footprint=None if facts.shape is None else _footprint(facts.shape),
        attributes=tuple(_attribute(element) for element in facts.attributes),
        indexed=INDEXED,
        storage="hot",
        key="k",
    )
    return PublishedProduct(
        product=product,
        publication_date=dates["PublicationDate"],
        modification_date=dates["ModificationDate"],
        online=facts.values["Online"],
        deletion_date=dates.get("DeletionDate"),
        deletion_cause=facts.values.get("DeletionCause"),
    )


_DATES = frozenset(
    {
        "OriginDate",
        "PublicationDate",
        "ModificationDate",
        "EvictionDate",
        "ContentDate/Start",
        "ContentDate/End",
        "DeletionDate",
    }
)


def _attribute(element: Element) -> Attribute:
    value = element.value
    if element.kind is Kind.DATE:
        value = EPOCH + timedelta(milliseconds=value)
    return Attribute(name=element.members["Name"], value=value)


def _checksum(element: Element) -> Checksum:
    date = EPOCH + timedelta(milliseconds=element.members["ChecksumDate"])
    return Checksum(algorithm=element.members["Algorithm"], value=element.value, date=date)


def _footprint(shape: Shape) -> Footprint:
    if shape.line:
        return Footprint(line=shape.line)
    return Footprint(polygons=shape.rings)
