"""The list of products: polls, deep pages and counts, against bare Flask and against themselves."""

from __future__ import annotations

import json
import statistics
from urllib.parse import urlsplit

from benchmarks.bench import Bench
from benchmarks.client import Client, query, rate
from benchmarks.measuring import interleaved, seconds
from benchmarks.rows import BEGIN, STEP
from prip_core.testing.delivery_point import DeliveryPoint

PATH = "/odata/v1/Products"


def poll_throughput(bench: Bench) -> float:
    """Polls per second, as a share of what Flask answers with a greeting."""
    point = bench.catalogue_of(bench.scale.rows)
    poll = _poll(bench.scale.rows)
    ways = {
        "poll": lambda: rate(point.port, [poll] * bench.scale.requests, point.credentials),
        "hello": lambda: rate(bench.reference(), ["/hello"] * bench.scale.requests, None),
    }
    found = interleaved(ways, bench.scale.rounds)
    return found["poll"] / found["hello"]


def poll_growth(bench: Bench) -> float:
    """How much slower a poll becomes when the catalogue grows tenfold."""
    many, few = bench.scale.rows, bench.scale.rows // 10
    return _compared(bench, (bench.catalogue_of(many), _poll(many)), (bench.catalogue_of(few), _poll(few)))


def deep_skip(bench: Bench) -> float:
    """A page far from the beginning against the first one."""
    point = bench.catalogue_of(bench.scale.rows)
    return _compared(bench, (point, _page(bench.scale.rows * 9 // 10)), (point, _page(0)))


def deep_token(bench: Bench) -> float:
    """The next link of a page far from the beginning against the next link of the first one."""
    point = bench.catalogue_of(bench.scale.rows)
    deep, first = (_next_of(point, _page(skip)) for skip in (bench.scale.rows * 9 // 10, 0))
    return _compared(bench, (point, deep), (point, first))


def count(bench: Bench) -> float:
    """What counting the newer half of all products adds to a poll of it."""
    point = bench.catalogue_of(bench.scale.rows)
    half = f"PublicationDate gt {BEGIN + STEP * (bench.scale.rows // 2):%Y-%m-%dT%H:%M:%SZ}"
    counted = query(PATH, filter=half, orderby="PublicationDate", top=20, count="true")
    plain = query(PATH, filter=half, orderby="PublicationDate", top=20)
    return _compared(bench, (point, counted), (point, plain))


def _poll(rows: int) -> str:
    """The newest 20 with their attributes, as a client asks that has seen all the others."""
    last = BEGIN + STEP * (rows - 21)
    newer = f"PublicationDate gt {last:%Y-%m-%dT%H:%M:%S}.{last.microsecond // 1000:03d}Z"
    return query(PATH, filter=newer, orderby="PublicationDate", top=20, expand="Attributes")


def _page(skip: int) -> str:
    return query(PATH, orderby="PublicationDate", top=20, skip=skip)


def _next_of(point: DeliveryPoint, target: str) -> str:
    with Client(point.port, point.credentials) as client:
        parts = urlsplit(json.loads(client.get(target))["@odata.nextLink"])
    return f"{parts.path}?{parts.query}"


def _compared(bench: Bench, measured: tuple[DeliveryPoint, str], reference: tuple[DeliveryPoint, str]) -> float:
    """The ratio of the medians of one client's answer times."""
    found = interleaved(
        {"measured": lambda: _median(bench, *measured), "reference": lambda: _median(bench, *reference)},
        bench.scale.rounds,
    )
    return found["measured"] / found["reference"]


def _median(bench: Bench, point: DeliveryPoint, target: str) -> float:
    with Client(point.port, point.credentials) as client:
        assert json.loads(client.get(target))["value"], f"nothing is found by {target}"
        return statistics.median(seconds(lambda: client.drain(target)) for _ in range(bench.scale.requests))
