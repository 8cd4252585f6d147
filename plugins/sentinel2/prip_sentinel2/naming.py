"""The grammar of Sentinel-2 file names: one pattern per family, each name matching one pattern at most."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from prip_core import InspectedProduct, parse_utc


class Family(Enum):
    """The kinds of name, each with a grammar of its own."""

    QUALITY_REPORT = auto()
    GRANULE = auto()
    DATASTRIP = auto()
    TILE = auto()
    TRUE_COLOUR = auto()
    HOUSEKEEPING = auto()
    SATELLITE_ANCILLARY = auto()
    AUXILIARY = auto()
    MISSION_PLANNING = auto()
    USER_PRODUCT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductName:
    """A name taken apart.

    :param identifier: the name without its suffix, e.g. ``S2B_OPER_MSI_L0__DS_2BPS_20250801T074015_S…_N05.11``.
    :param suffix: ``.tar``, ``.SAFE.zip``, …; empty for a folder.
    :param fields: the parts of the name that are there, by the group names of the pattern.
    """

    family: Family
    identifier: str
    suffix: str
    fields: Mapping[str, str]

    @property
    def product_type(self) -> str:
        """The product type's code, e.g. ``MSI_L1C_TL``, ``OLQC_REPORT`` or ``S2MSI2A``."""
        if self.family is Family.QUALITY_REPORT:
            return "OLQC_REPORT"
        if self.family is Family.USER_PRODUCT:
            return f"S2MSI{self.fields['level'][1:]}"
        return self.fields["type"]

    @property
    def sensing_end(self) -> datetime | None:
        """When sensing ended, as near as the name tells: a tile's name tells no more than when it was made."""
        field = _SENSING_END.get(self.family)
        try:
            return None if field is None else parse_utc(self.fields[field])
        except ValueError:
            return None


_SENSING_END = {
    Family.GRANULE: "sensing",
    Family.DATASTRIP: "sensing",
    Family.TILE: "created",
    Family.TRUE_COLOUR: "created",
    Family.HOUSEKEEPING: "stop",
    Family.SATELLITE_ANCILLARY: "stop",
    Family.USER_PRODUCT: "datatake",
}
"""The part of a name whose time is nearest to the end of sensing, where it has any."""

_PDI = r"(?P<mission>S2[A-D])_(?P<class>[A-Z0-9]{4})_"
_MADE = r"(?P<site>[A-Z0-9_]{4})_(?P<created>\d{8}T\d{6})"
_TILE = r"\d{2}[C-HJ-NP-X][A-HJ-NP-Z][A-HJ-NP-V]"
_TIME = r"\d{8}T\d{6}"

