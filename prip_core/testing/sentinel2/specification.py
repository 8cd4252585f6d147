"""What a Sentinel-2 product to build shall be, and the names that follow from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from prip_core import Position

_ORBIT_FILES = frozenset({"AUX_PREORB", "AUX_RESORB", "MPL_ORBPRE", "MPL_ORBRES", "MPL_TLEPRE"})
_FAR_END = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentinel2Specification:
    """A Sentinel-2 product to build. Every field has a value that fits the others.

    :param sensing: begin of sensing or validity, UTC; exact for granules and tiles.
    :param duration: length of a datastrip, of telemetry and of ancillary data.
    :param created: when the product is made, whole seconds UTC; 34 minutes after sensing unless given.
    :param datastrip_sensing: begin of the datastrip that a granule or tile belongs to; ``sensing`` unless given.
    :param datatake_start: begin of the datatake; 1.44 s before the datastrip unless given.
    :param upper_left: easting, northing (m) of the tile's corner in the UTM zone that ``tile`` names.
    :param ring: outline as (longitude, latitude) in degrees, open or closed; empty: the inventory has none.
    :param quality: per cent, 100 is nominal.
    :param parts: names of the granules or tiles that a datastrip declares.
    :param reported: for ``OLQC_REPORT``, the type of the product that the report is about.
    :param check: which check the report is of; ``OLQC`` gives all of a datastrip in one tar.
    :param status: of the report as a whole.
    :param inspection_status: of its single inspections; ``status`` unless given.
    :param size: bytes of the delivered file, approximately; never less than the metadata need.
    :param overrides: element name → text, in every XML document of the product; ``None`` removes the element.
    :param replaced: end of a member's name → bytes to put there instead.
    :param without: ends of names of members to leave out.
    """

    product_type: str = "MSI_L1C_TL"
    platform: str = "S2B"
    file_class: str = "OPER"
    site: str = "2BPS"
    baseline: str = "05.11"
    sensing: datetime = datetime(2025, 8, 1, 7, 6, 20, 464000, tzinfo=UTC)
    duration: timedelta = timedelta(seconds=126, milliseconds=272)
    created: datetime | None = None
    datastrip_sensing: datetime | None = None
    datatake_start: datetime | None = None
    orbit: int = 43890
    relative_orbit: int = 106
    downlink_orbit: int = 43890
    station: str = "EDRS"
    mode: str = "INS-NOBS"
    detector: int = 4
    tile: str = "47XMH"
    upper_left: tuple[int, int] = (399960, 8800020)
    ring: tuple[Position, ...] = ((94.198, 79.232), (99.469, 79.269), (99.431, 78.285), (94.595, 78.252))
    cloud_cover: float = 12.5
    sun_zenith: float = 61.733
    quality: float = 100.0
    parts: tuple[str, ...] = ()
    reported: str = "MSI_L0__GR"
    check: str = "GENERAL_QUALITY"
    status: str = "PASSED"
    inspection_status: str | None = None
    sequence: int = 1
    size: int = 200_000
    overrides: Mapping[str, str | None] = field(default_factory=dict)
    replaced: Mapping[str, bytes] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    @property
    def stop(self) -> datetime:
        """End of sensing or validity: the begin itself for granules, tiles and images."""
        lasting = self.product_type.endswith("_DS") or not self.product_type.startswith(("MSI_", "S2MSI"))
        return self.sensing + self.duration if lasting else self.sensing

    @property
    def made(self) -> datetime:
        """When the product is made, whole seconds."""
        return (self.created or self.sensing + timedelta(minutes=34)).replace(microsecond=0)

    @property
    def datastrip_start(self) -> datetime:
        """Begin of the datastrip."""
        return self.datastrip_sensing or self.sensing

    @property
    def datatake(self) -> datetime:
        """Begin of the datatake."""
        return self.datatake_start or self.datastrip_start - timedelta(seconds=1.44)

    @property
    def level(self) -> str:
        """``L0_``, ``L1A``, ``L1B``, ``L1C`` or ``L2A``."""
        if self.product_type.startswith("S2MSI"):
            return f"L{self.product_type[5:]}"
        return self.product_type[4:7]

    @property
    def closed_ring(self) -> tuple[Position, ...]:
        """The outline with its first position repeated at the end."""
        return self.ring if self.ring[:1] == self.ring[-1:] else self.ring + self.ring[:1]


def compact(moment: datetime) -> str:
    """A time as names write it."""
    return f"{moment:%Y%m%dT%H%M%S}"


def with_baseline(specification: Sentinel2Specification) -> str:
    """The identifier of a PDI: its delivered name without suffix."""
    return f"{without_baseline(specification)}_N{specification.baseline}"


def without_baseline(specification: Sentinel2Specification) -> str:
    """The identifier of a PDI up to the processing baseline, as its own files carry it."""
    head = (
        f"{specification.platform}_{specification.file_class}_{specification.product_type}"
        f"_{specification.site}_{compact(specification.made)}"
    )
    kind = specification.product_type[-2:]
    if kind == "GR":
        return f"{head}_S{compact(specification.sensing)}_D{specification.detector:02d}"
    if kind == "DS":
        return f"{head}_S{compact(specification.sensing)}"
    return f"{head}_A{specification.orbit:06d}_T{specification.tile}"


def datastrip_identifier(specification: Sentinel2Specification) -> str:
    """The identifier of the datastrip that a product belongs to."""
    datastrip = replace(
        specification,
        product_type=f"MSI_{specification.level}_DS",
        sensing=specification.datastrip_start,
        created=specification.made,
    )
    return with_baseline(datastrip)


def tile_identifier(specification: Sentinel2Specification) -> str:
    """The identifier of the tile that a user product holds."""
    return with_baseline(
        replace(specification, product_type=f"MSI_{specification.level}_TL", created=specification.made)
    )


def datatake_identifier(specification: Sentinel2Specification) -> str:
    """What groups all products of one datatake."""
    return (
        f"G{specification.platform}_{compact(specification.datatake)}"
        f"_{specification.orbit:06d}_N{specification.baseline}"
    )


def auxiliary_period(specification: Sentinel2Specification) -> tuple[datetime, datetime]:
    """Begin and end of the validity of an auxiliary file; processing parameters and models hold for a long time."""
    lasting = specification.product_type.startswith(("GIP_", "DEM_"))
    return specification.sensing, _FAR_END if lasting else specification.stop


def sentinel2_file_name(specification: Sentinel2Specification) -> str:
    """The name of the delivered file, with its suffix."""
    code = specification.product_type
    if code == "OLQC_REPORT":
        about = without_baseline(replace(specification, product_type=specification.reported))
        return f"{about}_{specification.check}_report.{'tar' if specification.check == 'OLQC' else 'xml'}"
    if code.startswith("S2MSI"):
        return f"{_user_product(specification)}.SAFE.zip"
    if code.startswith("MSI_"):
        return with_baseline(specification) + (".jp2" if code.endswith("_TC") else ".tar")
    return _other(specification)


def _user_product(specification: Sentinel2Specification) -> str:
    return (
        f"{specification.platform}_MSI{specification.level}_{compact(specification.datatake)}"
        f"_N{specification.baseline.replace('.', '')}_R{specification.relative_orbit:03d}"
        f"_T{specification.tile}_{compact(specification.made)}"
    )


def _other(specification: Sentinel2Specification) -> str:
    code = specification.product_type
    head = f"{specification.platform}_{specification.file_class}_{code}"
    period = f"{compact(specification.sensing)}_{compact(auxiliary_period(specification)[1])}"
    made = f"{specification.site}_{compact(specification.made)}"
    if code == "PRD_HKTM__":
        return f"{head}_{period}_{specification.sequence:04d}.tar"
    if code == "AUX_SADATA":
        return f"{head}_{made}_V{period}_A{specification.orbit:06d}_WF_LN.tar"
    if code.startswith("MPL_"):
        return f"{head}_{period}_{specification.sequence:04d}.EOF"
    if code.startswith("GIP_"):
        return f"{head}_{made}_V{period}_B00.TGZ"
    return f"{head}_{made}_V{period}.{'EOF' if code in _ORBIT_FILES else 'TGZ'}"
