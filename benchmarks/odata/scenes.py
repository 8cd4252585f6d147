"""Scenes by rule: what a satellite saw, and the product that a processing centre made of it, from a number alone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

BEGIN = datetime(2025, 8, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=130)
"""Between two publications: 7.7 a second, the load of two Sentinel-2 satellites with their quality reports."""

BASELINE = "05.11"

_STRIP = 180  # products of one datastrip, which one centre makes of what one satellite saw
_UNITS = "ABC"
_CENTRES = ("2BPS", "2APS", "2CPS", "VGS4", "MSFT")
_BANDS = "CDEFGHJKLMNPQRSTUVWX"  # of 8 degrees, from 80 S
_COLUMNS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_ROWS = "ABCDEFGHJKLMNPQRSTUV"

Ring = list[tuple[float, float]]
"""Longitude, latitude in degrees; the last position is the first."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of product: its share of all in per cent, typical bytes, suffix of its file."""

    code: str
    share: float
    size: int
    suffix: str


KINDS = (
    Kind("MSI_L0__GR", 28, 15_000_000, "tar"),
    Kind("MSI_L1A_GR", 6, 21_000_000, "tar"),
    Kind("MSI_L1B_GR", 24, 27_000_000, "tar"),
    Kind("MSI_L1C_TL", 16, 520_000_000, "tar"),
    Kind("MSI_L1C_TC", 4, 130_000_000, "jp2"),
    Kind("MSI_L2A_TL", 16, 700_000_000, "tar"),
    Kind("MSI_L2A_TC", 4, 130_000_000, "jp2"),
    Kind("MSI_L0__DS", 0.7, 60_000_000, "tar"),
    Kind("MSI_L1B_DS", 0.5, 70_000_000, "tar"),
    Kind("MSI_L1C_DS", 0.5, 70_000_000, "tar"),
    Kind("PRD_HKTM__", 0.3, 9_000_000, "tar"),
)
_SHARES = [kind.share for kind in KINDS]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """All that the members of a product's document follow from.

    :param strip_start: when the sensing of its datastrip began.
    :param tile: empty where the product is none.
    :param name: no two scenes have one name.
    """

    kind: Kind
    unit: str
    centre: str
    orbit: int
    detector: int
    published: datetime
    made: datetime
    strip_start: datetime
    start: datetime
    end: datetime
    tile: str
    ring: Ring
    name: str


def scene(number: int, random: Random) -> Scene:
    """The scene of a number.

    Names differ: scenes that were made in the same second are less than 15 datastrips apart, so they share unit and
    centre only within one datastrip, where every scene has a start, and every tile a place, of its own.

    :param random: seeded by the number.
    """
    kind = random.choices(KINDS, _SHARES)[0]
    strip = number // _STRIP
    unit, centre = _UNITS[strip % 3], _CENTRES[strip // 3 % 5]
    published = BEGIN + STEP * number
    made = published - timedelta(seconds=random.randrange(240, 540))
    strip_start = _strip_start(strip, random)
    start = strip_start + timedelta(seconds=5 * (number % _STRIP))
    orbit = 43000 + strip // 80 + strip * 7919 % 14
    tile, ring = _place(kind, number, random)
    stem = f"S2{unit}_OPER_{kind.code}_{centre}_{made:%Y%m%dT%H%M%S}"
    detector = 1 + number % 12
    return Scene(
        kind=kind,
        unit=unit,
        centre=centre,
        orbit=orbit,
        detector=detector,
        published=published,
        made=made,
        strip_start=strip_start,
        start=start,
        end=start + timedelta(seconds=3.6 if kind.code.endswith("GR") else 900),
        tile=tile,
        ring=ring,
        name=f"{stem}_{_relation(kind, start, orbit, tile or f'{detector:02d}')}_N{BASELINE}.{kind.suffix}",
    )


def _strip_start(strip: int, random: Random) -> datetime:
    """Hours before publication; one scene in 25 comes days late."""
    days = random.randrange(1, 6) if random.random() < 0.04 else 0
    return BEGIN + STEP * strip * _STRIP - timedelta(days=days, seconds=7200 + strip * 2654435761 % 9973)


def _relation(kind: Kind, start: datetime, orbit: int, place: str) -> str:
    """What a name says behind the time of processing."""
    if kind.code.endswith(("TL", "TC")):
        return f"A{orbit:06d}_T{place}"
    return f"S{start:%Y%m%dT%H%M%S}" + (f"_D{place}" if kind.code.endswith("GR") else "")


def _place(kind: Kind, number: int, random: Random) -> tuple[str, Ring]:
    """The name of a tile, if it is one, and the footprint."""
    if kind.code.endswith(("TL", "TC")):
        return _tile(number, random)
    if kind.code.endswith("GR"):
        return "", _ring(random.uniform(-180, 179), random.uniform(-78, 72), (0.45, 0.25), 0.03)
    return "", _ring(random.uniform(-180, 170), random.uniform(-70, 30), (4, 25), 1.5)


def _tile(number: int, random: Random) -> tuple[str, Ring]:
    """A square of 110 km. Two numbers with one place are a multiple of 2880 apart; the middle north has most tiles."""
    column, row, zone = number % 6, number // 6 % 8, number // 48 % 60
    band = min(19, max(1, int(random.gauss(12, 3.5))))
    square = _COLUMNS[(zone * 6 + column) % 24] + _ROWS[(zone * 5 + band * 8 + row) % 20]
    west, south = -180 + zone * 6 + column, -80 + band * 8 + row
    width = min(0.99 / max(0.12, math.cos(math.radians(south + 0.5))), 6.0)
    return f"{zone + 1:02d}{_BANDS[band]}{square}", _ring(west, south, (width, 0.99), 0.02)


def _ring(west: float, south: float, size: tuple[float, float], skew: float) -> Ring:
    width, height = size
    west = min(west, 179.9 - width)
    corners = [
        (west, south),
        (west + width, south + skew),
        (west + width - skew, south + height),
        (west + skew, south + height - skew),
        (west, south),
    ]
    return [(round(x, 6), round(y, 6)) for x, y in corners]
