"""The goals of ingest, in the order in which they are measured."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from benchmarks.goal import Goal
from benchmarks.ingest import freshness, outage, rates, reports, searching, waiting
from benchmarks.ingest.places import Place
from benchmarks.odata.databases import Database

_SCRIPT = "naive script, same digests, files not durable"
_INTO = {Place.COPY: "copied", Place.LINK: "taken over by link", Place.S3: "uploaded"}


def ingest_goals() -> Iterator[Goal]:
    """I1 to I6, L1, L3, F12 and L4."""
    yield from _bytes(Place.COPY, suffix="", limit="MD5 in memory on as many cores", at_least=0.4, stretch=0.55)
    yield from _bytes(Place.LINK, suffix="l", limit="MD5 in memory on as many cores", at_least=0.7, stretch=0.95)
    yield from _bytes(Place.S3, suffix="s", limit="boto3's upload alone, without a digest", at_least=0.4, stretch=0.8)
    for database in Database:
        yield from _reports(database)
    yield Goal(
        id="I6",
        database=Database.SQLITE,
        what="p95 of searches while two workers ingest as fast as they can / idle",
        measure=searching.while_ingesting,
        at_most=3,
        stretch=1.5,
    )
    yield from _times()


def _reports(database: Database) -> Iterator[Goal]:
    """I5."""
    yield Goal(
        id="I5",
        database=database,
        what="quality reports/s through ingest / the 60 a second that ten times the daily load needs",
        measure=partial(reports.against_need, database=database),
        at_least=1,
    )
    yield Goal(
        id="I5c",
        database=database,
        what="quality reports/s through ingest / durable one-row commits a second of SQLite",
        measure=partial(reports.against_commits, database=database),
        at_least=1,
    )


def _times() -> Iterator[Goal]:
    """L1, L3, F12 and L4."""
    yield Goal(
        id="L1",
        what="p95 from rename to listed / (1 s + 1.5 x a bare copy and hash)",
        measure=waiting.latency,
        at_most=1,
    )
    for place, suffix in ((Place.COPY, ""), (Place.LINK, "l")):
        yield Goal(
            id=f"L3{suffix}",
            what=f"time until the backlog of an outage is {_INTO[place]}, the chain at twice the load / the outage",
            measure=partial(outage.backlog, place=place),
            at_most=1 / 3,
            stretch=1 / 5,
        )
    yield Goal(
        id="F12",
        what="share in time of fresh NRT products beside a backlog of twelve hours, from the first hour on",
        measure=freshness.in_time,
        at_least=0.95,
    )
    yield Goal(
        id="F12o",
        what="the same where the oldest is taken in first: what limits are good for",
        measure=partial(freshness.in_time, limits=False),
        at_most=0.95,
    )
    yield Goal(
        id="L4",
        what="time from a kill of the ingest process to the next product listed / 15 s",
        measure=waiting.restart,
        at_most=1,
        stretch=1 / 3,
    )


def _bytes(place: Place, suffix: str, limit: str, *, at_least: float, stretch: float) -> Iterator[Goal]:
    """I1 to I3.

    :param suffix: of the ids.
    :param limit: what I3 is divided by.
    :param at_least: of I3.
    :param stretch: of I3.
    """
    yield Goal(
        id=f"I1{suffix}",
        what=f"bytes/s of large tars, {_INTO[place]}: prip ingest, durable / {_SCRIPT}",
        measure=partial(rates.large, place=place),
        at_least=1.2,
        stretch=1.5,
    )
    yield Goal(
        id=f"I2{suffix}",
        what=f"products/s of 5 MiB tars, {_INTO[place]}: prip ingest, durable / {_SCRIPT}",
        measure=partial(rates.small, place=place),
        at_least=1.1,
        stretch=1.5,
    )
    yield Goal(
        id=f"I3{suffix}",
        what=f"bytes/s of large tars, {_INTO[place]}: prip ingest / {limit}",
        measure=partial(rates.against_limit, place=place),
        at_least=at_least,
        stretch=stretch,
    )
