"""From the tree of a ``$filter`` to a condition of SQL on ``product AS p``; every value of a client's is bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from prip_core.catalogue.conditions import ChecksumElements, Conditions
from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.fragments import Fragment, enclosed
from prip_core.catalogue.ranges import in_ranges
from prip_core.catalogue.scalars import Columns, Scalars, column_of
from prip_core.catalogue.terms import Numbered, Posted, Ranged, Spread
from prip_core.odata import ast
from prip_core.odata.parts import inside


class Filter(Conditions):
    """Writes conditions on products.

    :param now: the time of the request, milliseconds.
    :param steering: names of the columns whose indexes the database may use to find the rows; ``None``: of all.
    :param number: the term for the product's number: that of the index which finds it spares a look at the product.
    """

    WRITERS: ClassVar[Mapping[type[ast.Node], str]] = {
        **Conditions.WRITERS,
        ast.AnyOf: "_any_of",
        ast.FootprintMatch: "_footprint",
        Posted: "_posted",
        Spread: "_spread",
        Numbered: "_numbered",
        Ranged: "_ranged",
    }

    def __init__(
        self, dialect: Dialect, now: int, steering: frozenset[str] | None = None, *, number: str = "p.seq"
    ) -> None:
        self._columns = Columns(dialect, steering)
        super().__init__(dialect, Scalars(dialect, now, self._columns.column))
        self._now = now
        self._number = number

    def column(self, name: str) -> str:
        """A column, or the term that keeps its index out."""
        return self._columns.column(name)

    def seq(self) -> str:
        """The column ``seq``, whose order PublicationDate has."""
        return "p.seq" if self._columns.may_steer("publication_date") else self._dialect.unindexed("seq")

    def checksum(self, node: ast.Node) -> Fragment:
        """A condition on ``checksum AS c``."""
        elements = ChecksumElements(self._dialect)
        return Conditions(self._dialect, Scalars(self._dialect, self._now, self.column, elements)).condition(node)

    def _footprint(self, node: ast.FootprintMatch) -> Fragment:
        return self._dialect.relates(node.relation, node.area, self._number)

    def _comparison(self, node: ast.Comparison) -> Fragment:
        if is_publication_bound(node):
            assert isinstance(node.right, ast.Literal)
            return Fragment(f"{self.seq()} {_SEQ_BOUNDS[node.operator]}", (node.right.value,))
        return super()._comparison(node)

    def _text_match(self, node: ast.TextMatch) -> Fragment:
        prefix = prefix_range(node)
        if prefix is None or not isinstance(node.operand, ast.PropertyValue):
            return super()._text_match(node)
        column = self.column(column_of(node.operand))
        first, end = prefix
        if end is None:
            return Fragment(f"{column} >= ?", (first,))
        return Fragment(f"({column} >= ? AND {column} < ?)", (first, end))

    def _any_of(self, node: ast.AnyOf) -> Fragment:
        if node.collection is ast.Collection.ATTRIBUTES:
            assert node.condition is None, "the dictionary is asked before a filter is written"
            return Fragment(f"(SELECT d.attributes > 0 FROM document AS d WHERE d.seq = {self._number})")  # noqa: S608
        every = Fragment(f"checksum AS c WHERE c.seq = {self._number}")
        if node.condition is None:
            return self._dialect.exists(every)
        return self._dialect.exists(every + Fragment("AND") + self.checksum(node.condition))

    def _posted(self, node: Posted) -> Fragment:
        return self._dialect.posted(node.vids, self._number)

    def _spread(self, node: Spread) -> Fragment:
        return self._dialect.spread(node.question, self._number)

    def _numbered(self, node: Numbered) -> Fragment:
        return self._dialect.exists(enclosed(node.question) + Fragment(f"AS w WHERE w.seq = {self._number}"))

    def _ranged(self, node: Ranged) -> Fragment:
        rows = Fragment(f"attribute_number AS v WHERE v.name_id = ? AND v.seq = {self._number} AND", (node.name_id,))
        return self._dialect.exists(rows + in_ranges(self._dialect, node, "v"))


def _seq_bound(side: str, before: str) -> str:
    """The rest of a bound on ``seq`` that says what a bound on PublicationDate does: both have the same order.

    :param side: on which side of a seq the products lie.
    :param before: of which seq: the last one with a date before (or at) the one that is bound.
    """
    return f"{side} {seq_before(before)}"


def seq_before(before: str) -> str:
    """The last seq with a PublicationDate before (``<``) a bound date, or not behind it (``<=``); 0: there is none."""
    return (
        f"coalesce((SELECT e.seq FROM product AS e WHERE e.publication_date {before} ? "  # noqa: S608  # constants
        "ORDER BY e.publication_date DESC, e.seq DESC LIMIT 1), 0)"
    )


_SEQ_BOUNDS = {
    ast.Operator.GT: _seq_bound(">", "<="),
    ast.Operator.GE: _seq_bound(">", "<"),
    ast.Operator.LT: _seq_bound("<=", "<"),
    ast.Operator.LE: _seq_bound("<=", "<="),
}


def is_publication_bound(node: ast.Node) -> bool:
    """A bound of PublicationDate, which is one of ``seq``."""
    return (
        isinstance(node, ast.Comparison)
        and compared_column(node) == "publication_date"
        and node.operator in _SEQ_BOUNDS
    )


def compared_column(node: ast.Comparison) -> str | None:
    """The column that is compared with a literal; ``None``: it is something else that is compared."""
    if isinstance(node.left, ast.PropertyValue) and isinstance(node.right, ast.Literal):
        return column_of(node.left)
    return None


def prefix_range(node: ast.TextMatch) -> tuple[str, str | None] | None:
    """The first text that begins with a literal, and the first behind all that do (``None``: there is none); ``None``
    for what is no literal prefix."""
    if node.matching is not ast.Matching.STARTS_WITH or not isinstance(node.text, ast.Literal):
        return None
    text = str(node.text.value)
    return text, _after_prefix(text)


def speaks_of_columns(node: ast.Node) -> bool:
    """Whether a tree takes a look at the product; otherwise its number says enough."""
    return any(isinstance(part, ast.PropertyValue) for part in inside(node))


def mentions(node: ast.Node, column: str) -> bool:
    """Whether a tree says anything about a column of the product."""
    return any(isinstance(part, ast.PropertyValue) and column_of(part) == column for part in inside(node))


def _after_prefix(prefix: str) -> str | None:
    """The first text, by code points, behind all that begin with a prefix; ``None``: there is none."""
    kept = prefix.rstrip("\U0010ffff")
    if not kept:
        return None
    following = ord(kept[-1]) + 1
    # Surrogates are no characters: UTF-8 goes on behind them.
    return kept[:-1] + chr(0xE000 if following == 0xD800 else following)
