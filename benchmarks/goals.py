"""The goals: what is measured, against which reference, and the ratio that is to be reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks import downloads, ingest, queries, reports
from benchmarks.bench import Bench


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """One line of the result.

    :param what: what is measured, and against what.
    :param at_least: the ratio must not be smaller.
    :param at_most: the ratio must not be larger.
    """

    id: str
    what: str
    measure: Callable[[Bench], float]
    at_least: float | None = None
    at_most: float | None = None

    def line(self, ratio: float) -> str:
        """The result for people and for ``grep``."""
        bound = f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"
        return f"{self.id:<4} {ratio:8.3f}  {bound:<8} {'ok' if self.reached(ratio) else 'falls short':<12} {self.what}"

    def reached(self, ratio: float) -> bool:
        """Whether a ratio is good enough."""
        return (self.at_least is None or ratio >= self.at_least) and (self.at_most is None or ratio <= self.at_most)


GOALS = (
    Goal(
        id="P2",
        what="requests/s: newest 20 products with attributes / Flask hello JSON on the same server",
        measure=queries.poll_throughput,
        at_least=0.12,
    ),
    Goal(
        id="P8",
        what="p50 of that poll: all rows / a tenth of them",
        measure=queries.poll_growth,
        at_most=1.5,
    ),
    Goal(
        id="P10",
        what="p50 of a page: $skip of nine tenths of all rows / no $skip",
        measure=queries.deep_skip,
        at_most=20,
    ),
    Goal(
        id="P10t",
        what="p50 of a page: the next link at that depth / the next link of the first page",
        measure=queries.deep_token,
        at_most=1.2,
    ),
    Goal(
        id="P11",
        what="p50 of a poll of the newer half: with $count / without",
        measure=queries.count,
        at_most=3,
    ),
    Goal(
        id="D1",
        what="bytes/s of one large file: $value / bare Flask send_file on the same server",
        measure=downloads.large,
        at_least=0.8,
    ),
    Goal(
        id="D2",
        what="requests/s of 1 MB files: $value / bare Flask send_file on the same server",
        measure=downloads.small,
        at_least=0.7,
    ),
    Goal(
        id="I1",
        what="bytes/s of large tars: prip ingest, durable / naive script, same digests, not durable",
        measure=ingest.large,
        at_least=1.2,
    ),
    Goal(
        id="I2",
        what="products/s of 5 MiB tars: prip ingest, durable / naive script, same digests, not durable",
        measure=ingest.small,
        at_least=1.1,
    ),
    Goal(
        id="I3",
        what="bytes/s of large tars: prip ingest, with copy / MD5 in memory on as many cores",
        measure=ingest.against_md5,
        at_least=0.4,
    ),
    Goal(
        id="I5",
        what="quality reports/s through ingest / the 60 a second that ten times the daily load needs",
        measure=reports.against_need,
        at_least=1,
    ),
    Goal(
        id="I5c",
        what="quality reports/s through ingest / durable one-row commits a second",
        measure=reports.against_commits,
        at_least=1,
    ),
    Goal(
        id="L1",
        what="p95 from rename to listed / (1 s + 1.5 x a bare copy and hash)",
        measure=ingest.latency,
        at_most=1,
    ),
)
