"""The names of Sentinel-1 products: one pattern for each family, read into one record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from prip_core import parse_utc


class Kind(Enum):
    """What a product holds, and therefore where its metadata stand."""

    RAW = auto()
    """Level-0 radar data."""
    AUXILIARY_RAW = auto()
    """Level-0 data of the receivers beside the radar: GPS, AIS."""
    HOUSEKEEPING = auto()
    """Level-0 house-keeping telemetry."""
    IMAGE = auto()
    """Level-1 and Level-2 radar products, timing annotations (ETAD) included."""
    AUXILIARY = auto()
    """Auxiliary data in a SAFE folder."""
    EARTH_EXPLORER = auto()
    """Orbit files and other files with an Earth Explorer header."""
    MASK = auto()
    """Acquisition and processing masks."""
    MEMORY = auto()
    """On-board memory configuration."""


RADAR_MODES = (
    *(f"S{number}" for number in range(1, 7)),
    "IW", "EW", "WV", "RF", "EN",
    *(f"N{number}" for number in range(1, 7)),
    *(f"Z{letter}" for letter in "1234567IEW"),
)  # fmt: skip
"""Modes of the radar, as the name's second field."""

RECEIVER_MODES = ("AI", "GP")
"""The receivers beside the radar, in the field of the mode."""

RAW_TYPES = tuple(f"RAW__0{product_class}" for product_class in "SACN_")
IMAGE_TYPES = (
    *(f"SLC__1{product_class}" for product_class in "SA"),
    *(f"GRD{resolution}_1{product_class}" for resolution in "FHM" for product_class in "SA"),
    *(f"OCN__2{product_class}" for product_class in "SA"),
    "ETA__AX",
)
"""Type, resolution, level and class of a radar product, as they stand in the name."""

SAFE_AUXILIARIES = ("CAL", "INS", "PP1", "PP2", "SCS", "SCF", "WND", "WAV", "ICE", "ITC", "ECE", "TEC", "TRO")
EARTH_EXPLORER_TYPES = (
    "AUX_POEORB", "AUX_RESORB", "AUX_PREORB", "AUX_MOEORB", "AUX_RESATT", "AUX_PROQUA", "AUX_GNSSRD",
    "MPL_ORBPRE", "MPL_ORBRES", "MPL_ORBSCT", "MPL_TLEPRE", "AMH_ERRMAT", "AMV_ERRMAT", "AM__ERRMAT",
)  # fmt: skip
MASK_TYPES = ("MSK_EW_SLC", "MSK__LAND_", "MSK_OCEAN_", "MSK_OVRPAS")
MEMORY_TYPE = "AUX_OBMEMC"

_DATE = r"\d{8}T\d{6}"
_OPEN_DATE = rf"(?:{_DATE}|99999999T999999)"


def _any_of(words: tuple[str, ...]) -> str:
    return "|".join(words)


S1_SAFE = re.compile(
    rf"""(?P<platform>S1[A-D])_
    (?P<code>
        (?P<mode>{_any_of(RADAR_MODES)})_(?:{_any_of(RAW_TYPES)}|{_any_of(IMAGE_TYPES)})
        |(?P<receiver>{_any_of(RECEIVER_MODES)})_RAW__0_
        |(?P<telemetry>HK)_RAW__0_
    )
    (?P<polarisation>SH|SV|DH|DV|HH|HV|VV|VH|__)_
    (?P<start>{_DATE})_(?P<stop>{_DATE})_
    (?P<orbit>\d{{6}})_(?P<datatake>[0-9A-F]{{6}}|_{{6}})_(?P<crc>[0-9A-F]{{4}})
    (?:\.SAFE)?(?:\.zip)?""",
    re.VERBOSE | re.ASCII,
)
S1_AUX_SAFE = re.compile(
    rf"""(?P<platform>S1[A-D_])_(?P<code>AUX_(?:{_any_of(SAFE_AUXILIARIES)}))_
    V(?P<start>{_DATE})(?:_(?P<stop>{_DATE}))?_G(?P<created>{_DATE})
    \.SAFE(?:\.zip)?""",
    re.VERBOSE | re.ASCII,
)
EOF = re.compile(
    rf"""(?P<platform>S1[A-D_])_(?:OPER|TEST|RPRO|REPR)_(?P<code>{_any_of(EARTH_EXPLORER_TYPES)}|{_any_of(MASK_TYPES)})_
    (?:
        [A-Z0-9_]{{4}}_(?P<created>{_DATE})_V(?P<start>{_DATE})_(?P<stop>{_OPEN_DATE})
        |(?P<start_counted>{_DATE})_(?P<stop_counted>{_OPEN_DATE})_\d{{4}}
        |[A-Z0-9_]{{4}}_(?P<start_only>{_DATE})
    )
    (?:_[A-Z0-9]{{4,}})?
    (?:\.(?:EOF|xml|TGZ))?(?:\.zip)?""",
    re.VERBOSE | re.ASCII,
)
S1_MSK = re.compile(
    rf"""(?P<platform>S1[A-D_])_(?:OPER|TEST)_(?P<code>{_any_of(MASK_TYPES)})_
    V(?P<start>{_DATE})_G(?P<created>{_DATE})
    \.EOF(?:\.zip)?""",
    re.VERBOSE | re.ASCII,
)
OBMEMC = re.compile(
    rf"""(?P<platform>S1[A-D_])_(?:OPER|TEST|RPRO|REPR)_(?P<code>{MEMORY_TYPE})_
    [A-Z0-9_]{{4}}_(?P<start>{_DATE})
    (?:\.(?:EOF|xml|TGZ))?(?:\.zip)?""",
    re.VERBOSE | re.ASCII,
)

