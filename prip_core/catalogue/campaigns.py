"""Campaigns as the catalogue knows them: products whose attribute ``campaign`` has one value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from prip_core.catalogue.attributes import Kind
from prip_core.catalogue.database import Database
from prip_core.catalogue.fragments import Fragment, enclosed
from prip_core.catalogue.products import Products
from prip_core.catalogue.states import ProductState
from prip_core.catalogue.tables import Product
from prip_core.catalogue.terms import Posted
from prip_core.odata.ast import Node
from prip_core.odata.options import Query
from prip_core.odata.parse import parse_filter
from prip_core.times import format_utc, from_milliseconds

_AT_ONCE = 300
_SUFFIX = re.compile(r"(\.[A-Za-z][A-Za-z0-9]*)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many products of a campaign were ever published, those evicted or withdrawn since among them.

    :param first: when the first was published, UTC; ``None``: none was.
    :param last: when the last one was.
    :param recent: how many of them after the moment that was asked for.
    """

    published: int
    first: datetime | None
    last: datetime | None
    recent: int


class Campaigns:
    """What was published of campaigns. Everything here may raise ``CatalogueUnavailable``."""

    def __init__(self, database: Database, products: Products) -> None:
        self._database = database
        self._products = products
        self._searching = database.searching()

    def names(self) -> Sequence[str]:
        """All campaigns of which anything was ever published, in order."""
        dialect = self._searching.dialect
        column = dialect.value_column(Kind.STRING)
        sql = (
            f"SELECT v.{column} FROM attribute_name AS n {dialect.JOINING} attribute_value AS v "  # noqa: S608  # ours
            f"ON v.name_id = n.name_id AND v.kind = {int(Kind.STRING)} WHERE n.name = ? ORDER BY 1"
        )
        return [name for (name,) in self._database.rows_of(sql, ("campaign",))]

    def tally(self, name: str, since: datetime) -> Tally:
        """Count a campaign's products, by the index of attributes: none of them is read.

        :param since: what was published after this moment is counted apart.
        """
        posted = self._posted(name)
        if posted is None:
            return Tally(published=0, first=None, last=None, recent=0)
        query = Product.select(Product.seq, Product.publication_date).where(
            Product.seq.in_([posted.first_seq, posted.last_seq])
        )
        dates = {seq: from_milliseconds(date) for seq, date in self._database.rows(query)}
        recent = _filter(name, f" and PublicationDate gt {format_utc(since)}")
        page = self._products.page(Query(filter=recent, top=0, count=True), list_evicted=True)
        return Tally(
            published=posted.count,
            first=dates[posted.first_seq],
            last=dates[posted.last_seq],
            recent=page.total or 0,
        )

    def volume(self, name: str) -> int:
        """The bytes of all products of a campaign; each is looked at, so that it takes a second for a million."""
        posted = self._posted(name)
        if posted is None:
            return 0
        (source,) = self._searching.sources(posted)
        question = (
            Fragment("SELECT coalesce(sum(p.content_length), 0) FROM")
            + enclosed(source.select())
            + Fragment(f"AS s {self._searching.dialect.JOINING} product AS p ON p.seq = s.seq")
        )
        ((total,),) = self._database.rows_of(question.text, question.values)
        return int(total)

    def absent(self, names: Sequence[str]) -> Iterator[str]:
        """Those of some names under which nothing was published that was not withdrawn, in their order.

        :param names: of products, with or without suffix.
        """
        waiting = iter(names)
        while some := list(islice(waiting, _AT_ONCE)):
            present = self._present(some)
            yield from (name for name in some if name not in present)

    def _present(self, names: Sequence[str]) -> set[str]:
        wanted = ", ".join(["(?)"] * len(names))
        joining = self._searching.dialect.JOINING
        joined = f"SELECT k.name, p.name FROM k {joining} product AS p ON p.state <> ? AND"  # noqa: S608  # SQL of ours
        sql = (
            f"WITH k (name) AS (VALUES {wanted}) {joined} p.name = k.name "  # places
            # All names that begin with a name and a dot lie between that and the name with the sign behind the dot.
            f"UNION ALL {joined} p.name >= k.name || '.' AND p.name < k.name || '{chr(ord('.') + 1)}'"
        )
        withdrawn = ProductState.WITHDRAWN.value
        rows = self._database.rows_of(sql, (*names, withdrawn, withdrawn))
        return {wanted for wanted, name in rows if _SUFFIX.fullmatch(name.removeprefix(wanted))}

    def _posted(self, name: str) -> Posted | None:
        node = self._searching.dictionary.resolved(_filter(name), 0)
        return node if isinstance(node, Posted) else None


def _filter(name: str, more: str = "") -> Node:
    value = name.replace("'", "''")
    type_ = "OData.CSC.StringAttribute"
    return parse_filter(f"Attributes/{type_}/any(a:a/Name eq 'campaign' and a/{type_}/Value eq '{value}'){more}")
