"""Indexes that find the products of a condition: what each would be asked, and what is known of its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prip_core.catalogue.database import Database
from prip_core.catalogue.fragments import Fragment, enclosed, joined
from prip_core.catalogue.terms import Posted
from prip_core.odata.ast import And, Node, Or

MOST_TO_SORT = 10_000
"""Rows that an index may find to be sorted: some 10 ms. A walk that meets more matches than these reaches the end of
its page as fast, unless all of them lie at the far end."""

_UNCOUNTED = 1 << 62


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """An index and a question to it.

    :param nodes: the conditions whose products it gives, all of them; others may be among them.
    :param tables: what stands behind FROM: something called ``s``, or the product itself (``p``).
    :param where: what stands behind WHERE.
    :param seq: the term for a product's number.
    :param rows: how many rows it gives, at the most; ``None``: unknown.
    :param exact: what it gives are the products of ``nodes`` and no others.
    :param once: no product comes twice.
    :param in_order: it is read in the order of ``seq``, or in reverse, without sorting.
    :param collects: it gives its rows at once; otherwise it walks along rows that it leaves out.
    :param guess: how many rows it may give, where that is estimated and has been already.
    :param estimated: counting its rows takes as long as reading them all; a database that estimates them had better.
    """

    nodes: tuple[Node, ...]
    tables: Fragment
    where: Fragment
    seq: str
    rows: int | None = None
    exact: bool = False
    once: bool = False
    in_order: bool = False
    collects: bool = True
    estimated: bool = False
    guess: int | None = None

    @property
    def of_product(self) -> bool:
        """It is the product that is read: an index of its columns."""
        return self.tables.text == "product AS p"

    def select(self, window: Window | None = None) -> Fragment:
        """The question for the numbers of the products within a window."""
        start = Fragment(f"SELECT {self.seq} AS seq FROM") + self.tables
        return start + Fragment("WHERE") + self.condition(window)

    def condition(self, window: Window | None) -> Fragment:
        """What stands behind WHERE, within a window."""
        return joined(" AND ", [self.where, *(window.bounds(self.seq) if window else ())])


@dataclass(frozen=True, slots=True)
class Window:
    """A range of ``seq``, both ends included.

    :param last: ``None``: open; products that come meanwhile are welcome.
    """

    first: int = 1
    last: int | None = None

    def bounds(self, seq: str) -> list[Fragment]:
        """The conditions that a number lies inside; none where all do."""
        found = [Fragment(f"{seq} >= ?", (self.first,))] if self.first > 1 else []
        return found if self.last is None else [*found, Fragment(f"{seq} <= ?", (self.last,))]

    def cut(self, first: int = 1, last: int | None = None) -> Window:
        """What of it lies in another one."""
        ends = [end for end in (self.last, last) if end is not None]
        return Window(max(self.first, first), min(ends) if ends else None)

    def size(self, last_seq: int) -> int:
        """How many products can lie in it.

        :param last_seq: the number of the newest product.
        """
        end = last_seq if self.last is None else min(self.last, last_seq)
        return max(0, end - self.first + 1)


def span(node: Node) -> Window:
    """Where the products of a condition can lie, as far as the dictionary said."""
    match node:
        case Posted():
            return Window(node.first_seq, node.last_seq)
        case And():
            window = Window()
            for operand in node.operands:
                inner = span(operand)
                window = window.cut(inner.first, inner.last)
            return window
        case Or():
            spans = [span(operand) for operand in node.operands]
            ends = [each.last for each in spans]
            known = [end for end in ends if end is not None]
            return Window(min(each.first for each in spans), max(known) if len(known) == len(ends) else None)
        case _:
            return Window()


def united(node: Or, sources: Sequence[Source]) -> Source:
    """The source of alternatives, from one source of each."""
    known = [source.rows for source in sources]
    counts = [rows for rows in known if rows is not None]
    return Source(
        nodes=(node,),
        tables=enclosed(joined(" UNION ALL ", [source.select() for source in sources])) + Fragment("AS s"),
        where=Fragment("1 = 1"),
        seq="s.seq",
        rows=sum(counts) if len(counts) == len(known) else None,
        estimated=any(source.estimated for source in sources),
    )


def best_of(sources: Sequence[Source]) -> Source | None:
    """The one that gives the fewest rows, as far as that is known."""
    return min(sources, key=lambda source: (source.rows is None, source.rows or 0), default=None)


def source_of_any(node: Or, sources_of: Callable[[Sequence[Node]], Sequence[Source]]) -> Source | None:
    """A source of alternatives, where each of them has one."""
    found: list[Source] = []
    for operand in node.operands:
        best = best_of(sources_of(operand.operands if isinstance(operand, And) else (operand,)))
        if best is None:
            return None
        found.append(best)
    return united(node, found)


def counted(database: Database, sources: Sequence[Source], window: Window, few: int) -> Sequence[int]:
    """How many rows indexes give, each counted up to the most that are sorted; one statement for all.

    :param few: more rows of a column's index are not counted.
    :returns: of one that was not counted to its end, a number beyond all.
    """
    limits = [few if source.of_product else MOST_TO_SORT for source in sources]
    counts = [
        enclosed(Fragment("SELECT count(*) FROM") + enclosed(_some_rows(source, window, limit)) + Fragment("AS w"))
        for source, limit in zip(sources, limits, strict=True)
    ]
    question = Fragment("SELECT") + joined(", ", counts)
    (found,) = database.rows_of(question.text, question.values)
    return [rows if rows <= limit else _UNCOUNTED for rows, limit in zip(found, limits, strict=True)]


def _some_rows(source: Source, window: Window, most: int) -> Fragment:
    return source.select(window) + Fragment("LIMIT ?", (most + 1,))