_PATTERNS: Mapping[Family, re.Pattern[str]] = {
    family: re.compile(pattern, re.VERBOSE | re.ASCII)
    for family, pattern in {
        Family.QUALITY_REPORT: rf"""
            (?P<pdi>{_PDI} (?P<reported>MSI_(?:L0_|L1A|L1B|L1C|L2A)_(?:GR|DS|TL))_ {_MADE}
              _ (?: S(?P<sensing>{_TIME}) (?:_D(?P<detector>0[1-9]|1[0-2]))?
                  | A(?P<orbit>\d{{6}})_T(?P<tile>{_TILE}) ) )
            _ (?P<check>FORMAT_CORRECTNESS|GENERAL_QUALITY|GEOMETRIC_QUALITY|RADIOMETRIC_QUALITY|SENSOR_QUALITY
                |L2A_QUALITY|OLQC)
            _report (?P<suffix>\.xml|\.tar)""",
        Family.GRANULE: rf"""
            {_PDI} (?P<type>MSI_(?:L0_|L0U|L1A|L1B)_GR)_ {_MADE}
            _S(?P<sensing>{_TIME}) _D(?P<detector>0[1-9]|1[0-2]) _N(?P<baseline>\d\d\.\d\d)
            (?P<suffix>\.tar)?""",
        Family.DATASTRIP: rf"""
            {_PDI} (?P<type>MSI_(?:L0_|L0U|L1A|L1B|L1C|L2A)_DS)_ {_MADE}
            _S(?P<sensing>{_TIME}) _N(?P<baseline>\d\d\.\d\d)
            (?P<suffix>\.tar)?""",
        Family.TILE: rf"""
            {_PDI} (?P<type>MSI_(?:L1C|L2A)_TL)_ {_MADE}
            _A(?P<orbit>\d{{6}}) _T(?P<tile>{_TILE}) _N(?P<baseline>\d\d\.\d\d)
            (?P<suffix>\.tar)?""",
        Family.TRUE_COLOUR: rf"""
            {_PDI} (?P<type>MSI_(?:L1C|L2A)_TC)_ {_MADE}
            _A(?P<orbit>\d{{6}}) _T(?P<tile>{_TILE}) _N(?P<baseline>\d\d\.\d\d)
            (?P<suffix>\.jp2|\.tar)""",
        Family.HOUSEKEEPING: rf"""
            {_PDI} (?P<type>PRD_HKTM__)
            _(?P<start>{_TIME}) _(?P<stop>{_TIME}) _(?P<sequence>\d{{4}})
            (?P<suffix>\.tar|\.SAFE|\.SAFE\.tar)?""",
        Family.SATELLITE_ANCILLARY: rf"""
            {_PDI} (?P<type>AUX_SADATA)_ {_MADE}
            _V(?P<start>{_TIME}) _(?P<stop>{_TIME}) _A(?P<orbit>\d{{6}}) _W(?P<complete>[FP]) _L(?P<degraded>[ND])
            (?P<suffix>\.tar)?""",
        Family.AUXILIARY: rf"""
            (?P<mission>S2[A-D_])_(?P<class>[A-Z0-9]{{4}})_
            (?P<type>(?!AUX_SADATA)(?:AUX|GIP|DEM)_[A-Z0-9_]{{6}})_ {_MADE}
            (?: _V(?P<start>{_TIME}) (?:_(?P<stop>{_TIME}))? | _S(?P<valid>{_TIME}) )?
            (?: _B(?P<band>0\d|1[0-2]|8A) )?
            (?P<suffix>\.TGZ|\.tgz|\.tar|\.zip|\.EOF|\.SAFE)?""",
        Family.MISSION_PLANNING: rf"""
            (?P<mission>S2[A-D_])_(?P<class>[A-Z0-9]{{4}})_ (?P<type>MPL_[A-Z0-9_]{{6}})_
            (?: {_MADE} _V(?P<start>{_TIME}) _(?P<stop>{_TIME})
              | (?P<first>{_TIME}) _(?P<last>{_TIME}) _(?P<version>\d{{4}}) )
            (?P<suffix>(?:\.(?:EOF|xml|TGZ))?(?:\.zip)?)""",
        Family.USER_PRODUCT: rf"""
            (?P<mission>S2[A-D])_MSI(?P<level>L1A|L1B|L1C|L2A) _(?P<datatake>{_TIME}) _N(?P<baseline>\d{{4}})
            _R(?P<relative_orbit>\d{{3}}) (?:_T(?P<tile>{_TILE}))? _(?P<discriminator>{_TIME})
            (?P<suffix>\.SAFE|\.SAFE\.zip|\.zip)?""",
    }.items()
}


def matching_families(name: str) -> tuple[Family, ...]:
    """Every family whose pattern this file name matches: one at most, or the patterns overlap."""
    return tuple(family for family, pattern in _PATTERNS.items() if pattern.fullmatch(name))


def product_name(name: str) -> ProductName | None:
    """Take a file name apart; ``None`` when it is no Sentinel-2 product's."""
    for family, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(name):
            fields = {group: text for group, text in match.groupdict().items() if text}
            suffix = fields.pop("suffix", "")
            identifier = name.removesuffix(suffix)
            return ProductName(family=family, identifier=identifier, suffix=suffix, fields=fields)
    return None


def inspected_name(product: InspectedProduct) -> ProductName:
    """The name of a product that was recognised before.

    :raises ValueError: it is no Sentinel-2 product's.
    """
    name = product_name(product.identity.name)
    if name is None:
        raise ValueError(f"{product.identity.name} is no name of a Sentinel-2 product")
    return name
