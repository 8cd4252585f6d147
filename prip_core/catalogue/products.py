"""Reading products: one by its Id or name, and pages of the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

import orjson

from prip_core.catalogue.answers import ANSWER_COLUMNS, Answers, ProductRow
from prip_core.catalogue.database import Database, Row
from prip_core.catalogue.keysets import position_of
from prip_core.catalogue.pages import PageReader
from prip_core.catalogue.states import ProductState
from prip_core.catalogue.tables import Document, Product, StoredChecksum, StoredFinding
from prip_core.clock import Clock
from prip_core.model import Checksum, Finding, Severity
from prip_core.odata.options import Query
from prip_core.odata.positions import Position
from prip_core.times import from_milliseconds, to_milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A part of the list.

    :param rows: at most as many as were asked for, in the order that was asked for.
    :param total: the number of all matches; ``None`` when it was not asked for.
    :param more: there are more matches behind these.
    :param after: position of the last row, where there are more; ``None`` where the order has no positions.
    """

    rows: Sequence[ProductRow]
    total: int | None
    more: bool
    after: Position | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CataloguedProduct:
    """A product as the program's other parts see it; dates in UTC, milliseconds.

    :param storage: the name of the storage that keeps its bytes; empty when they were never here.
    :param key: where they lie there; empty when they were never here.
    :param checksums: digests of the delivered file, the MD5 first.
    :param quicklooks: keys of its pictures in the same storage.
    :param deletion_date: when it left the list; ``None`` while it is online, or where that is not known.
    :param deletion_cause: why it left the list, as clients read it.
    :param parent: the name of the product that it belongs to, without suffix.
    """

    id: UUID
    name: str
    product_type: str
    mission: str
    content_type: str
    content_length: int
    online: bool
    state: ProductState
    storage: str
    key: str
    checksums: tuple[Checksum, ...]
    origin_date: datetime
    publication_date: datetime
    modification_date: datetime
    eviction_date: datetime
    quicklooks: tuple[str, ...]
    deletion_date: datetime | None
    deletion_cause: str | None
    parent: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """What is kept of a product and told to no client.

    :param origin_estimated: its OriginDate comes from a rule, not from the chain.
    :param findings: what the quality rules said of it.
    """

    origin_estimated: bool
    findings: Sequence[Finding]


_FACTS = (
    Product.seq,
    Product.deletion_date,
    Product.deletion_cause,
    Product.parent,
    Product.id,
    Product.name,
    Product.product_type,
    Product.mission,
    Product.content_type,
    Product.content_length,
    Product.online,
    Product.state,
    Product.storage,
    Product.key,
    Product.origin_date,
    Product.publication_date,
    Product.modification_date,
    Product.eviction_date,
)

_NAMES_AT_ONCE = 500


