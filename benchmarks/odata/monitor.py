"""What a service monitor asks, each query by itself: what it finds, and what is not there (P12)."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from benchmarks.bench import Bench
from benchmarks.odata.asking import compared, ours, p95
from benchmarks.odata.databases import Database
from benchmarks.odata.polls import against_peer
from benchmarks.odata.questions import Asked, Question, day_before, moment
from benchmarks.odata.scenes import BEGIN, STEP
from prip_core.times import format_utc

LONGEST = 0.02
"""Seconds that 95 of 100 answers may take."""

_PREFIXES = ("S2A_OPER_MSI_L1C_TL", "S2B_OPER_MSI_L0__GR", "S2C_OPER_MSI_L2A_TL", "S2A_OPER_MSI_L1B_GR", "S2B_OPER")
_ABSENT_PREFIXES = ("S1A_", "S3B_OL_1", "S2A_OPER_AUX", "S2D_OPER_MSI_L1C_TL")
_NEWEST = {"orderby": "PublicationDate desc", "top": 100}


def window(bench: Bench, database: Database) -> float:
    """A thousand products of a quarter of an hour with their attributes, against the service of comparison."""
    return against_peer(bench, database, window_question)


def window_absent(bench: Bench, database: Database) -> float:
    """The same after the newest product."""
    return _share(bench, database, empty_window_question)


def prefix(bench: Bench, database: Database) -> float:
    """The newest hundred of a type within the last day."""
    return _share(bench, database, prefix_question)


def prefix_absent(bench: Bench, database: Database) -> float:
    """The same of a type that is not there."""
    return _share(bench, database, absent_prefix_question)


def suffix(bench: Bench, database: Database) -> float:
    """The newest hundred of a suffix that a quarter of all names have."""
    return _share(bench, database, lambda _random, _rows: Asked(filter="endswith(Name,'.tar')", options=_NEWEST))


def suffix_absent(bench: Bench, database: Database) -> float:
    """The same of a suffix that no name has."""
    return _share(bench, database, absent_suffix_question)


def online(bench: Bench, database: Database) -> float:
    """The newest hundred that are online."""
    return _share(bench, database, lambda _random, _rows: Asked(filter="Online eq true", options=_NEWEST))


def offline(bench: Bench, database: Database) -> float:
    """The same of those that are not: there are none."""
    asked = Asked(filter="Online eq false", options=_NEWEST, finds=False)
    return _share(bench, database, lambda _random, _rows: asked)


def evicted_later(bench: Bench, database: Database) -> float:
    """The newest hundred that stay for a time."""
    return _share(bench, database, eviction_question)


def evicted_later_absent(bench: Bench, database: Database) -> float:
    """The same of those that stay for years: there are none."""
    asked = Asked(filter="EvictionDate gt 2035-01-01T00:00:00.000Z", options=_NEWEST, finds=False)
    return _share(bench, database, lambda _random, _rows: asked)


def _share(bench: Bench, database: Database, question: Question) -> float:
    """The p95 as a share of what is allowed."""
    found = compared(bench.scale, {"question": ours(bench, database, question)}, p95)
    return found["question"] / LONGEST


def window_question(random: Random, rows: int) -> Asked:
    """A quarter of an hour of publications, or their first thousand."""
    begin = random.uniform(0, 0.7 * rows)
    end = begin + timedelta(minutes=15) / STEP
    found = f"PublicationDate ge {moment(begin)} and PublicationDate le {moment(end)}"
    return Asked(filter=found, options={"top": 1000})


def empty_window_question(random: Random, rows: int) -> Asked:
    """A window after the newest product."""
    begin = rows + random.uniform(1, 1000)
    found = f"PublicationDate ge {moment(begin)} and PublicationDate le {moment(begin + 1000)}"
    return Asked(filter=found, options={"top": 1000}, finds=False)


def prefix_question(random: Random, rows: int) -> Asked:
    """The newest products of a type within the last day."""
    return Asked(filter=_of_last_day(random.choice(_PREFIXES), random, rows), options=_NEWEST)


def absent_prefix_question(random: Random, rows: int) -> Asked:
    """The same of types that are not there."""
    return Asked(filter=_of_last_day(random.choice(_ABSENT_PREFIXES), random, rows), options=_NEWEST, finds=False)


def _of_last_day(beginning: str, random: Random, rows: int) -> str:
    since = day_before(rows) + timedelta(seconds=random.uniform(0, 3600))
    return f"startswith(Name,'{beginning}') and PublicationDate gt {format_utc(since)}"


def absent_suffix_question(random: Random, _rows: int) -> Asked:
    """The newest products of a suffix that no name has."""
    return Asked(filter=f"endswith(Name,'{random.choice(('.zip', '.SAFE', '.TGZ'))}')", options=_NEWEST, finds=False)


def eviction_question(random: Random, rows: int) -> Asked:
    """The newest products that stay for a time."""
    date = BEGIN + STEP * random.uniform(0, 0.9 * rows) + timedelta(days=7)
    return Asked(filter=f"EvictionDate gt {format_utc(date)}", options=_NEWEST)
