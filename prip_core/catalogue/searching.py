"""What reading the product list needs of a database, made once for all questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from prip_core.catalogue.database import Database
from prip_core.catalogue.dialect import Dialect
from prip_core.catalogue.dictionary import Dictionary
from prip_core.catalogue.documents import Documents
from prip_core.catalogue.filters import Filter
from prip_core.catalogue.fragments import Fragment, joined
from prip_core.catalogue.normal_form import conjuncts
from prip_core.catalogue.sources import Source, Window, counted
from prip_core.odata.ast import Node


@dataclass(frozen=True, slots=True)
class Searching:
    """How a database is searched.

    :param sources: the indexes of a single condition that are no column's.
    :param counts: how many rows some indexes give within a window, as far as that can be known quickly; see
        :func:`~prip_core.catalogue.sources.counted`.
    """

    database: Database
    dialect: Dialect
    dictionary: Dictionary
    documents: Documents
    sources: Callable[[Node], list[Source]]
    counts: Callable[[Database, Sequence[Source], Window, int], Sequence[int]] = counted

    def condition(self, tree: Node, now: int) -> Fragment:
        """A whole filter as one condition on ``product AS p``, at this moment.

        :param now: the time of the request, milliseconds.
        :raises BadQuery: the filter is nested too deeply.
        """
        nodes = conjuncts(self.dictionary.resolved(tree, now))
        written = Filter(self.dialect, now, frozenset())
        return joined(" AND ", [Fragment("1 = 1"), *map(written.condition, nodes)])
