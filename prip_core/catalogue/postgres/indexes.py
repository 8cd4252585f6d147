"""PostgreSQL's indexes beside those of columns: attribute values, numbers, trigrams, footprints, digests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import shapely

from prip_core.catalogue.database import Database
from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.footprint_rows import boxes_of
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.looked_up import checksum_value, part_of_name
from prip_core.catalogue.postgres.checksums import stored_digest
from prip_core.catalogue.postgres.names import Names
from prip_core.catalogue.ranges import ranged_sources
from prip_core.catalogue.sources import Source, Window, counted
from prip_core.catalogue.terms import Numbered, Posted, Ranged, Spread
from prip_core.odata import ast

_SEARCH = Fragment("document AS s")
_BYTES = 7  # of a checksum, in its index: with their length they make eight


class PostgresIndexes:
    """Finds the indexes of single conditions."""

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self._dialect = dialect
        self._names = Names(database)
        self._finders: Mapping[type[Any], Callable[[Any], list[Source]]] = {
            Posted: _posted,
            Spread: _spread,
            Numbered: _numbered,
            Ranged: lambda node: ranged_sources(dialect, node),
            ast.TextMatch: self._text_match,
            ast.FootprintMatch: self._footprint,
            ast.AnyOf: _checksum,
        }

    def sources(self, node: ast.Node) -> list[Source]:
        """The indexes that find the products of a single condition."""
        finder = self._finders.get(type(node))
        return finder(node) if finder else []

    def _text_match(self, node: ast.TextMatch) -> list[Source]:
        """Names by the rarest trigrams of a text."""
        text = part_of_name(node)
        grams = None if text is None else self._names.rarest(text)
        if text is None or not grams:
            return []
        found = Fragment("prip_trigrams(s.name) @> ?::text[]", (list(grams),))
        holds = self._dialect.matches(Fragment("s.name"), node.matching, Fragment("?", (text,)))
        guess = self._names.sample().guess(text)
        return [_of_search(node, joined(" AND ", [found, holds]), once=True, estimated=True, guess=guess)]

    def _footprint(self, node: ast.FootprintMatch) -> list[Source]:
        if node.relation is ast.Relation.DISJOINT:
            return []
        # One box around the parts on each side of Greenwich: of an area at the antimeridian, one would go round.
        boxes = [
            Fragment("s.footprint && st_makeenvelope(?, ?, ?, ?)", (box.west, box.south, box.east, box.north))
            for box in boxes_of(shapely.from_wkb(node.area))
        ]
        test = {
            ast.Relation.INTERSECTS: "_st_intersects(s.footprint, st_geomfromwkb(?))",
            ast.Relation.WITHIN: "_st_contains(st_geomfromwkb(?), s.footprint)",
        }[node.relation]
        where = enclosed(joined(" OR ", boxes)) + Fragment("AND") + Fragment(test, (node.area,))
        return [_of_search(node, where, once=True, estimated=True)]


def _of_search(node: ast.Node, where: Fragment, **facts: Any) -> Source:
    return Source(nodes=(node,), tables=_SEARCH, where=where, seq="s.seq", exact=True, **facts)


def _posted(node: Posted) -> list[Source]:
    where = Fragment("s.vids @> ?::integer[]" if len(node.vids) == 1 else "s.vids && ?::integer[]", (list(node.vids),))
    # The count of several values may be more than that of their products.
    return [_of_search(node, where, rows=node.count, once=len(node.vids) == 1)]


def _spread(node: Spread) -> list[Source]:
    vids = Fragment("SELECT q.vid FROM") + enclosed(node.question) + Fragment("AS q")
    where = Fragment("s.vids && ARRAY") + enclosed(vids)
    return [_of_search(node, where, once=True, estimated=True)]


def _numbered(node: Numbered) -> list[Source]:
    return [
        Source(
            nodes=(node,),
            tables=enclosed(node.question) + Fragment("AS s"),
            where=Fragment("1 = 1"),
            seq="s.seq",
            exact=True,
        )
    ]


def _checksum(node: ast.AnyOf) -> list[Source]:
    value = checksum_value(node)
    if value is None:
        return []
    stored = stored_digest(value)
    where = Fragment(f"substr(s.value, 1, {_BYTES}) = ? AND s.value = ?", (stored[:_BYTES], stored))
    return [Source(nodes=(node,), tables=Fragment("checksum AS s"), where=where, seq="s.seq")]


def counts(database: Database, sources: Sequence[Source], window: Window, few: int) -> Sequence[int]:
    """How many rows indexes give within a window: counted, or estimated by the planner where counting takes long."""
    exactly = [source for source in sources if not source.estimated]
    found = iter(counted(database, exactly, window, few) if exactly else ())
    return [_estimated(database, source, window) if source.estimated else next(found) for source in sources]


def _estimated(database: Database, source: Source, window: Window) -> int:
    if source.guess is not None:
        return source.guess
    question = Fragment("EXPLAIN (FORMAT JSON)") + source.select(window)
    (([plan],),) = database.rows_of(question.text, question.values)
    return int(plan["Plan"]["Plan Rows"])
