"""What a list shows at all, and how much there is of it: asked once, where it decides how a page is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum

from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.filters import compared_column, is_publication_bound, mentions, seq_before
from prip_core.catalogue.fragments import Fragment, joined
from prip_core.catalogue.searching import Searching
from prip_core.catalogue.sources import Window, span
from prip_core.odata.ast import And, Comparison, Literal, Node, Operator
from prip_core.odata.options import Listing, Query


class Shown(Enum):
    """Which products a list shows."""

    ONLINE = 1
    OFFLINE = 0
    ALL = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is known of a list.

    :param shown: ``ALL`` also where that is all there is.
    :param window: where its products lie.
    :param size: how many products are in the window, at the most.
    :param listed: how many products the list shows without a filter.
    :param products: how many there are in all.
    :param last_seq: the number of the newest product.
    """

    shown: Shown
    window: Window
    size: int
    listed: int
    products: int
    last_seq: int


def shown_by(query: Query, nodes: Sequence[Node], *, list_evicted: bool) -> tuple[Shown, Sequence[Node]]:
    """Which products a query's list shows: online ones, unless the filter speaks of the others, too.

    :param nodes: the filter's conditions, which all hold.
    :returns: that, and the conditions that this does not fulfil already.
    """
    if query.listing is Listing.DELETED_PRODUCTS:
        return Shown.OFFLINE, nodes
    said = {each for each in map(_said, nodes) if each is not None}
    if len(said) == 1:
        return said.pop(), [node for node in nodes if _said(node) is None]
    if list_evicted or (query.filter is not None and mentions(query.filter, "online")):
        return Shown.ALL, nodes
    return Shown.ONLINE, nodes


def _said(node: Node) -> Shown | None:
    """What ``Online eq true`` and the like say outright: what is online is counted and has its own index."""
    if not isinstance(node, Comparison) or compared_column(node) != "online":
        return None
    assert isinstance(node.right, Literal)
    if node.operator not in (Operator.EQ, Operator.NE) or not isinstance(node.right.value, bool):
        return None
    return Shown.ONLINE if node.right.value == (node.operator is Operator.EQ) else Shown.OFFLINE


def read_scope(searching: Searching, nodes: Sequence[Node], shown: Shown) -> Scope:
    """Ask for what is known of a list.

    :param nodes: conditions that all hold.
    """
    bounds = [node for node in nodes if isinstance(node, Comparison) and is_publication_bound(node)]
    terms = joined(", ", [_CLOCK, *_ends(searching.dialect, shown), *map(_bound_seq, bounds)])
    question = Fragment("SELECT") + terms + Fragment("FROM publication_clock")
    ((products, online, last_seq, first, last, *seqs),) = searching.database.rows_of(question.text, question.values)
    listed = {Shown.ALL: products, Shown.ONLINE: online, Shown.OFFLINE: products - online}[shown]
    shown = Shown.ALL if listed == products else shown
    window = span(And(tuple(nodes))).cut(*_published(bounds, seqs))
    if shown is not Shown.ALL:
        # The last one online is not bound: products that come meanwhile are welcome.
        window = window.cut(first or 1, last if shown is Shown.OFFLINE else None)
    size = min(listed, window.size(last_seq))
    return Scope(shown=shown, window=window, size=size, listed=listed, products=products, last_seq=last_seq)


_CLOCK = Fragment("products, online, last_seq")


def _ends(dialect: Dialect, shown: Shown) -> Sequence[Fragment]:
    """The first and the last product that a list shows."""
    if shown.value is None:
        return [Fragment("1"), Fragment("NULL")]
    return [dialect.end_of_listed(shown.value, last=last) for last in (False, True)]


def _bound_seq(node: Comparison) -> Fragment:
    """The last seq before a bound of PublicationDate."""
    assert isinstance(node.right, Literal)
    return Fragment(seq_before("<" if node.operator in _BEFORE_EQUALS else "<="), (node.right.value,))


_BEFORE_EQUALS = frozenset({Operator.GE, Operator.LT})
"""Where the products of the very date lie on the far side of the bound."""


def _published(bounds: Sequence[Comparison], seqs: Sequence[int]) -> tuple[int, int | None]:
    """The first and the last seq that bounds of PublicationDate leave."""
    from_below = [seq + 1 for node, seq in zip(bounds, seqs, strict=True) if node.operator in _LOWER]
    from_above = [seq for node, seq in zip(bounds, seqs, strict=True) if node.operator not in _LOWER]
    return max(from_below, default=1), min(from_above, default=None)


_LOWER = frozenset({Operator.GT, Operator.GE})


def of_page(scope: Scope, query: Query) -> Scope:
    """What is left of a list behind the position where a page in publication order begins."""
    if not query.in_publication_order or query.after is None:
        return scope
    seq = query.after.seq
    window = scope.window.cut(last=seq - 1) if query.newest_first else scope.window.cut(first=seq + 1)
    return replace(scope, window=window, size=min(scope.size, window.size(scope.last_seq)))


def skipped(scope: Scope, query: Query) -> Scope:
    """What is left of a list whose products are all of its window's, behind those that a page skips."""
    window = scope.window
    if query.newest_first:
        last = scope.last_seq if window.last is None else min(window.last, scope.last_seq)
        window = window.cut(last=last - query.skip)
    else:
        window = window.cut(first=window.first + query.skip)
    return replace(scope, window=window, size=max(0, scope.size - query.skip))


_NEAR = 20_000  # rows; a walk meets them in some 10 ms


def halved(scope: Scope, *, newest_first: bool) -> tuple[Scope, Scope | None]:
    """The part of a list that a walk meets first, and the rest of it, if any."""
    if scope.size <= _NEAR:
        return scope, None
    window = scope.window
    if newest_first:
        last = scope.last_seq if window.last is None else window.last
        return within_ends(scope, last - _NEAR + 1, None), within_ends(scope, 1, last - _NEAR)
    return within_ends(scope, 1, window.first + _NEAR - 1), within_ends(scope, window.first + _NEAR, None)


def within_ends(scope: Scope, first: int, last: int | None) -> Scope:
    """The part of a list between two numbers."""
    return replace(scope, window=scope.window.cut(first, last))
