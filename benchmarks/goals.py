"""All goals, in the order in which they are measured."""

from __future__ import annotations

from benchmarks import downloads, ingest, reports
from benchmarks.goal import Goal
from benchmarks.odata.goals import odata_goals

GOALS = (
    *odata_goals(),
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