_PATTERNS = (S1_SAFE, S1_AUX_SAFE, EOF, S1_MSK, OBMEMC)
_SUFFIX = re.compile(r"(?:\.SAFE|\.EOF|\.xml|\.TGZ)?(?:\.zip)?\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductName:
    """What a name says.

    :param stem: the name without its suffixes.
    :param code: the product type, e.g. ``IW_GRDH_1S``.
    :param platform: ``S1A`` to ``S1D``, or ``S1_`` for the whole mission.
    :param mode: the radar's mode, where the product has one.
    :param start: begin of sensing or validity, UTC.
    :param stop: its end; ``None`` where the name gives none.
    :param created: when the product was made, where the name says so, UTC.
    :param orbit: absolute orbit number at the start.
    :param datatake: identifier of the datatake (six hexadecimal digits in the name).
    :param crc: CRC-16 of ``manifest.safe``.
    """

    stem: str
    kind: Kind
    code: str
    platform: str
    start: datetime
    mode: str | None = None
    stop: datetime | None = None
    created: datetime | None = None
    orbit: int | None = None
    datatake: int | None = None
    crc: int | None = None


def parse_name(name: str) -> ProductName | None:
    """Read a delivered file's name; ``None`` when it is no Sentinel-1 product's."""
    for pattern in _PATTERNS:
        if match := pattern.fullmatch(name):
            return _product_name(name, match.groupdict(), pattern)
    return None


def _product_name(name: str, fields: dict[str, str | None], pattern: re.Pattern[str]) -> ProductName | None:
    code, platform = fields["code"] or "", fields["platform"] or ""
    try:
        start = _date(fields.get("start") or fields.get("start_counted") or fields.get("start_only"))
        stop = _date(fields.get("stop") or fields.get("stop_counted"))
        created = _date(fields.get("created"))
    except ValueError:
        return None
    if start is None:
        return None
    return ProductName(
        stem=_SUFFIX.sub("", name),
        kind=_kind(fields, pattern),
        code=code,
        platform=platform,
        mode=fields.get("mode"),
        start=start,
        stop=stop,
        created=created,
        orbit=_number(fields.get("orbit"), 10),
        datatake=_number((fields.get("datatake") or "").strip("_"), 16),
        crc=_number(fields.get("crc"), 16),
    )


def _date(text: str | None) -> datetime | None:
    return parse_utc(text) if text else None


def _number(text: str | None, base: int) -> int | None:
    return int(text, base) if text else None


def _kind(fields: dict[str, str | None], pattern: re.Pattern[str]) -> Kind:
    if pattern is S1_SAFE:
        return kind_of_safe(fields["code"] or "")
    if pattern is S1_AUX_SAFE:
        return Kind.AUXILIARY
    if pattern is OBMEMC:
        return Kind.MEMORY
    return Kind.MASK if fields["code"] in MASK_TYPES else Kind.EARTH_EXPLORER


def kind_of_safe(code: str) -> Kind:
    """The kind of a product type of ten characters (``IW_RAW__0S``)."""
    if code.startswith("HK"):
        return Kind.HOUSEKEEPING
    if code[:2] in RECEIVER_MODES:
        return Kind.AUXILIARY_RAW
    return Kind.RAW if code[3:6] == "RAW" else Kind.IMAGE
