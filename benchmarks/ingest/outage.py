"""How soon a backlog is gone (L3)."""

from __future__ import annotations

import statistics

from benchmarks.bench import Bench
from benchmarks.ingest.places import Place, new_point
from benchmarks.ingest.runs import ours, products
from prip_core.testing.sentinel2 import Sentinel2Specification

PRODUCTS_A_SECOND = 150_000 / 86_400
REPORTS_OF_A_PRODUCT = 500_000 / 150_000
BYTES_OF_A_PRODUCT = 10**13 // 150_000
"""The load of a day: products, quality reports, 10 TB."""

CATCHING_UP = 2.0
"""After an outage the chain delivers so many times as fast."""


def backlog(bench: Bench, place: Place) -> float:
    """L3: the time until the backlog of an outage is gone, in lengths of the outage.

    A part of a day's load, in its proportions, is taken in as fast as it goes. While the backlog of an outage is taken
    in at that rate, the chain goes on at twice the rate of the load.
    """
    number = bench.scale.backlog
    large = Sentinel2Specification(product_type="MSI_L1C_TL", size=BYTES_OF_A_PRODUCT)
    report = Sentinel2Specification(product_type="OLQC_REPORT", size=2000)
    paths = products(bench, number, large) + products(bench, round(number * REPORTS_OF_A_PRODUCT), report)
    taken = [ours(new_point(bench, place), paths) for _ in range(bench.scale.rounds + 1)]
    times_the_load = number / PRODUCTS_A_SECOND / statistics.median(taken[1:])
    spare = times_the_load - CATCHING_UP
    return 1 / spare if spare > 0 else float("inf")
