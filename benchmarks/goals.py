"""All goals, in the order in which they are measured."""

from __future__ import annotations

from benchmarks import downloads
from benchmarks.goal import Goal
from benchmarks.ingest.goals import ingest_goals
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
    *ingest_goals(),
)
