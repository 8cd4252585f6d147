"""What a built Sentinel-1 product is, and the name that follows from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from prip_core import Position

_NAME_FORMS = {
    "AUX_OBMEMC": "{platform}_OPER_{code}_PDMC_{start}",
    "MSK_.{6}": "{platform}_OPER_{code}_V{start}_G{made}",
    "AUX_(TEC|TRO)": "{platform}_{code}_V{start}_{stop}_G{made}",
    "AUX_.{3}": "{platform}_{code}_V{start}_G{made}",
    "MPL_.{6}": "{platform}_OPER_{code}_{start}_{stop}_0001",
    "(AUX|AM.)_.{6}": "{platform}_OPER_{code}_OPOD_{made}_V{start}_{stop}",
    ".*": "{platform}_{code}{polarisation}_{start}_{stop}_{orbit:06d}_{datatake:06X}_{crc:04X}",
}
"""By product type; the first that matches counts."""


def _unchanged(content: bytes) -> bytes:
    return content


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel1Specification:
    """What a built product is. Every field left alone gives a product that has nothing wrong with it.

    :param product_type: ``IW_RAW__0S``, ``IW_SLC__1S``, ``WV_OCN__2S``, ``GP_RAW__0_``, ``HK_RAW__0_``, ``AUX_CAL``,
        ``AUX_POEORB``, ``MSK_EW_SLC``, ``AUX_OBMEMC`` and their like.
    :param platform: ``S1A`` to ``S1D``; ``S1_`` for auxiliary data of the whole mission.
    :param start: begin of sensing or validity, UTC.
    :param stop: its end, UTC.
    :param processed: when the product was made, UTC.
    :param orbit: absolute orbit number at the start.
    :param datatake: identifier of the datatake.
    :param polarisation: as in the name: ``DV``, ``SH``, …
    :param ring: corners of the area (longitude, latitude), not closed; wave mode takes its vignettes, and level 0 of
        wave mode and of RF characterisation its track, from them.
    :param size: bytes of all measurement data together (of a single file: of its data block, about).
    :param name: delivered under this name instead of the right one; the folder inside follows it.
    :param edit: applied to the metadata file before it is packed and the CRC in the name is made.
    :param left_out: files that are not packed, by the end of their names.
    """

    product_type: str = "IW_GRDH_1S"
    platform: str = "S1A"
    start: datetime = datetime(2025, 8, 1, 5, 40, 12, 345678, tzinfo=UTC)
    stop: datetime = datetime(2025, 8, 1, 5, 40, 37, 344712, tzinfo=UTC)
    processed: datetime = datetime(2025, 8, 1, 6, 21, 48, 914621, tzinfo=UTC)
    orbit: int = 60338
    datatake: int = 0x077FA1
    polarisation: str = "DV"
    ring: tuple[Position, ...] = ((10.412, 46.034), (13.751, 46.437), (14.089, 44.939), (10.837, 44.536))
    size: int = 64 * 1024
    name: str | None = None
    edit: Callable[[bytes], bytes] = _unchanged
    left_out: tuple[str, ...] = ()


def sentinel1_stem(specification: Sentinel1Specification, crc: int = 0) -> str:
    """The right name without suffix.

    :param crc: CRC-16 of the manifest, for products whose name carries it.
    """
    code = specification.product_type
    form = next(form for pattern, form in _NAME_FORMS.items() if re.fullmatch(pattern, code))
    return form.format(
        platform=specification.platform,
        code=code,
        polarisation="__" if code.endswith("_") else specification.polarisation,
        start=compact_time(specification.start),
        stop=compact_time(specification.stop),
        made=compact_time(specification.processed),
        orbit=specification.orbit,
        datatake=specification.datatake,
        crc=crc,
    )


def polarisation_channels(specification: Sentinel1Specification) -> tuple[str, ...]:
    """What the field of the name stands for: ``DV`` is VV and VH; empty for receivers and telemetry."""
    if specification.product_type.endswith("_"):
        return ()
    stands_for = {"SH": ("HH",), "SV": ("VV",), "DH": ("HH", "HV"), "DV": ("VV", "VH")}
    return stands_for.get(specification.polarisation, (specification.polarisation,))


def compact_time(moment: datetime) -> str:
    """A time as names give it: ``20250801T054012``, cut to seconds."""
    return f"{moment:%Y%m%dT%H%M%S}"
