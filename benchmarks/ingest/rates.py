"""How fast bytes and products go in: two workers with all that the delivery point promises (I1 to I3)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.ingest import references
from benchmarks.ingest.places import Place, new_point
from benchmarks.ingest.runs import ours, products
from benchmarks.measuring import interleaved
from prip_core.testing.sentinel2 import Sentinel2Specification

_LARGE_COUNT = 4
_SMALL_SIZE = 5 << 20

Way = Callable[[], float]


@dataclass(frozen=True, slots=True)
class Rates:
    """Bytes per second of large products, medians of all rounds.

    :param naive: of the script.
    :param limit: of MD5 in memory; of boto3's upload alone where the bytes go into a bucket.
    """

    ours: float
    naive: float
    limit: float


def large(bench: Bench, place: Place) -> float:
    """I1: large products, against the naive script."""
    rates = _large_rates(bench, place)
    return rates.ours / rates.naive


def against_limit(bench: Bench, place: Place) -> float:
    """I3: large products, against MD5 alone on as many cores as there are workers, or against the upload alone."""
    rates = _large_rates(bench, place)
    return rates.ours / rates.limit


def small(bench: Bench, place: Place) -> float:
    """I2: small products, against the naive script."""
    paths = small_products(bench, bench.scale.small)
    script = references.naive_upload if place is Place.S3 else references.naive
    ways = {"ours": lambda: ours(new_point(bench, place), paths), "naive": lambda: script(bench, paths)}
    found = interleaved(_tidied(bench, place, ways), bench.scale.rounds)
    return found["naive"] / found["ours"]


def small_products(bench: Bench, number: int) -> list[Path]:
    """So many granules of 5 MiB."""
    return products(bench, number, Sentinel2Specification(product_type="MSI_L0__GR", size=_SMALL_SIZE))


@cache
def _large_rates(bench: Bench, place: Place) -> Rates:
    like = Sentinel2Specification(product_type="MSI_L0__GR", size=bench.scale.large)
    paths = products(bench, _LARGE_COUNT, like)
    size = sum(path.stat().st_size for path in paths)
    ways = {"ours": lambda: ours(new_point(bench, place), paths), **_compared(bench, place, paths, size)}
    taken = interleaved(_tidied(bench, place, ways), bench.scale.rounds)
    return Rates(ours=size / taken["ours"], naive=size / taken["naive"], limit=size / taken["limit"])


def _tidied(bench: Bench, place: Place, ways: Mapping[str, Way]) -> Mapping[str, Way]:
    """The same ways, each of which leaves nothing in the memory of the S3 server."""

    def tidied(way: Way) -> float:
        taken = way()
        bench.s3().remove_buckets()
        return taken

    return {name: partial(tidied, way) for name, way in ways.items()} if place is Place.S3 else ways


def _compared(bench: Bench, place: Place, paths: Sequence[Path], size: int) -> dict[str, partial[float]]:
    if place is Place.S3:
        script, limit = references.naive_upload, partial(references.upload, bench, paths)
    else:
        script, limit = references.naive, partial(references.md5, size)
    return {"naive": partial(script, bench, paths), "limit": limit}
