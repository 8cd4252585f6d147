"""Searches by name, attribute and area: answer times (P5 to P7)."""

from __future__ import annotations

from benchmarks.bench import Bench
from benchmarks.odata.asking import compared, ours
from benchmarks.odata.databases import Database
from benchmarks.odata.polls import against_peer
from benchmarks.odata.questions import attribute, contains, contains_none, contains_rare, intersects


def contains_present(bench: Bench, database: Database) -> float:
    """P5: a tile's name within names, against the service of comparison."""
    return against_peer(bench, database, contains)


def contains_one(bench: Bench, database: Database) -> float:
    """P5: 36 characters that one or two names contain."""
    return against_peer(bench, database, contains_rare)


def contains_absent(bench: Bench, database: Database) -> float:
    """P5: what no name contains."""
    return against_peer(bench, database, contains_none)


def any_attribute(bench: Bench, database: Database) -> float:
    """P6: any attribute equal to a value, against an indexed column of the service of comparison."""
    return against_peer(bench, database, attribute)


def area(bench: Bench, database: Database) -> float:
    """P7: an exact intersection, against ``contains`` on the same server: the peer has no geometry."""
    found = compared(bench.scale, {"area": ours(bench, database, intersects), "name": ours(bench, database, contains)})
    return found["area"] / found["name"]