class Products:
    """The catalogue's products, for reading. Everything here may raise ``CatalogueUnavailable``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        # Asked for every product and download; writing SQL takes longer than running it.
        self._searching = database.searching()
        self._whole = Answers(self._searching.documents, frozenset({"Attributes", "Quicklooks"}))
        self._row = f"{self._whole.columns().text} WHERE p.id = ?"
        self._find, _ = database.written(Product.select(*_FACTS).where(Product.id == b""))
        self._checksums_of, self._md5_first = _checksum_question(database)

    def page(self, query: Query, *, list_evicted: bool = False, now: datetime | None = None) -> Page:
        """What an answer to a query of the list is joined from.

        :param list_evicted: products that are not online belong to the list even when the filter says nothing of them.
        :param now: the time of the request; ``None``: this moment.
        :raises BadQuery: the filter is nested too deeply.
        """
        moment = to_milliseconds(now or self._clock.now())
        answers = Answers(self._searching.documents, query.expand)
        rows, total = PageReader(self._searching, query, answers, list_evicted=list_evicted, now=moment).read()
        more = len(rows) > query.top
        last = rows[query.top - 1] if more and query.top else None
        return Page(
            rows=[answers.row(row) for row in rows[: query.top]],
            total=total,
            more=more,
            after=None if last is None else position_of(query, last[0], last[ANSWER_COLUMNS:]),
        )

    def row(self, uuid: UUID) -> ProductRow | None:
        """What the answer about one product is joined from, online or not; ``None``: there is none of this Id."""
        rows = self._database.rows_of(self._row, (uuid.bytes,))
        return self._whole.row(rows[0]) if rows else None

    def by_name(
        self, names: Sequence[str], expand: frozenset[str], *, list_evicted: bool = False
    ) -> Mapping[str, Sequence[ProductRow]]:
        """What the answers about products of these names are joined from, by name, each in order of publication.

        :param expand: as of :class:`~prip_core.odata.options.Query`.
        :param list_evicted: as of :meth:`page`.
        """
        answers = Answers(self._searching.documents, expand)
        # Nothing but the names, and no order: a database that saw more could walk along something else.
        question = answers.columns(["p.name"]).text
        found: dict[str, list[ProductRow]] = {}
        for start in range(0, len(names), _NAMES_AT_ONCE):
            some = names[start : start + _NAMES_AT_ONCE]
            places = ", ".join("?" * len(some))
            for row in self._database.rows_of(f"{question} WHERE p.name IN ({places})", some):
                answer = answers.row(row)
                if answer.online or list_evicted:
                    found.setdefault(row[-1], []).append(answer)
        return {name: sorted(rows, key=attrgetter("seq")) for name, rows in found.items()}

    def find(self, uuid: UUID) -> CataloguedProduct | None:
        """One product, online or not; ``None``: there is none of this Id."""
        rows = self._database.rows_of(self._find, (uuid.bytes,))
        return self._catalogued(rows[0]) if rows else None

    def named(self, name: str) -> Sequence[CataloguedProduct]:
        """All products of a name, in order of publication; at most one of them is online."""
        query = Product.select(*_FACTS).where(Product.name == name).order_by(Product.seq)
        return [self._catalogued(row) for row in self._database.rows(query)]

    def last_publication(self) -> datetime | None:
        """When a product was published last, UTC; ``None``: none ever was. Later changes of it do not count."""
        query = Product.select(Product.publication_date).order_by(Product.seq.desc()).limit(1)
        row = self._database.row(query)
        return None if row is None else from_milliseconds(row[0])

    def findings(self, uuid: UUID) -> Sequence[Finding]:
        """What the quality rules said of a product."""
        query = (
            StoredFinding.select(
                StoredFinding.rule, StoredFinding.severity, StoredFinding.message, StoredFinding.member
            )
            .join(Product, on=(Product.seq == StoredFinding.seq))
            .where(Product.id == uuid.bytes)
            .order_by(StoredFinding.position)
        )
        return [_finding(row) for row in self._database.rows(query)]

    def untold(self, seqs: Sequence[int]) -> Mapping[int, Untold]:
        """What no client is told of products, by their ``seq``; nothing of those of which nothing is kept.

        :param seqs: of a page, at the most.
        """
        estimated = Product.select(Product.seq).where(Product.seq.in_(seqs) & (Product.origin_estimated == 1))
        ours = {seq for (seq,) in self._database.rows(estimated)}
        columns = (StoredFinding.rule, StoredFinding.severity, StoredFinding.message, StoredFinding.member)
        query = StoredFinding.select(StoredFinding.seq, *columns).where(StoredFinding.seq.in_(seqs))
        findings: defaultdict[int, list[Finding]] = defaultdict(list)
        for seq, *finding in self._database.rows(query.order_by(StoredFinding.seq, StoredFinding.position)):
            findings[seq].append(_finding(finding))
        return {
            seq: Untold(origin_estimated=seq in ours, findings=findings.get(seq, ())) for seq in ours | findings.keys()
        }

    def _catalogued(self, row: Row) -> CataloguedProduct:
        seq, deleted, cause, parent, uuid, name, *facts = row
        product_type, mission, content_type, content_length, online, state, storage, key, *dates = facts
        origin, publication, modification, eviction = map(from_milliseconds, dates)
        return CataloguedProduct(
            id=UUID(bytes=uuid),
            name=name,
            product_type=product_type,
            mission=mission,
            content_type=content_type,
            content_length=content_length,
            online=bool(online),
            state=ProductState(state),
            storage=storage,
            key=key,
            checksums=self._checksums(seq),
            origin_date=origin,
            publication_date=publication,
            modification_date=modification,
            eviction_date=eviction,
            quicklooks=self._quicklooks(seq),
            deletion_date=None if deleted is None else from_milliseconds(deleted),
            deletion_cause=cause,
            parent=parent,
        )

    def _quicklooks(self, seq: int) -> tuple[str, ...]:
        row = self._database.row(Document.select(Document.quicklooks).where(Document.seq == seq))
        return tuple(orjson.loads(row[0])) if row and row[0] else ()

    def _checksums(self, seq: int) -> tuple[Checksum, ...]:
        text = self._database.digest_text
        rows = self._database.rows_of(self._checksums_of, (seq, *self._md5_first))
        return tuple(
            Checksum(algorithm=algorithm, value=text(value), date=from_milliseconds(date))
            for algorithm, value, date in rows
        )


def _finding(row: Sequence[Any]) -> Finding:
    rule, severity, message, member = row
    return Finding(rule=rule, severity=Severity(severity), message=message, member=member)


def _checksum_question(database: Database) -> tuple[str, Sequence[Any]]:
    """SQL for the checksums of a ``seq``, its first parameter; and the parameters behind that."""
    query = (
        StoredChecksum.select(StoredChecksum.algorithm, StoredChecksum.value, StoredChecksum.date)
        .where(StoredChecksum.seq == 0)
        .order_by(StoredChecksum.algorithm != "MD5", StoredChecksum.algorithm)
    )
    sql, (_, *behind) = database.written(query)
    return sql, behind
