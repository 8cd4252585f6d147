"""SQLite's indexes beside those of columns: postings, numbers, trigrams, boxes, digests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import shapely

from prip_core.catalogue.checksum_rows import packed_digest
from prip_core.catalogue.database import Database
from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.footprint_rows import BOXES, boxes_of
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.looked_up import checksum_value, part_of_name
from prip_core.catalogue.ranges import ranged_sources
from prip_core.catalogue.sources import Source
from prip_core.catalogue.sqlite.trigrams import GRAM, Trigrams
from prip_core.catalogue.terms import Posted, Ranged, Spread
from prip_core.odata import ast


class SqliteIndexes:
    """Finds indexes for conditions."""

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self._trigrams = Trigrams(database)
        self._finders: Mapping[type[Any], Callable[[Any], list[Source]]] = {
            Posted: _posted,
            Spread: _spread,
            Ranged: lambda node: ranged_sources(dialect, node),
            ast.TextMatch: self._text_match,
            ast.FootprintMatch: _footprint,
            ast.AnyOf: _checksum,
        }

    def sources(self, node: ast.Node) -> list[Source]:
        """The indexes that find the products of a single condition."""
        finder = self._finders.get(type(node))
        return finder(node) if finder else []

    def _text_match(self, node: ast.TextMatch) -> list[Source]:
        text = part_of_name(node)
        question = None if text is None else self._trigrams.question(text)
        if text is None or question is None:
            return []
        return [
            Source(
                nodes=(node,),
                tables=Fragment("name_trigram AS s"),
                where=Fragment("s.name_trigram MATCH ?", (question,)),
                seq="s.rowid",
                exact=node.matching is ast.Matching.CONTAINS and len(text) == GRAM,
                once=True,
                in_order=True,
            )
        ]


def _posted(node: Posted) -> list[Source]:
    single = len(node.vids) == 1
    places = ", ".join("?" * len(node.vids))
    return [
        Source(
            nodes=(node,),
            tables=Fragment("attribute_post AS s"),
            where=Fragment("s.vid = ?" if single else f"s.vid IN ({places})", node.vids),
            seq="s.seq",
            rows=node.count,
            exact=True,
            once=single,
            in_order=single,
        )
    ]


def _spread(node: Spread) -> list[Source]:
    tables = enclosed(node.question) + Fragment("AS v CROSS JOIN attribute_post AS s ON s.vid = v.vid")
    return [Source(nodes=(node,), tables=tables, where=Fragment("1 = 1"), seq="s.seq", exact=True)]


def _footprint(node: ast.FootprintMatch) -> list[Source]:
    if node.relation is ast.Relation.DISJOINT:
        return []
    boxes = [
        Fragment(
            f"SELECT b.id / {BOXES} AS seq FROM footprint_box AS b "  # noqa: S608  # constants
            "WHERE b.west <= ? AND b.east >= ? AND b.south <= ? AND b.north >= ?",
            (box.east, box.west, box.north, box.south),
        )
        for box in boxes_of(shapely.from_wkb(node.area))
    ]
    tables = enclosed(joined(" UNION ALL ", boxes)) + Fragment("AS s")
    return [Source(nodes=(node,), tables=tables, where=Fragment("1 = 1"), seq="s.seq")]


def _checksum(node: ast.AnyOf) -> list[Source]:
    value = checksum_value(node)
    if value is None:
        return []
    packed = packed_digest(value)
    # Without the plus SQLite would reckon the first bytes from the value, and use no index.
    where = Fragment("substr(s.value, 1, 8) = ? AND +s.value = ?", (packed[:8], packed))
    return [Source(nodes=(node,), tables=Fragment("checksum AS s"), where=where, seq="s.seq")]
